// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/worker/asked.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "policy/judge/report_bytes.h"

namespace clawback {
namespace {

// One recvmsg on the socket; descriptors that come with it are added to *descriptors.
ssize_t ReceiveSome(std::span<char> out, std::vector<FileDescriptor>* descriptors) {
  iovec piece{out.data(), out.size()};
  msghdr message{};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))];
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got;
  do {
    got = ::recvmsg(kJudgeSocket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  const cmsghdr* rights = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS) return got;
  const std::size_t count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t i = 0; i < count; ++i) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(rights) + i * sizeof fd, sizeof fd);
    descriptors->emplace_back(fd);
  }
  return got;
}

// At least the first least of out's bytes; how many there are then, nullopt where no more
// come.
std::optional<std::size_t> Receive(std::span<char> out, std::size_t least,
                                   std::vector<FileDescriptor>* descriptors) {
  std::size_t received = 0;
  while (received < least) {
    const ssize_t got = ReceiveSome(out.subspan(received), descriptors);
    if (got <= 0) return std::nullopt;
    received += static_cast<std::size_t>(got);
  }
  return received;
}

}  // namespace

std::optional<Asked> Asked::Await() {
  std::optional<Asked> asked(std::in_place);
  std::array<char, 16UL << 10> first;
  const auto got = Receive(first, sizeof(RequestHeader), &asked->descriptors_);
  if (!got) return std::nullopt;
  std::memcpy(&asked->header_, first.data(), sizeof(RequestHeader));
  asked->payload_.assign(first.data() + sizeof(RequestHeader), *got - sizeof(RequestHeader));
  return asked;
}

bool Asked::IsPlausible() const {
  const bool follows = ReportFollows();
  return header_.magic == kRequestMagic && header_.json_bytes <= kMaxRequestBytes &&
         (follows ? header_.message_bytes <= ReportBytes::kFew : header_.flags == kReportInFile) &&
         payload_.size() <= PayloadBytes() && header_.lists <= kMostJudgeLists &&
         descriptors_.size() == (follows ? 0 : 1) + header_.lists;
}

bool Asked::Complete() {
  const std::size_t came = payload_.size();
  payload_.resize(PayloadBytes());
  const std::span<char> rest = std::span(payload_).subspan(came);
  return Receive(rest, rest.size(), &descriptors_).has_value();
}

std::size_t Asked::PayloadBytes() const {
  return header_.json_bytes + (ReportFollows() ? header_.message_bytes : 0);
}

}  // namespace clawback
