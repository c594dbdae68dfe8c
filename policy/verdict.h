// SPDX-License-Identifier: Apache-2.0
// Findings become a verdict: one disposition, a score, and the reasons for both.
#ifndef CLAWBACK_POLICY_VERDICT_H_
#define CLAWBACK_POLICY_VERDICT_H_

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
  std::string evidence;  // for people: what and where, UTF-8, at most 512 bytes
};

struct Verdict {
  Disposition disposition = Disposition::kNone;
  double score = 0;  // 0 to 1, higher is worse
  std::vector<Finding> findings;
};

// Pure. The strongest kinds of finding decide the disposition: malware or several
// independent phishing findings make kMalicious, a limit that hid something makes
// what would be milder than kSuspicious kUnscannable, and so on down to kNone;
// verdict.cc has the rules. The verdict's findings stand with the weightiest first.
Verdict WeighFindings(std::vector<Finding> findings);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_VERDICT_H_
