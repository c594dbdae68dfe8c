// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/answers_audit.h"

#include "policy/json.h"
#include "retract/sidecar/known_tenant.h"

namespace clawback {
namespace {

namespace json = boost::json;

void ReadTime(const JsonReader& in, std::string_view key, std::optional<Time>* out) {
  if (!in.Has(key)) return;
  std::string text;
  in.Text(key, &text);
  *out = ParseTime(text);
  if (!*out) in.Fault(key, "expected a time like 2026-11-03T09:14:22.123Z");
}

json::object Fields(const Actor& who) {
  json::object out;
  out["kind"] = ToString(who.kind);
  if (who.uid >= 0) out["uid"] = who.uid;
  PutText(&out, "name", who.name);
  PutText(&out, "text", ToString(who));
  return out;
}

json::object Fields(const AuditEntry& entry) {
  boost::system::error_code error;
  json::object out;
  out["sequence"] = entry.sequence;
  out["at"] = FormatTime(entry.at);
  out["who"] = Fields(entry.note.who);
  PutText(&out, "what", entry.note.what);
  PutText(&out, "tenant", entry.note.tenant);
  PutText(&out, "target", entry.note.target);
  PutText(&out, "why", entry.note.why);
  out["evidence"] = json::parse(entry.note.evidence, error);
  out["previous"] = ToHex(entry.previous);
  out["hash"] = ToHex(entry.hash);
  return out;
}

json::object Fields(const AuditHead& head) {
  return {{"sequence", head.sequence}, {"hash", ToHex(head.hash)}};
}

}  // namespace

std::string ToJson(const AuditEntry& entry) { return json::serialize(Fields(entry)); }

Result<std::string> AuditListResult(const std::string& arguments, const AnswerSources& sources) {
  AuditQuery query;
  const Status read = ReadJson(arguments, [&](const JsonReader& in) {
    in.Text("tenant", &query.tenant);
    in.Text("what", &query.what);
    ReadTime(in, "since", &query.since);
    ReadTime(in, "until", &query.until);
    in.Integer("limit", &query.limit);
    in.Integer("before", &query.before);
    if (query.limit < 1 || query.limit > 1000) in.Fault("limit", "expected 1 to 1000");
  });
  if (!read) return read.error();
  const Status known = CheckTenantKnown(query.tenant, sources.settings, sources.ledger);
  if (!known) return known.error();
  const auto entries = sources.ledger.FindAudit(query);
  if (!entries) return entries.error();
  json::array rows;
  for (const AuditEntry& entry : *entries) rows.push_back(Fields(entry));
  return json::serialize(json::object{{"rows", std::move(rows)}});
}

Result<std::string> AuditVerifyResult(Ledger& ledger) {
  const auto check = ledger.CheckAudit();
  if (!check) return check.error();
  json::array faults;
  for (const AuditFault& fault : check->faults) {
    faults.push_back(json::object{{"sequence", fault.sequence}, {"what", fault.what}});
  }
  json::object out{{"whole", faults.empty()},
                   {"entries", check->entries},
                   {"head", Fields(check->head)},
                   {"faults", std::move(faults)}};
  if (check->anchor) out["anchor"] = Fields(*check->anchor);
  return json::serialize(out);
}

}  // namespace clawback
