// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/answers.h"

#include <boost/json.hpp>
#include <utility>

#include "retract/sidecar/answers_audit.h"

namespace clawback {
namespace {

std::string HelloResult(const AnswerSources& sources) {
  return boost::json::serialize(boost::json::object{{"protocol", kProtocolVersion},
                                                    {"program", "clawback-retractd"},
                                                    {"release", sources.status().version}});
}

Result<std::string> SearchResult(const std::string& arguments, Ledger& ledger) {
  const auto query = TraceQueryFromJson(arguments);
  if (!query) return query.error();
  const auto rows = ledger.Search(*query);
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
  return ToJson(status);
}

}  // namespace

Result<std::string> Answer(const ProtocolRequest& request, const Actor& who,
                           const AnswerSources& sources) {
  if (request.version != kProtocolVersion) {
    return Error{ErrorKind::kRefused, "protocol version " + std::to_string(request.version) +
                                          " was asked for, this clawback-retractd speaks " +
                                          std::to_string(kProtocolVersion) +
                                          ": use programs of one release"};
  }
  if (request.operation == kHello) return HelloResult(sources);
  if (request.operation == kStatus) return StatusResult(sources);
  if (request.operation == kAuditList) return AuditListResult(request.arguments, sources.ledger);
  if (request.operation == kAuditVerify) return AuditVerifyResult(sources.ledger);
  if (sources.settings != nullptr) {
    if (request.operation == kTenantList) return sources.settings->List();
    if (request.operation == kTenantShow) return sources.settings->Show(request.arguments);
    if (request.operation == kTenantSet) return sources.settings->Set(request.arguments, who);
  }
  const bool search = request.operation == kTraceSearch;
  if (!search && request.operation != kTraceStory) {
    return Error{ErrorKind::kInvalid, "no such operation: " + request.operation};
  }
  auto result = search ? SearchResult(request.arguments, sources.ledger)
                       : StoryResult(request.arguments, sources.ledger);
  if (!result) return Within(request.operation, result.error());
  return result;
}

}  // namespace clawback
