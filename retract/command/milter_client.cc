// SPDX-License-Identifier: Apache-2.0
#include "retract/command/milter_client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace clawback {
namespace {

using namespace std::string_view_literals;

// Sendmail's mfdef.h, version 6 of the protocol: what a mail server may offer, and what
// clawback-milter must take of it so that only MAIL, RCPT and the end are answered.
constexpr std::uint32_t kVersion = 6;
constexpr std::uint32_t kActions = 0x1FF;
constexpr std::uint32_t kSteps = 0x1FFFFF;
constexpr std::uint32_t kUnanswered = 0x1000 | 0x2000 | 0x80 | 0x40000 | 0x80000;
constexpr std::size_t kChunk = 65535;
constexpr std::size_t kMaxPacket = 1UL << 20;
// Above any milter.answer_within.
constexpr timeval kPatience{120, 0};

Error Away(std::string_view what) {
  return {ErrorKind::kTransient, fmt::format("{}: {}", what, std::strerror(errno))};
}

std::string Big32(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
  return bytes;
}

std::uint32_t FromBig32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes.substr(0, 4)) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

struct Packet {
  char kind = 0;
  std::string data;
};

class Connection {
 public:
  static Result<Connection> Open(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
      return Error{ErrorKind::kInvalid, path + ": too long for a socket"};
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return Away("socket");
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    const auto* where = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(fd.get(), where, sizeof address) != 0) return Away(path);
    return Connection(std::move(fd));
  }

  Status Send(char command, std::string_view data) {
    const std::string head = Big32(static_cast<std::uint32_t>(data.size() + 1)) + command;
    if (Status sent = SendAll(head); !sent.ok()) return sent;
    return SendAll(data);
  }

  // The next packet that is an answer.
  Result<Packet> Receive() {
    while (true) {
      Result<std::string> size = ReceiveAll(4);
      if (!size) return size.error();
      const std::uint32_t bytes = FromBig32(*size);
      if (bytes == 0 || bytes > kMaxPacket) return Nonsense();
      Result<std::string> data = ReceiveAll(bytes);
      if (!data) return data.error();
      if ((*data)[0] == 'p') continue;  // it is still at work
      return Packet{(*data)[0], data->substr(1)};
    }
  }

  static Error Nonsense() { return {ErrorKind::kTransient, "no clawback-milter answers there"}; }

 private:
  explicit Connection(FileDescriptor fd) : fd_(std::move(fd)) {}

  Status SendAll(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return Away("the milter's connection");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
  }

  Result<std::string> ReceiveAll(std::size_t bytes) {
    std::string data(bytes, '\0');
    for (std::size_t at = 0; at < bytes;) {
      const ssize_t got = ::recv(fd_.get(), data.data() + at, bytes - at, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Away("the milter's connection");
      if (got == 0) return Error{ErrorKind::kTransient, "the milter closed the connection"};
      at += static_cast<std::size_t>(got);
    }
    return data;
  }

  FileDescriptor fd_;
};

Status Negotiate(Connection* connection) {
  const std::string offer = Big32(kVersion) + Big32(kActions) + Big32(kSteps);
  if (Status sent = connection->Send('O', offer); !sent.ok()) return sent;
  const Result<Packet> answer = connection->Receive();
  if (!answer) return answer.error();
  const bool usable =
      answer->kind == 'O' && answer->data.size() >= 12 &&
      (FromBig32(std::string_view(answer->data).substr(8)) & kUnanswered) == kUnanswered;
  return usable ? Status() : Status(Connection::Nonsense());
}

Status Greet(Connection* connection, const Replay& replay) {
  if (Status sent = connection->Send('C', "replay\0U"sv); !sent.ok()) return sent;
  std::string macros = "H";
  macros.append("{clawback_replay}\0"sv).append(replay.by) += '\0';
  if (replay.stamps_vouched_for) macros.append("{clawback_stamps}\0vouched-for\0"sv);
  if (Status sent = connection->Send('D', macros); !sent.ok()) return sent;
  return connection->Send('H', "replay\0"sv);
}

// Sends a step that is answered; anything but expected is an error in its words.
Status Step(Connection* connection, char command, std::string_view data, char expected) {
  if (Status sent = connection->Send(command, data); !sent.ok()) return sent;
  const Result<Packet> answer = connection->Receive();
  if (!answer) return answer.error();
  if (answer->kind == expected) return {};
  const std::string text = answer->data.substr(0, answer->data.find('\0'));
  const bool final = answer->kind == 'r' || (answer->kind == 'y' && text.rfind('5', 0) == 0);
  return Error{final ? ErrorKind::kRefused : ErrorKind::kTransient,
               text.empty() ? "the milter did not take it" : text};
}

}  // namespace

Status ReplayReport(const std::string& socket, const Replay& replay, std::string_view report) {
  Result<Connection> connection = Connection::Open(socket);
  if (!connection) return connection.error();
  if (Status ready = Negotiate(&*connection); !ready.ok()) return ready;
  if (Status greeted = Greet(&*connection, replay); !greeted.ok()) return greeted;
  if (Status mail = Step(&*connection, 'M', "<>\0"sv, 'c'); !mail.ok()) return mail;
  std::string recipient = "<" + replay.service_address + ">";
  recipient += '\0';
  if (Status taken = Step(&*connection, 'R', recipient, 'c'); !taken.ok()) return taken;
  // All of it as body: to the milter a report is bytes, and its header is not ours to cut.
  for (std::size_t at = 0; at < report.size(); at += kChunk) {
    if (Status sent = connection->Send('B', report.substr(at, kChunk)); !sent.ok()) {
      return sent;
    }
  }
  Status settled = Step(&*connection, 'E', "", 'd');
  static_cast<void>(connection->Send('Q', ""));
  return settled;
}

}  // namespace clawback
