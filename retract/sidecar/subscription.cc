// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/subscription.h"

#include "retract/sidecar/answers.h"
#include "retract/sidecar/answers_audit.h"
#include "retract/sidecar/known_tenant.h"

namespace clawback {
namespace {

// The row that a change is about, if it is about one.
const TraceRow* RowOf(const LedgerChange& change) {
  if (const auto* row = std::get_if<TraceRow>(&change.what)) return row;
  const auto* outcome = std::get_if<OutcomeChange>(&change.what);
  return outcome != nullptr && outcome->row ? &*outcome->row : nullptr;
}

std::string LineOf(const LedgerChange& change) {
  if (const auto* entry = std::get_if<AuditEntry>(&change.what)) {
    return EventLine(change, ToJson(*entry));
  }
  return EventLine(change, "");
}

}  // namespace

Result<Subscription> Subscription::Begin(const ProtocolRequest& request, Ledger& ledger,
                                         LiveSettings* settings) {
  if (Status spoken = CheckVersion(request); !spoken) return spoken.error();
  auto wanted = SubscribeRequestFromJson(request.arguments);
  if (!wanted) return wanted.error();
  const Status known = CheckTenantKnown(wanted->tenant, settings, ledger);
  if (!known) return known.error();
  const auto newest = ledger.NewestChange();
  if (!newest) return newest.error();
  if (wanted->after.value_or(0) > *newest) {
    return Error{ErrorKind::kInvalid,
                 "after: the ledger has come to " + std::to_string(*newest) +
                     ": it is another one, or was restored; search, and subscribe without after"};
  }
  ChangeQuery query{wanted->after.value_or(*newest), wanted->tenant, wanted->kinds};
  return Subscription(std::move(query), std::move(wanted->matching), ledger);
}

Result<std::string> Subscription::Next() {
  const auto page = ledger_->Changes(query_);
  if (!page) return page.error();
  std::string lines;
  for (const LedgerChange& change : page->changes) {
    const auto matches = Matches(change);
    if (!matches) return matches.error();
    if (*matches) lines += LineOf(change) + "\n";
  }
  query_.after = page->looked_to;
  return lines;
}

// What is about no message is let through: kinds says whether it is wanted.
Result<bool> Subscription::Matches(const LedgerChange& change) {
  const bool of_message = change.kind == ChangeKind::kRow || change.kind == ChangeKind::kOutcome;
  if (!matching_ || !of_message) return true;
  const TraceRow* row = RowOf(change);
  if (row == nullptr) return false;
  TraceQuery query = *matching_;
  query.after = row->id - 1;
  query.before = row->id + 1;
  query.limit = 1;
  const auto found = ledger_->Search(query);
  if (!found) return found.error();
  return !found->empty();
}

}  // namespace clawback
