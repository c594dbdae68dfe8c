// SPDX-License-Identifier: Apache-2.0
// What the pool and a judge say to each other, over one Unix stream socket that the
// judge finds as descriptor kJudgeSocket. Both ends are of the same build on the
// same machine, so headers are plain structs in the machine's own byte order.
//
//   judge → pool   AnswerHeader(kGreetingMagic), no payload: prepared and confined
//   pool → judge   RequestHeader + JSON of a JudgeRequest + the report, if it is one of few
//                  bytes; on the header's bytes ride (SCM_RIGHTS) the sealed memfd of a
//                  larger report and those with the lists to look things up in
//   judge → pool   AnswerHeader(kAnswerMagic) + JSON of a Judgement
//
// One request at a time. The pool trusts nothing it reads: a wrong magic, a payload
// over its cap or bytes that nobody asked for end the judge. A judge ends by itself
// when the socket does, or after an answer that says kLastAnswer.
#ifndef CLAWBACK_POLICY_JUDGE_POOL_PROTOCOL_H_
#define CLAWBACK_POLICY_JUDGE_POOL_PROTOCOL_H_

#include <cstddef>
#include <cstdint>

#include "policy/judge/judgement.h"

namespace clawback {

inline constexpr int kJudgeSocket = 3;
// A sealed memfd with a learned model, where the pool has one: the judge maps it before
// it is confined.
inline constexpr int kJudgeModel = 4;
inline constexpr std::uint32_t kGreetingMagic = 0x314a4243;  // "CBJ1"
inline constexpr std::uint32_t kRequestMagic = 0x314a5152;
inline constexpr std::uint32_t kAnswerMagic = 0x314a5341;

// 100,000 recipients fit with room to spare.
inline constexpr std::size_t kMaxAnswerBytes = 64UL << 20;
inline constexpr std::size_t kMaxRequestBytes = 4UL << 20;

enum RequestFlags : std::uint32_t { kReportInFile = 0, kReportFollows = 1 };

struct RequestHeader {
  std::uint32_t magic = kRequestMagic;
  std::uint32_t json_bytes = 0;
  std::uint64_t message_bytes = 0;  // of the report, wherever it is
  std::uint64_t memory_beyond = 0;  // bytes the judge may use above message_bytes
  std::uint32_t cpu_ms = 0;         // processor time for this message
  std::uint32_t lists = 0;          // how many descriptors follow the report's
  std::uint32_t flags = kReportInFile;
  std::uint32_t reserved = 0;
  std::uint64_t list_bytes[kMostJudgeLists] = {};
  std::uint64_t list_ids[kMostJudgeLists] = {};  // ListIndex::id: the same lists, the same id
};
static_assert(sizeof(RequestHeader) == 104);
inline constexpr std::size_t kMostDescriptors = 1 + kMostJudgeLists;

enum AnswerFlags : std::uint32_t { kMoreAnswers = 0, kLastAnswer = 1 };

struct AnswerHeader {
  std::uint32_t magic = kAnswerMagic;
  std::uint32_t json_bytes = 0;
  std::uint32_t flags = kMoreAnswers;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(AnswerHeader) == 16);

// Exit statuses of a judge; any signal is a death of its own kind.
enum JudgeExit : int {
  kJudgeDone = 0,         // the socket ended, or the last answer was given
  kJudgeMisused = 2,      // not started by a pool
  kJudgeCannotStart = 3,  // preparing or confining failed; standard error says why
  kJudgeOutOfMemory = 4,  // the memory limit was hit
  kJudgeProtocol = 5,     // the pool said something that is not this protocol
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_POOL_PROTOCOL_H_
