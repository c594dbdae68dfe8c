// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/socket_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "retract/sidecar/answers.h"
#include "tests/retract/sidecar/bench_of_one.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;

FileDescriptor ConnectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  BOOST_REQUIRE_EQUAL(
      ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return socket;
}

void Send(const FileDescriptor& socket, std::string_view bytes) {
  (void)::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

// Up to the next line end; nullopt: the other side closed, or nothing for 20 s.
std::optional<std::string> ReadLine(const FileDescriptor& socket) {
  std::string line;
  while (true) {
    pollfd waiting{socket.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 20000) <= 0) return std::nullopt;
    char byte = 0;
    if (::recv(socket.get(), &byte, 1, 0) <= 0) return std::nullopt;
    if (byte == '\n') return line;
    line += byte;
  }
}

bool Closed(const FileDescriptor& socket) {
  pollfd waiting{socket.get(), POLLIN, 0};
  char byte = 0;
  return ::poll(&waiting, 1, 20000) > 0 && ::recv(socket.get(), &byte, 1, 0) <= 0;
}

const std::string kHelloLine = "{\"version\":1,\"operation\":\"hello\"}\n";

struct Bench : BenchOfOne {
  Bench() { options.path = folder / "retractd.sock"; }
  std::unique_ptr<SocketServer> Serve() {
    return Ok(
        SocketServer::Listen(options, [this](const ProtocolRequest& request, const Actor& who) {
          return Answer(request, who, {*ledger, [] {
                                         SidecarStatus status;
                                         status.relay = "us-east";
                                         status.version = "0.1.0";
                                         return status;
                                       }});
        }));
  }
  SocketServerOptions options;
};

std::string ErrorOf(const auto& result) { return result.ok() ? "no error" : result.error().what; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(socket_server, Bench)

BOOST_AUTO_TEST_CASE(the_client_gets_rows_stories_and_status) {
  Arm();
  const auto server = Serve();
  auto client = Ok(SidecarClient::Connect(options.path));
  const auto rows = Ok(client.Search({}));
  BOOST_REQUIRE_EQUAL(rows.size(), 1u);
  BOOST_TEST(rows[0].message_id == kId);
  const auto story = Ok(client.Story(rows[0].id));
  BOOST_REQUIRE_EQUAL(story.retractions.size(), 1u);
  BOOST_TEST(story.retractions[0].recipient == kAda);
  BOOST_TEST(story.record.judgement.fingerprint.subject == "Invoice");
  const auto status = Ok(client.AskStatus());
  BOOST_TEST(status.relay == "us-east");
  BOOST_TEST(status.version == "0.1.0");
  BOOST_TEST(status.counts.armed == 1);
}

BOOST_AUTO_TEST_CASE(an_error_of_the_ledger_reaches_the_client_and_the_connection_goes_on) {
  const auto server = Serve();
  auto client = Ok(SidecarClient::Connect(options.path));
  const auto story = client.Story(4711);
  BOOST_REQUIRE(!story.ok());
  BOOST_TEST((story.error().kind == ErrorKind::kNotFound));
  BOOST_TEST(Ok(client.Search({})).empty());
}

BOOST_AUTO_TEST_CASE(without_a_sidecar_the_client_says_so) {
  const auto absent = SidecarClient::Connect(options.path);
  BOOST_TEST(ErrorOf(absent).starts_with("clawback-retractd is not running? There is no socket"));
  {
    const FileDescriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, options.path.data(), options.path.size());
    BOOST_REQUIRE_EQUAL(::bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
                        0);
  }
  const auto refused = SidecarClient::Connect(options.path);
  BOOST_TEST(ErrorOf(refused).starts_with("clawback-retractd is not running? Nothing listens at"));
  BOOST_TEST(ErrorOf(SidecarClient::Connect(std::string(200, 'x'))).starts_with("socket path"));
}

BOOST_AUTO_TEST_CASE(another_version_is_refused_with_both_numbers) {
  const auto server = Serve();
  const FileDescriptor socket = ConnectTo(options.path);
  Send(socket, "{\"version\":2,\"operation\":\"hello\"}\n");
  const auto answer = ReadAnswerLine(ReadLine(socket).value());
  BOOST_TEST(ErrorOf(answer) ==
             "protocol version 2 was asked for, this clawback-retractd speaks 1: use programs of "
             "one release");
}

BOOST_AUTO_TEST_CASE(nonsense_is_answered_and_the_connection_goes_on) {
  const auto server = Serve();
  const FileDescriptor socket = ConnectTo(options.path);
  for (const std::string line : {"", "nonsense", "[]", "{\"version\":1}", "\xff\xfe",
                                 "{\"version\":1,\"operation\":\"drop.tables\"}",
                                 "{\"version\":1,\"operation\":\"trace.story\",\"arguments\":7}",
                                 "{\"version\":1e99,\"operation\":\"hello\"}"}) {
    Send(socket, line + "\n");
    const auto answer = ReadLine(socket);
    BOOST_REQUIRE(answer.has_value());
    BOOST_TEST(!ReadAnswerLine(*answer).ok(), line);
  }
  Send(socket, std::string(20000, '[') + "\n");
  BOOST_TEST(!ReadAnswerLine(ReadLine(socket).value()).ok());
  Send(socket, kHelloLine);
  BOOST_TEST(ReadAnswerLine(ReadLine(socket).value()).ok());
}

BOOST_AUTO_TEST_CASE(requests_sent_together_are_answered_in_their_order) {
  const auto server = Serve();
  const FileDescriptor socket = ConnectTo(options.path);
  Send(socket, kHelloLine + "{\"version\":1,\"operation\":\"no.such\"}\n" + kHelloLine);
  BOOST_TEST(ReadAnswerLine(ReadLine(socket).value()).ok());
  BOOST_TEST(ErrorOf(ReadAnswerLine(ReadLine(socket).value())) == "no such operation: no.such");
  BOOST_TEST(ReadAnswerLine(ReadLine(socket).value()).ok());
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_ends_the_connection) {
  const auto server = Serve();
  const FileDescriptor socket = ConnectTo(options.path);
  std::jthread sending([&] { Send(socket, std::string(kMaxRequestLine + 2, 'a')); });
  const auto answer = ReadLine(socket);
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(ErrorOf(ReadAnswerLine(*answer)) == "a request has at most 65536 bytes");
  BOOST_TEST(Closed(socket));
}

BOOST_AUTO_TEST_CASE(slow_and_silent_peers_do_not_hold_up_others) {
  const auto server = Serve();
  std::vector<FileDescriptor> slow;
  for (int i = 0; i < 16; ++i) {
    slow.push_back(ConnectTo(options.path));
    if (i % 2 == 0) Send(slow.back(), "{\"version\":1,\"oper");
  }
  auto client = Ok(SidecarClient::Connect(options.path));
  BOOST_TEST(Ok(client.Search({})).empty());
}

BOOST_AUTO_TEST_CASE(a_request_that_never_ends_is_cut_off) {
  options.request_within = 50ms;
  const auto server = Serve();
  const FileDescriptor half = ConnectTo(options.path);
  Send(half, "{\"version\":1,\"oper");
  BOOST_TEST(Closed(half));
}

BOOST_AUTO_TEST_CASE(a_peer_that_says_nothing_is_cut_off) {
  options.idle_for = 50ms;
  const auto server = Serve();
  BOOST_TEST(Closed(ConnectTo(options.path)));
}

BOOST_AUTO_TEST_CASE(a_peer_that_takes_no_answer_is_cut_off) {
  options.answer_within = 100ms;
  const auto server = Ok(SocketServer::Listen(options, [](const ProtocolRequest&, const Actor&) {
    return Result<std::string>("{\"x\":\"" + std::string(4 << 20, 'x') + "\"}");
  }));
  const FileDescriptor socket = ConnectTo(options.path);
  Send(socket, kHelloLine);
  // The end comes after what the socket's buffer held, without a line end.
  BOOST_TEST(!ReadLine(socket).has_value());
}

BOOST_AUTO_TEST_CASE(one_peer_too_many_is_told_and_room_comes_back) {
  options.peers = 2;
  const auto server = Serve();
  auto first = Ok(SidecarClient::Connect(options.path));
  {
    auto second = Ok(SidecarClient::Connect(options.path));
    const auto third = SidecarClient::Connect(options.path);
    BOOST_TEST(ErrorOf(third) == "too many connections to clawback-retractd");
  }
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  bool admitted = false;
  while (!admitted && std::chrono::steady_clock::now() < deadline) {
    admitted = SidecarClient::Connect(options.path).ok();
    if (!admitted) std::this_thread::sleep_for(20ms);
  }
  BOOST_TEST(admitted);
}

BOOST_AUTO_TEST_CASE(only_owner_and_group_may_connect) {
  const auto server = Serve();
  struct stat found {};
  BOOST_REQUIRE_EQUAL(::stat(options.path.c_str(), &found), 0);
  BOOST_TEST((found.st_mode & 07777) == 0660u);
}

BOOST_AUTO_TEST_CASE(a_dead_socket_is_replaced_a_live_one_and_a_file_are_not) {
  auto server = Serve();
  BOOST_TEST(ErrorOf(SocketServer::Listen(options, nullptr)) ==
             options.path + " is in use by another process: end it first, should it hang");
  server.reset();
  BOOST_TEST(!std::filesystem::exists(options.path));
  std::ofstream(options.path) << "precious";
  BOOST_TEST(ErrorOf(SocketServer::Listen(options, nullptr)) ==
             options.path + " is there and is no socket");
  BOOST_TEST(std::filesystem::exists(options.path));
}

BOOST_AUTO_TEST_CASE(stopping_ends_every_connection_at_once) {
  auto server = Serve();
  const FileDescriptor silent = ConnectTo(options.path);
  Send(silent, kHelloLine);
  BOOST_REQUIRE(ReadLine(silent).has_value());
  auto stopped = std::async(std::launch::async, [&] { server.reset(); });
  BOOST_TEST((stopped.wait_for(20s) == std::future_status::ready));
  BOOST_TEST(Closed(silent));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
