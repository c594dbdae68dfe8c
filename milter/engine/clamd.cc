// SPDX-License-Identifier: Apache-2.0
// clamd(8): version and scan in one session (zIDSESSION), the bytes in one chunk
// (zINSTREAM). INSTREAM and not FILDES, because clamd passes over a file that is too large
// for it and calls it OK, but says so of a stream; and because a clamd under AppArmor or in
// a container is not let read a file that is none of its own.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "milter/engine/conversation.h"

namespace clawback {
namespace {

constexpr std::size_t kCap = 64UL << 10;
constexpr std::string_view kCommands("zIDSESSION\0zVERSION\0zINSTREAM\0", 30);
constexpr std::string_view kVersionReply = "1: ";
constexpr std::string_view kScanReply = "2: ";
constexpr std::string_view kOk = "stream: OK";
constexpr std::string_view kFoundBefore = "stream: ";
constexpr std::string_view kFoundAfter = " FOUND";
constexpr std::string_view kErrorAfter = " ERROR";

bool BeginsWith(std::string_view text, std::string_view front) {
  return text.substr(0, front.size()) == front;
}
bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Replies end in NUL and begin with the number of their command; the order is clamd's.
class Replies {
 public:
  // True: the scan's reply has come, which is what is waited for.
  bool Take(std::string_view fresh) {
    for (const char c : fresh) {
      if (c != '\0') {
        open_.push_back(c);
        continue;
      }
      Close();
    }
    return !scan_.empty() && !version_.empty();
  }

  EngineAnswer Answer() const {
    EngineAnswer answer{.engine = std::string(kClamd), .outcome = EngineOutcome::kAnswered};
    answer.version = version_;
    if (!second_.empty()) {
      answer.outcome = EngineOutcome::kUnavailable;
      answer.detail = "two answers: " + scan_ + "; " + second_;
      return answer;
    }
    if (scan_ == kOk) return answer;
    if (BeginsWith(scan_, kFoundBefore) && EndsWith(scan_, kFoundAfter)) {
      answer.signatures.push_back(scan_.substr(
          kFoundBefore.size(), scan_.size() - kFoundBefore.size() - kFoundAfter.size()));
      return answer;
    }
    answer.outcome =
        EndsWith(scan_, kErrorAfter) ? EngineOutcome::kRefused : EngineOutcome::kUnavailable;
    answer.detail =
        (answer.outcome == EngineOutcome::kRefused ? "" : "no answer of clamd's: ") + scan_;
    return answer;
  }

 private:
  void Close() {
    const std::string reply = std::exchange(open_, {});
    if (version_.empty() && BeginsWith(reply, kVersionReply)) {
      version_ = reply.substr(kVersionReply.size());
    } else if (scan_.empty()) {
      // Without its number, an error that ended the session.
      scan_ = BeginsWith(reply, kScanReply) ? reply.substr(kScanReply.size()) : reply;
      if (version_.empty()) version_ = "unknown";
    } else {
      second_ = reply;  // nobody asked for one: which of them is about this message?
    }
  }

  std::string open_, version_, scan_, second_;
};

class Clamd final : public Engine {
 public:
  explicit Clamd(EngineSettings settings) : settings_(std::move(settings)) {}
  std::string_view name() const override { return kClamd; }
  bool unpacks_reports() const override { return true; }

  EngineAnswer Ask(std::string_view bytes, EngineDeadline deadline) const override {
    EngineAnswer answer{.engine = std::string(kClamd)};
    if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) {
      answer.outcome = EngineOutcome::kRefused;
      answer.detail = "over 4 GiB";
      return answer;
    }
    std::array<char, 4> length{};
    const std::uint32_t size = htonl(static_cast<std::uint32_t>(bytes.size()));
    std::memcpy(length.data(), &size, sizeof size);
    const std::string_view end("\0\0\0\0", 4);
    // A chunk of no length is the end already.
    std::vector<std::string_view> pieces = {kCommands};
    if (!bytes.empty()) pieces.insert(pieces.end(), {{length.data(), length.size()}, bytes});
    pieces.push_back(end);
    Replies replies;
    const Status asked = Converse(
        settings_, pieces, [&](std::string_view fresh) { return replies.Take(fresh); }, kCap,
        deadline);
    if (asked) return replies.Answer();
    answer.detail = asked.error().what;
    return answer;
  }

 private:
  const EngineSettings settings_;
};

}  // namespace

std::unique_ptr<Engine> MakeClamd(EngineSettings settings) {
  return std::make_unique<Clamd>(std::move(settings));
}

}  // namespace clawback
