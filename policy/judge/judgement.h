// SPDX-License-Identifier: Apache-2.0
// What a judge answers about one report or message, and what it is asked. These
// values, as JSON, are the judge protocol's payload, and the judgement is kept as
// it is in the segment and in the trace.
#ifndef CLAWBACK_POLICY_JUDGE_JUDGEMENT_H_
#define CLAWBACK_POLICY_JUDGE_JUDGEMENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"
#include "policy/engine_answer.h"
#include "policy/journal/journal_report.h"
#include "policy/lists/list_index.h"
#include "policy/message/fingerprint.h"
#include "policy/message/hunt_features.h"
#include "policy/model/features.h"
#include "policy/model/linear_model.h"
#include "policy/verdict.h"

namespace clawback {

// Someone whose name others may borrow: mail under that name is expected from these
// addresses and from the tenant's domains only.
struct Person {
  std::string name;                    // as people write it, "Alice Moreau"
  std::vector<std::string> addresses;  // lower case; private ones too
  bool operator==(const Person&) const = default;
};

// A name that the tenant goes by beside its domains': mail under that name is expected
// from these domains and from the tenant's only.
struct TenantBrand {
  std::string name;                  // as people write it, "Contoso Pay"
  std::vector<std::string> domains;  // lower case
  bool operator==(const TenantBrand&) const = default;
};

// What judging may know of the tenant: nothing secret, it is sent to the judges.
struct TenantProfile {
  std::string name;
  std::vector<std::string> domains;  // accepted domains, lower case
  std::vector<Person> people = {};
  std::vector<TenantBrand> brands = {};
  Thresholds thresholds = {};
  bool operator==(const TenantProfile&) const = default;
};

enum class Question {
  kJudge,        // a report or message: unwrap it and classify what is inside
  kVerdict,      // the same verdict and nothing that is kept beside it: neither fingerprint nor
                 // features for hunts, nor the model's words as its evidence
  kFingerprint,  // a mailbox copy: its fingerprint only
  kFeatures,     // a report or message: what the learned model would see of it, only
};

// Whether the bytes came over a channel that met the tenant's demands. Exchange's
// stamped results are believed only then.
enum class ChannelTrust { kUnproven, kProven };

struct JudgeRequest {
  Question question = Question::kJudge;
  ChannelTrust trust = ChannelTrust::kUnproven;
  TenantProfile tenant;
  std::vector<JudgeLists> lists{};  // no part of the JSON: judges share their memory
};
inline constexpr std::size_t kMostJudgeLists = 4;

// Who the message says it is from.
struct MessageSender {
  std::string address;  // of the first From, lower case; empty: none
  // Exchange's own results, over a proven channel, say that it is the only From's domain.
  bool authenticated = false;
};

// Everything the milter needs in order to decide and the ledger in order to tell.
struct Judgement {
  JournalReport report;     // of kind kMessage for a plain message
  Fingerprint fingerprint;  // of the journaled message
  Verdict verdict;
  std::string from;  // the message's From as people see it, decoded
  std::uint64_t message_bytes = 0;
  MessageSender sender{};
  std::string model{};               // version of the learned model that was asked; empty: none was
  std::vector<std::string> lists{};  // versions of the lists that were looked up in
  FeatureVector features{};          // for Question::kFeatures only
  // Where in the bytes that were judged the message begins; it ends message_bytes later.
  // Absent where there is none, or where it stands there encoded and not as it is.
  std::optional<std::uint64_t> message_offset{};
  HuntFeatures hunt{};  // of a message that was looked at
  // What other scanners said of it; verdict has it weighed in. A judge leaves it empty.
  std::vector<EngineAnswer> engines{};
};

// UTF-8 JSON, one line, keys in a fixed order. Bytes that are not UTF-8 in an id,
// a recipient's address or a fingerprint survive the round trip: "message_id" is then
// repaired for people and "message_id_hex" beside it holds the bytes (policy/json.h).
// Other texts are repaired with U+FFFD.
std::string ToJson(const Judgement& judgement);
Result<Judgement> JudgementFromJson(std::string_view json);
std::string ToJson(const JudgeRequest& request);
Result<JudgeRequest> JudgeRequestFromJson(std::string_view json);
std::string ToJson(const Fingerprint& fingerprint);
Result<Fingerprint> FingerprintFromJson(std::string_view json);
std::string ToJson(const std::vector<Finding>& findings);

// The work itself, done inside a judge process only: never in a daemon. Total: any
// bytes give an answer. (judge_bytes.cc)
Judgement JudgeBytes(std::string_view bytes, const JudgeRequest& request,
                     const LinearModel& model = LinearModel::Shipped());

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_JUDGEMENT_H_
