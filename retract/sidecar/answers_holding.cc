// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/answers_holding.h"

#include <algorithm>
#include <boost/json.hpp>

#include "policy/judge/judgement.h"
#include "policy/limits.h"
#include "retract/ledger/holding.h"
#include "retract/sidecar/known_tenant.h"
#include "retract/sidecar/live_settings.h"
#include "retract/sidecar/no_tenant.h"
#include "retract/sidecar/protocol_fields.h"

namespace clawback {
namespace {

namespace json = boost::json;

struct HoldingArguments {
  std::string tenant, reason;
  std::int64_t id = 0, after = 0;
  int limit = 50;
  Action action = Action::kNone;
};

// known: the arguments of the operation; all of required must be there.
Result<HoldingArguments> Read(const std::string& text,
                              std::initializer_list<std::string_view> known,
                              std::initializer_list<std::string_view> required) {
  if (const auto unknown = UnknownField(text, known)) {
    return Error{ErrorKind::kInvalid, *unknown + ": no such argument"};
  }
  HoldingArguments arguments;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    Require(in, required);
    in.Text("tenant", &arguments.tenant);
    in.Text("reason", &arguments.reason);
    in.Integer("id", &arguments.id);
    in.Integer("after", &arguments.after);
    in.Integer("limit", &arguments.limit);
    if (arguments.limit < 1 || arguments.limit > 1000) in.Fault("limit", "expected 1 to 1000");
    if (in.Has("action")) in.Named("action", &arguments.action, ActionFrom);
  });
  if (!read) return read.error();
  return arguments;
}

json::object Fields(const BreakerRow& breaker) {
  json::object out{{"tenant", breaker.tenant},
                   {"tripped", breaker.tripped},
                   {"held", breaker.held},
                   {"passed", breaker.passed},
                   {"inbound", breaker.inbound},
                   {"count", breaker.bounds.count},
                   {"window", FormatDuration(breaker.bounds.window)},
                   {"share", breaker.bounds.share},
                   {"share_from", breaker.bounds.share_from}};
  if (!breaker.tripped) return out;
  out["tripped_at"] = FormatTime(breaker.tripped_at);
  PutText(&out, "why", breaker.why);
  return out;
}

json::object Fields(const HeldRow& held) {
  json::object out{{"tenant", held.tenant}, {"retraction", json::parse(ToJson(held.retraction))}};
  if (held.row) out["row"] = json::parse(ToJson(*held.row));
  return out;
}

// What of a fingerprint tells a person something.
json::object Side(const Fingerprint& print) {
  json::object out;
  PutBytes(&out, "message_id", print.message_id);
  PutText(&out, "from", print.from);
  if (print.date != 0) out["date"] = FormatTime(Time(std::chrono::seconds(print.date)));
  PutText(&out, "subject", print.subject);
  PutText(&out, "network_message_id", print.network_message_id);
  out["text_triples"] = print.text_triples;
  json::array attachments;
  for (const std::string& digest : print.attachments) attachments.emplace_back(digest);
  out["attachments"] = std::move(attachments);
  return out;
}

std::string ToText(const HeldStory& story) {
  json::object out = Fields(story.held);
  out["report"] = Side(story.report);
  if (story.copy) out["copy"] = Side(*story.copy);
  json::array differs;
  for (const std::string& name : story.differs) differs.emplace_back(name);
  out["differs"] = std::move(differs);
  return json::serialize(out);
}

Result<std::string> BreakerRows(const std::string& text, const AnswerSources& sources) {
  const auto arguments = Read(text, {"tenant"}, {});
  if (!arguments) return arguments.error();
  const std::string& tenant = arguments->tenant;
  const auto breakers = sources.ledger.holding().Breakers(tenant, SystemClock().Now());
  if (!breakers) return breakers.error();
  // One that is gone may still have something held.
  const bool settled = breakers->empty() || !breakers->front().tripped;
  if (!tenant.empty() && settled && sources.settings != nullptr) {
    if (std::ranges::count(sources.settings->TenantNames(), tenant) == 0) return NoTenant(tenant);
  }
  json::array rows;
  for (const BreakerRow& breaker : *breakers) rows.push_back(Fields(breaker));
  return json::serialize(json::object{{"rows", std::move(rows)}});
}

Result<std::string> SettleBreaker(const ProtocolRequest& request, const Actor& who,
                                  const AnswerSources& sources) {
  const auto arguments = Read(request.arguments, {"tenant", "reason"}, {"tenant", "reason"});
  if (!arguments) return arguments.error();
  Holding& holding = sources.ledger.holding();
  const Time now = SystemClock().Now();
  // One that is gone may still have something held, and has its history then.
  const Status known = CheckTenantKnown(arguments->tenant, sources.settings, sources.ledger);
  if (!known) return known.error();
  const auto settled = request.operation == kBreakerRelease
                           ? holding.ReleaseBreaker(arguments->tenant, who, arguments->reason, now)
                           : holding.DiscardBreaker(arguments->tenant, who, arguments->reason, now);
  if (!settled) return settled.error();
  sources.armed();
  return json::serialize(json::object{{"retractions", *settled}});
}

Result<std::string> HeldRows(const std::string& text, const AnswerSources& sources) {
  const auto arguments = Read(text, {"tenant", "after", "limit"}, {});
  if (!arguments) return arguments.error();
  const Status known = CheckTenantKnown(arguments->tenant, sources.settings, sources.ledger);
  if (!known) return known.error();
  const auto held =
      sources.ledger.holding().ListHeld({arguments->tenant, arguments->after, arguments->limit});
  if (!held) return held.error();
  json::array rows;
  for (const HeldRow& one : *held) rows.push_back(Fields(one));
  return json::serialize(json::object{{"rows", std::move(rows)}});
}

Result<std::string> HeldOne(const std::string& text, Ledger& ledger) {
  const auto arguments = Read(text, {"id"}, {"id"});
  if (!arguments) return arguments.error();
  const auto story = ledger.holding().ShowHeld(arguments->id);
  if (!story) return story.error();
  return ToText(*story);
}

Result<std::string> RetractHeld(const std::string& text, const Actor& who,
                                const AnswerSources& sources) {
  const auto arguments = Read(text, {"id", "action", "reason"}, {"id", "reason"});
  if (!arguments) return arguments.error();
  const auto armed = sources.ledger.holding().RetractHeld(arguments->id, arguments->action, who,
                                                          arguments->reason, SystemClock().Now());
  if (!armed) return armed.error();
  sources.armed();
  return json::serialize(json::object{{"armed", *armed}});
}

Result<std::string> LeaveHeld(const std::string& text, const Actor& who, Ledger& ledger) {
  const auto arguments = Read(text, {"id", "reason"}, {"id", "reason"});
  if (!arguments) return arguments.error();
  const Status left = ledger.holding().LeaveHeld(arguments->id, who, arguments->reason);
  if (!left) return left.error();
  return std::string("{}");
}

}  // namespace

std::optional<Result<std::string>> HoldingResult(const ProtocolRequest& request, const Actor& who,
                                                 const AnswerSources& sources) {
  const std::string& operation = request.operation;
  const std::string& arguments = request.arguments;
  if (operation == kBreakerShow) return BreakerRows(arguments, sources);
  if (operation == kBreakerRelease || operation == kBreakerDiscard) {
    return SettleBreaker(request, who, sources);
  }
  if (operation == kHeldList) return HeldRows(arguments, sources);
  if (operation == kHeldShow) return HeldOne(arguments, sources.ledger);
  if (operation == kHeldRetract) return RetractHeld(arguments, who, sources);
  if (operation == kHeldLeave) return LeaveHeld(arguments, who, sources.ledger);
  return std::nullopt;
}

}  // namespace clawback
