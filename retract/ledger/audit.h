// SPDX-License-Identifier: Apache-2.0
// The audit: who did what, when, to whom, why and on what evidence. Rows are only ever
// appended, and each holds the digest of the one before it, so that a changed, dropped
// or reordered row is found. The digest of the newest row stands in a file beside the
// ledger (audit.head), so that rows missing at the end are found too. What this cannot
// find: somebody who may write the ledger and that file, and makes the whole chain anew;
// every digest is therefore logged as well (event "audit"), outside their reach once the
// log is kept elsewhere.
#ifndef CLAWBACK_RETRACT_LEDGER_AUDIT_H_
#define CLAWBACK_RETRACT_LEDGER_AUDIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/digest.h"

namespace clawback {

enum class ActorKind {
  kService,  // Clawback by itself; name is the program's
  kUser,     // a user of this host, by the kernel's word
  kAccount,  // an account of the console
};
std::string_view ToString(ActorKind kind);  // "service", "user", "account"
std::optional<ActorKind> ActorKindFrom(std::string_view text);

struct Actor {
  ActorKind kind = ActorKind::kService;
  std::int64_t uid = -1;  // of a user; -1: none
  std::string name = "retractd";
};
std::string ToString(const Actor& actor);  // "ana (uid 1000)", "retractd", "account ana"

// What a caller says of a change; sequence and time are the ledger's.
struct AuditNote {
  Actor who{};
  std::string what;  // a stable word: "settings.set", "tenant.add", "retraction.moved"
  std::string tenant{};
  std::string target{};  // what was changed: a key, an address, a retraction
  std::string why{};
  std::string evidence = "{}";  // a JSON object
};

struct AuditEntry {
  std::int64_t sequence = 0;  // 1, 2, 3, ... without gaps
  Time at{};
  AuditNote note;
  Digest previous{};  // hash of the entry before; of the first: zeros
  Digest hash{};
};
// SHA-256 over previous (32 bytes) and each field as "LENGTH:BYTES,": sequence, at in
// milliseconds, kind, uid and name of who, what, tenant, target, why, evidence.
Digest HashOf(const AuditEntry& entry);

// Empty members do not restrict. Newest first.
struct AuditQuery {
  std::string tenant, what;
  std::optional<Time> since, until;
  int limit = 50;           // 1 to 1000
  std::int64_t before = 0;  // sequence of the last row of the page before, 0: first page
};

struct AuditHead {
  std::int64_t sequence = 0;  // 0: no entry yet
  Digest hash{};
};

struct AuditFault {
  std::int64_t sequence = 0;  // where; 0: no row to name
  std::string what;
};

// What a walk over the whole chain found.
struct AuditCheck {
  std::int64_t entries = 0;
  AuditHead head;
  std::optional<AuditHead> anchor;  // nullopt: absent or unreadable
  std::vector<AuditFault> faults;   // none: the chain is whole
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_AUDIT_H_
