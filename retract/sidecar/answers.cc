// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/answers.h"

#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "retract/ledger/holding.h"
#include "retract/sidecar/answers_audit.h"
#include "retract/sidecar/answers_flow.h"
#include "retract/sidecar/answers_holding.h"
#include "retract/sidecar/answers_jobs.h"
#include "retract/sidecar/answers_regions.h"
#include "retract/sidecar/answers_tenant.h"
#include "retract/sidecar/known_tenant.h"

namespace clawback {
namespace {

std::string HelloResult(const AnswerSources& sources) {
  return boost::json::serialize(boost::json::object{{"protocol", kProtocolVersion},
                                                    {"program", "clawback-retractd"},
                                                    {"release", sources.status().version}});
}

Result<std::string> SearchResult(const std::string& arguments, const AnswerSources& sources) {
  const auto query = TraceQueryFromJson(arguments);
  if (!query) return query.error();
  const Status known = CheckTenantKnown(query->tenant, sources.settings, sources.ledger);
  if (!known) return known.error();
  const auto rows = sources.ledger.Search(*query);
  if (!rows) return rows.error();
  return ToJson(*rows);
}

Result<std::string> StoryResult(const std::string& arguments, Ledger& ledger) {
  const auto id = TraceIdFromArguments(arguments);
  if (!id) return id.error();
  const auto story = ledger.Story(*id);
  if (!story) return story.error();
  return ToJson(*story);
}

Result<std::string> StatusResult(const AnswerSources& sources) {
  const auto counts = sources.ledger.Counts();
  if (!counts) return counts.error();
  SidecarStatus status = sources.status();
  status.counts = *counts;
  const auto breakers = sources.ledger.holding().Breakers("", SystemClock().Now());
  if (!breakers) return breakers.error();
  for (const BreakerRow& row : *breakers) {
    if (row.tripped) status.tripped.push_back({row.tenant, row.why, row.tripped_at, row.held});
  }
  auto engines = EnginesOf(
      sources.ledger,
      sources.settings == nullptr ? std::vector<std::string>{} : sources.settings->TenantNames(),
      SystemClock().Now());
  if (!engines) return engines.error();
  status.engines = *std::move(engines);
  return ToJson(status);
}

// Each message by itself: one that is refused stops none of the others.
Result<std::string> RetractResult(const std::string& arguments, const Actor& who,
                                  const AnswerSources& sources) {
  const auto wanted = RetractRequestFromJson(arguments);
  if (!wanted) return wanted.error();
  RetractAnswer answer;
  for (const std::int64_t id : wanted->ids) {
    if (auto why_not = WhyNotInItsCloud(id, wanted->action, sources)) {
      answer.refused.push_back({id, *std::move(why_not)});
      continue;
    }
    const ByHand asked{id, wanted->recipient, who, wanted->reason};
    const auto done = sources.ledger.RetractByHand(asked, wanted->action, SystemClock().Now());
    // What is wrong with the asking itself is wrong for the first one already.
    const bool first = id == wanted->ids.front();
    if (!done && first && done.error().kind == ErrorKind::kInvalid) return done.error();
    if (!done) {
      answer.refused.push_back({id, done.error().what});
      continue;
    }
    answer.armed.insert(answer.armed.end(), done->armed.begin(), done->armed.end());
    answer.under_way += done->under_way;
  }
  sources.armed();
  return ToJson(answer);
}

Result<std::string> UndoResult(const std::string& arguments, const Actor& who,
                               const AnswerSources& sources) {
  const auto wanted = UndoRequestFromJson(arguments);
  if (!wanted) return wanted.error();
  const ByHand asked{wanted->id, wanted->recipient, who, wanted->reason};
  const auto done = sources.ledger.UndoByHand(asked, SystemClock().Now());
  if (!done) return done.error();
  sources.armed();
  return ToJson(*done);
}

Result<std::string> TenantFlow(const std::string& arguments, const AnswerSources& sources) {
  const auto tenants = sources.settings->EffectiveTenants();
  if (!tenants) return tenants.error();
  return TenantFlowResult(arguments, *tenants, LookAtCertificate(sources.relay_certificate),
                          sources.ledger, SystemClock().Now());
}

// nullopt: not an operation of these.
std::optional<Result<std::string>> SettingsResult(const ProtocolRequest& request, const Actor& who,
                                                  LiveSettings& settings) {
  const std::string& operation = request.operation;
  const std::string& arguments = request.arguments;
  if (operation == kTenantList) return settings.List();
  if (operation == kTenantShow) return settings.Show(arguments);
  if (operation == kTenantSettings) return settings.ShowSettings(arguments);
  if (operation == kTenantSet) return settings.Set(arguments, who);
  if (operation == kTenantReload) return settings.Reload(arguments, who);
  if (operation == kListAdd) return settings.EditList(ListChange::kAdd, arguments, who);
  if (operation == kListRemove) return settings.EditList(ListChange::kRemove, arguments, who);
  if (operation == kPersonAdd) return settings.EditPeople(ListChange::kAdd, arguments, who);
  if (operation == kPersonRemove) return settings.EditPeople(ListChange::kRemove, arguments, who);
  if (operation == kBrandAdd) return settings.EditBrands(ListChange::kAdd, arguments, who);
  if (operation == kBrandRemove) return settings.EditBrands(ListChange::kRemove, arguments, who);
  if (operation == kAddressList) return settings.ListAddresses(arguments);
  if (operation == kAddressAdd) return settings.AddAddress(arguments, who);
  if (operation == kAddressRotate) return settings.RotateAddress(arguments, who);
  if (operation == kAddressRetire) return settings.RetireAddress(arguments, who);
  return std::nullopt;
}

}  // namespace

Status CheckVersion(const ProtocolRequest& request) {
  if (request.version == kProtocolVersion) return {};
  return Error{ErrorKind::kRefused, "protocol version " + std::to_string(request.version) +
                                        " was asked for, this clawback-retractd speaks " +
                                        std::to_string(kProtocolVersion) +
                                        ": use programs of one release"};
}

Result<std::string> Answer(const ProtocolRequest& request, const Actor& who,
                           const AnswerSources& sources) {
  if (Status spoken = CheckVersion(request); !spoken) return spoken.error();
  if (request.operation == kHello) return HelloResult(sources);
  if (request.operation == kStatus) return StatusResult(sources);
  if (request.operation == kAuditList) return AuditListResult(request.arguments, sources);
  if (request.operation == kAuditVerify) return AuditVerifyResult(sources.ledger);
  if (request.operation == kRegionReport) {
    return RegionReportResult(
        request.arguments, sources.status().relay,
        sources.settings == nullptr ? std::vector<std::string>{} : sources.settings->TenantNames(),
        sources.ledger, SystemClock().Now());
  }
  if (auto result = TenantStatusOrConsent(request, who, sources)) return std::move(*result);
  if (sources.settings != nullptr) {
    if (request.operation == kTenantFlow) return TenantFlow(request.arguments, sources);
    if (auto result = SettingsResult(request, who, *sources.settings)) return std::move(*result);
  }
  if (auto result = HoldingResult(request, who, sources)) return std::move(*result);
  if (auto result = JobResult(request, who, sources)) return std::move(*result);
  if (request.operation == kRetractByHand) return RetractResult(request.arguments, who, sources);
  if (request.operation == kUndoByHand) return UndoResult(request.arguments, who, sources);
  if (request.operation == kTraceSearch) return SearchResult(request.arguments, sources);
  if (request.operation == kTraceStory) return StoryResult(request.arguments, sources.ledger);
  return Error{ErrorKind::kInvalid, "no such operation: " + request.operation};
}

}  // namespace clawback
