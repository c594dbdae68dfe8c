// SPDX-License-Identifier: Apache-2.0
// One request as it came over the socket.
#ifndef CLAWBACK_POLICY_JUDGE_WORKER_ASKED_H_
#define CLAWBACK_POLICY_JUDGE_WORKER_ASKED_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/c_handle.h"
#include "policy/judge/pool/protocol.h"

namespace clawback {

class Asked {
 public:
  // Waits for the next request on kJudgeSocket; nullopt once the pool is gone. What follows
  // its header is there as far as it came at once: most requests are short.
  static std::optional<Asked> Await();
  // Whether the header can be one of the pool's, and brought the descriptors it speaks of.
  bool IsPlausible() const;
  // Waits for the rest; false if the pool is gone. Of a plausible one only.
  bool Complete();

  const RequestHeader& header() const { return header_; }
  // Of a complete one.
  std::string_view json() const { return std::string_view(payload_).substr(0, header_.json_bytes); }
  bool ReportFollows() const { return header_.flags == kReportFollows; }
  // Where it follows.
  std::string_view report() const { return std::string_view(payload_).substr(header_.json_bytes); }
  // Where it does not.
  int report_file() const { return descriptors_.front().get(); }
  std::span<const FileDescriptor> lists() const {
    return std::span(descriptors_).subspan(ReportFollows() ? 0 : 1);
  }

 private:
  std::size_t PayloadBytes() const;

  RequestHeader header_;
  std::string payload_;  // the JSON, then the report where it follows
  std::vector<FileDescriptor> descriptors_;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_WORKER_ASKED_H_
