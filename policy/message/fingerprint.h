// SPDX-License-Identifier: Apache-2.0
// What of a message survives Exchange's own changes: between the journaled message
// and the mailbox copy, internal headers are stripped, headers reordered and
// refolded, boundaries, encodings and charsets change, disclaimers, banners and
// rewritten links may come in. A report is a hint, the mailbox copy is the proof:
// only a copy whose fingerprint agrees with the report's is ever acted on.
#ifndef CLAWBACK_POLICY_MESSAGE_FINGERPRINT_H_
#define CLAWBACK_POLICY_MESSAGE_FINGERPRINT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clawback {

struct Fingerprint {
  std::string message_id;                // byte for byte, with brackets
  std::string from;                      // first From address, lower case
  std::string subject;                   // decoded, white space folded
  std::int64_t date = 0;                 // Date header, seconds since 1970; 0: none
  std::string network_message_id;        // empty where stripped
  std::vector<std::uint64_t> text;       // smallest hashes of word triples, ascending
  std::uint32_t text_triples = 0;        // how many distinct triples there were
  std::vector<std::string> attachments;  // SHA-256 hex of decoded attachments, sorted
  bool operator==(const Fingerprint&) const = default;
};

enum class Agreement { kMatch, kMismatch, kAmbiguous };
std::string_view ToString(Agreement agreement);  // "match", "mismatch", "ambiguous"

struct Comparison {
  Agreement agreement = Agreement::kMismatch;
  std::string why;  // what agreed or did not, for the trace
};

// How final the act is that the comparison is for: more must agree the harder it
// is to take back.
enum class Finality { kMovable, kRecoverable, kFinal };

// Pure. copy may hold more text than report (disclaimers, banners), never less
// than nearly all of it; ids, sender and date must agree exactly (but for white space within an
// id).
Comparison Compare(const Fingerprint& report, const Fingerprint& copy, Finality finality);

// One short stable key for a message without a Network-Message-Id: SHA-256 hex over
// every field above.
std::string KeyOf(const Fingerprint& fingerprint);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_FINGERPRINT_H_
