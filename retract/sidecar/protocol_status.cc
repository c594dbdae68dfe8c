// SPDX-License-Identifier: Apache-2.0
#include "policy/json.h"
#include "retract/sidecar/protocol.h"
#include "retract/sidecar/protocol_fields.h"

namespace clawback {
namespace {

namespace json = boost::json;

void ReadPruned(const JsonReader& in, PruneProgress* pruned) {
  std::int64_t retention = 0;
  in.Integer("retention_ms", &retention);
  pruned->retention = milliseconds(retention);
  in.Integer("messages", &pruned->messages);
  in.Integer("needed", &pruned->needed);
  in.Integer("unreadable", &pruned->unreadable);
  ReadTime(in, "passed", &pruned->passed);
}

void ReadFields(const JsonReader& in, SidecarStatus* status) {
  Require(in, {"counts", "followed_to"});
  in.Text("relay", &status->relay);
  in.Text("region", &status->region);
  in.Text("version", &status->version);
  in.Text("last_error", &status->last_error);
  in.Object("counts", [&](const JsonReader& counts) {
    counts.Integer("reports", &status->counts.reports);
    counts.Integer("armed", &status->counts.armed);
    counts.Integer("claimed", &status->counts.claimed);
    counts.Integer("held", &status->counts.held);
    counts.Integer("final", &status->counts.final);
  });
  in.Objects("tripped", [&](const JsonReader& one) {
    TrippedBreaker& breaker = status->tripped.emplace_back();
    one.Text("tenant", &breaker.tenant);
    one.Text("why", &breaker.why);
    ReadTime(one, "at", &breaker.at);
    one.Integer("held", &breaker.held);
  });
  in.Objects("engines", [&](const JsonReader& one) {
    EngineActivity& engine = status->engines.emplace_back();
    one.Text("engine", &engine.engine);
    one.Integer("answered", &engine.answered);
    one.Integer("refused", &engine.refused);
    one.Integer("unavailable", &engine.unavailable);
    ReadTime(one, "last_answered", &engine.last_answered);
    ReadTime(one, "last_unavailable", &engine.last_unavailable);
  });
  in.Object("pruned", [&](const JsonReader& one) { ReadPruned(one, &status->pruned); });
  in.Object("followed_to", [&](const JsonReader& position) {
    position.Text("segment", &status->followed_to.segment);
    position.Integer("sequence", &status->followed_to.sequence);
  });
}

json::object Fields(const EngineActivity& engine) {
  json::object out{{"answered", engine.answered},
                   {"refused", engine.refused},
                   {"unavailable", engine.unavailable}};
  PutText(&out, "engine", engine.engine);
  if (engine.last_answered != Time{}) out["last_answered"] = FormatTime(engine.last_answered);
  if (engine.last_unavailable != Time{}) {
    out["last_unavailable"] = FormatTime(engine.last_unavailable);
  }
  return out;
}

json::object Fields(const PruneProgress& pruned) {
  json::object out{{"retention_ms", pruned.retention.count()},
                   {"messages", pruned.messages},
                   {"needed", pruned.needed},
                   {"unreadable", pruned.unreadable}};
  if (pruned.passed != Time{}) out["passed"] = FormatTime(pruned.passed);
  return out;
}

}  // namespace

std::string ToJson(const SidecarStatus& status) {
  json::object counts{{"reports", status.counts.reports},
                      {"armed", status.counts.armed},
                      {"claimed", status.counts.claimed},
                      {"held", status.counts.held},
                      {"final", status.counts.final}};
  json::object out;
  PutText(&out, "relay", status.relay);
  PutText(&out, "region", status.region);
  PutText(&out, "version", status.version);
  out["counts"] = std::move(counts);
  out["followed_to"] = json::object{{"segment", status.followed_to.segment},
                                    {"sequence", status.followed_to.sequence}};
  PutText(&out, "last_error", status.last_error);
  json::array& tripped = out["tripped"].emplace_array();
  for (const TrippedBreaker& breaker : status.tripped) {
    json::object one{{"at", FormatTime(breaker.at)}, {"held", breaker.held}};
    PutText(&one, "tenant", breaker.tenant);
    PutText(&one, "why", breaker.why);
    tripped.push_back(std::move(one));
  }
  json::array& engines = out["engines"].emplace_array();
  for (const EngineActivity& engine : status.engines) engines.push_back(Fields(engine));
  out["pruned"] = Fields(status.pruned);
  return json::serialize(out);
}

Result<SidecarStatus> SidecarStatusFromJson(std::string_view text) {
  return ReadOne<SidecarStatus>(text, ReadFields);
}

}  // namespace clawback
