// SPDX-License-Identifier: Apache-2.0
// Findings become a verdict: one disposition, a score, and the reasons for both.
#ifndef CLAWBACK_POLICY_VERDICT_H_
#define CLAWBACK_POLICY_VERDICT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clawback {

// One per message, mildest first; kUnscannable means that a limit or an
// unreadable part hid something, which is never the same as kNone.
enum class Disposition { kNone, kBulk, kSpam, kSpoof, kSuspicious, kMalicious, kUnscannable };
inline constexpr Disposition kAllDispositions[] = {
    Disposition::kNone,       Disposition::kBulk,       Disposition::kSpam,
    Disposition::kSpoof,      Disposition::kSuspicious, Disposition::kMalicious,
    Disposition::kUnscannable};
std::string_view ToString(Disposition disposition);  // "NONE", "BULK", ...
std::optional<Disposition> DispositionFrom(std::string_view text);
// Whether something bad was found: neither NONE nor BULK, nor what could not be read.
bool IsDetection(Disposition disposition);

// What a finding speaks for. kInformation moves no verdict; kLimit is a limit that
// was hit or a part that could not be read.
enum class Indication { kInformation, kBulk, kSpam, kSpoof, kPhishing, kMalware, kLimit };
std::string_view ToString(Indication indication);  // "information", "bulk", ...
std::optional<Indication> IndicationFrom(std::string_view text);

// What one detector says.
struct Finding {
  std::string reason;  // stable, greppable: "dangerous-attachment"
  Indication indication = Indication::kInformation;
  double weight = 0;     // 0 to 1: how sure the detector is that it indicates this
  std::string evidence;  // for people: what it saw, UTF-8, at most 512 bytes
  // Where in the message that stands, as policy/detect/place.h writes it: UTF-8, at most 256
  // bytes; empty where it is the message as a whole.
  std::string place{};
};

// What is worth knowing of a message beside how bad it is. None of them moves the
// disposition; what may do so is the finding behind it, by its own weight.
enum class Attribute {
  kBec,              // asks for money, a change of payment, or an answer, in somebody's name
  kNewDomainSender,  // a sender's domain is on the list of domains first seen lately
  kNewDomainLink,    // a link's is
  kEncrypted,        // something in it can be read with a password or key only
  kExecutable,       // something in it runs when it is opened
  kOwnDomain,        // From is in one of the tenant's accepted domains, proven or not
};
inline constexpr Attribute kAllAttributes[] = {
    Attribute::kBec,       Attribute::kNewDomainSender, Attribute::kNewDomainLink,
    Attribute::kEncrypted, Attribute::kExecutable,      Attribute::kOwnDomain};
std::string_view ToString(Attribute attribute);  // "bec", "new-domain-sender", ...
std::optional<Attribute> AttributeFrom(std::string_view text);
std::string JoinWords(const std::vector<Attribute>& attributes);  // "bec, executable"

// How much is needed for a disposition, in percent of certainty; a tenant may have its
// own. What bounds them (policy/limits.cc) keeps malicious above suspicious.
struct Thresholds {
  std::int64_t malicious = 90;
  std::int64_t suspicious = 50;
  std::int64_t spoof = 50;
  std::int64_t spam = 50;
  std::int64_t bulk = 50;
  bool operator==(const Thresholds&) const = default;
};

struct Verdict {
  Disposition disposition = Disposition::kNone;
  double score = 0;  // 0 to 1, higher is worse
  std::vector<Finding> findings{};
  std::vector<Attribute> attributes{};  // in order, each once
  Thresholds thresholds{};              // that the disposition was found with

  bool Has(Attribute attribute) const;
};

// Pure. The strongest kinds of finding decide the disposition: malware or several
// independent phishing findings make kMalicious, a limit that hid something makes
// what would be milder than kSuspicious kUnscannable, and so on down to kNone;
// verdict.cc has the rules. The verdict's findings stand with the weightiest first; its
// attributes follow from their reasons.
Verdict WeighFindings(std::vector<Finding> findings, const Thresholds& thresholds = {});

}  // namespace clawback

#endif  // CLAWBACK_POLICY_VERDICT_H_
