// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/answers_tenant.h"

#include "policy/json.h"
#include "retract/sidecar/answers_flow.h"

namespace clawback {
namespace {

// One object of sections; each is made by whoever knows that side of the tenant.
Result<std::string> StatusOf(const std::string& arguments, const AnswerSources& sources) {
  std::string name, mailbox;
  const Status read = ReadJson(arguments, [&](const JsonReader& in) {
    in.Text("tenant", &name);
    in.Text("mailbox", &mailbox);
  });
  if (!read) return read.error();
  const auto tenant = sources.settings->Find(name);
  if (!tenant) return tenant.error();
  boost::json::object out;
  PutText(&out, "tenant", tenant->name);
  PutText(&out, "tenant_id", tenant->tenant_id);
  out["authorization"] = sources.authorization->Section(*tenant, mailbox);
  auto flow = FlowRow(*tenant, LookAtCertificate(sources.relay_certificate), sources.ledger,
                      SystemClock().Now());
  if (!flow) return flow.error();
  out["flow"] = *std::move(flow);
  return boost::json::serialize(out);
}

}  // namespace

std::optional<Result<std::string>> TenantStatusOrConsent(const ProtocolRequest& request,
                                                         const Actor& who,
                                                         const AnswerSources& sources) {
  if (sources.settings == nullptr || sources.authorization == nullptr) return std::nullopt;
  if (request.operation == kTenantStatus) return StatusOf(request.arguments, sources);
  if (request.operation == kConsentBegin) {
    return sources.authorization->Begin(request.arguments, who);
  }
  if (request.operation == kConsentEnd) return sources.authorization->End(request.arguments, who);
  return std::nullopt;
}

std::optional<std::string> WhyNotInItsCloud(std::int64_t trace_id, Action action,
                                            const AnswerSources& sources) {
  if (action != Action::kHardDelete || sources.settings == nullptr) return std::nullopt;
  const auto story = sources.ledger.Story(trace_id);
  if (!story) return std::nullopt;
  const auto tenant = sources.settings->Find(story->row.tenant);
  return tenant ? WhyNoHardDelete(tenant->graph.cloud) : std::nullopt;
}

}  // namespace clawback
