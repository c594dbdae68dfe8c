// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/answers_flow.h"

#include <algorithm>
#include <map>
#include <utility>

#include "policy/json.h"
#include "retract/sidecar/no_tenant.h"

namespace clawback {
namespace {

namespace json = boost::json;

const FlowTotal& TotalOf(const FlowHealth& health, FlowKind kind) {
  for (const FlowTotal& total : health.totals) {
    if (total.kind == kind && total.detail.empty()) return total;
  }
  return health.totals.front();  // every kind is there
}

void PutTime(json::object* out, std::string_view key, const std::optional<Time>& time) {
  if (time) (*out)[key] = FormatTime(*time);
}

json::array CountsOf(const FlowHealth& health) {
  json::array rows;
  for (const FlowTotal& total : health.totals) {
    if (total.kind == FlowKind::kToAddress) continue;  // they stand with the addresses
    json::object row{{"kind", ToString(total.kind)}, {"day", total.day}, {"week", total.week}};
    if (!total.detail.empty()) PutText(&row, "detail", total.detail);
    if (total.last != Time{}) row["last"] = FormatTime(total.last);
    rows.push_back(std::move(row));
  }
  return rows;
}

// What demanding the certificate would have refused.
json::object CertificateOf(const Tenant& tenant, const FlowHealth& health) {
  return {{"demanded", !tenant.demands.certificate_subject.empty()},
          {"would_refuse", TotalOf(health, FlowKind::kNoCertificate).week},
          {"of", TotalOf(health, FlowKind::kReport).week},
          {"days", 7}};
}

json::array AddressesOf(const Tenant& tenant, const FlowHealth& health, Time now) {
  json::array rows;
  for (const ServiceAddress& address : tenant.service_addresses) {
    json::object row{
        {"address", address.address}, {"region", address.region}, {"valid", address.IsValid(now)}};
    PutTime(&row, "ends", address.ends);
    for (const FlowTotal& total : health.totals) {
      if (total.kind != FlowKind::kToAddress || total.detail != address.address) continue;
      row["last_report"] = FormatTime(total.last);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

json::object RelayCertificateOf(const RelayCertificate& certificate) {
  json::object out;
  PutText(&out, "path", certificate.path);
  PutTime(&out, "ends", certificate.ends);
  if (!certificate.fault.empty()) PutText(&out, "fault", certificate.fault);
  return out;
}

json::array AlertsOf(const FlowHealth& health, const RelayCertificate& certificate, Time now) {
  json::array alerts;
  const auto add = [&](std::string_view kind, const std::optional<std::string>& what) {
    if (!what) return;
    json::object alert{{"kind", kind}};
    PutText(&alert, "what", *what);
    alerts.push_back(std::move(alert));
  };
  add("flow-stopped", FlowAlert(health));
  add("relay-certificate", CertificateAlert(certificate, now));
  return alerts;
}

// Addresses that were never issued are no tenant's.
Result<json::object> UnknownAddresses(Ledger& ledger, Time now) {
  const auto counts = ledger.Flow("", now - kFlowLooksBack);
  if (!counts) return counts.error();
  const FlowTotal total = TotalOf(AssessFlow(*counts, now), FlowKind::kUnknownAddress);
  return json::object{{"day", total.day}, {"week", total.week}};
}

// What an event says of an engine; nullptr: nothing.
struct EngineEvent {
  FlowKind kind;
  std::int64_t EngineActivity::*count;
  Time EngineActivity::*last;  // nullptr: not told
};
constexpr EngineEvent kEngineEvents[] = {
    {FlowKind::kEngineAnswered, &EngineActivity::answered, &EngineActivity::last_answered},
    {FlowKind::kEngineRefused, &EngineActivity::refused, nullptr},
    {FlowKind::kEngineUnavailable, &EngineActivity::unavailable,
     &EngineActivity::last_unavailable}};

void AddTo(std::map<std::string, EngineActivity>* engines, const FlowKey& key,
           const FlowCount& counted, Time since) {
  for (const EngineEvent& event : kEngineEvents) {
    if (event.kind != key.kind) continue;
    EngineActivity& engine = (*engines)[key.detail];
    engine.engine = key.detail;
    if (key.since >= since) engine.*event.count += counted.count;
    if (event.last != nullptr) engine.*event.last = std::max(engine.*event.last, counted.last);
  }
}

}  // namespace

Result<std::vector<EngineActivity>> EnginesOf(Ledger& ledger,
                                              const std::vector<std::string>& tenants, Time now) {
  const Time since = now - std::chrono::hours(24);
  std::map<std::string, EngineActivity> engines;
  for (const std::string& tenant : tenants) {
    const auto flow = ledger.Flow(tenant, since);
    if (!flow) return flow.error();
    for (const auto& [key, counted] : *flow) AddTo(&engines, key, counted, since);
  }
  std::vector<EngineActivity> all;
  all.reserve(engines.size());
  for (auto& [name, engine] : engines) all.push_back(std::move(engine));
  return all;
}

Result<json::object> FlowRow(const Tenant& tenant, const RelayCertificate& certificate,
                             Ledger& ledger, Time now) {
  const auto counts = ledger.Flow(tenant.name, now - kFlowLooksBack);
  if (!counts) return counts.error();
  const FlowHealth health = AssessFlow(*counts, now);
  json::object row{{"tenant", tenant.name},
                   {"state", ToString(health.state)},
                   {"alerts", AlertsOf(health, certificate, now)},
                   {"hour", FormatTime(health.hour)},
                   {"reports", health.reports},
                   {"usual", health.usual},
                   {"missing", health.missing},
                   {"counts", CountsOf(health)},
                   {"certificate", CertificateOf(tenant, health)},
                   {"addresses", AddressesOf(tenant, health, now)}};
  PutTime(&row, "last_report", health.last_report);
  PutTime(&row, "connector_validated", health.connector_validated);
  if (!certificate.path.empty()) row["relay_certificate"] = RelayCertificateOf(certificate);
  return row;
}

Result<std::string> TenantFlowResult(const std::string& arguments, const TenantDirectory& tenants,
                                     const RelayCertificate& certificate, Ledger& ledger,
                                     Time now) {
  std::string name;
  const Status read = ReadJson(arguments, [&](const JsonReader& in) { in.Text("tenant", &name); });
  if (!read) return read.error();
  if (!name.empty() && tenants.FindByName(name) == nullptr) {
    return NoTenant(name);
  }
  json::array rows;
  for (const Tenant& tenant : tenants.tenants()) {
    if (!name.empty() && tenant.name != name) continue;
    auto row = FlowRow(tenant, certificate, ledger, now);
    if (!row) return row.error();
    rows.push_back(*std::move(row));
  }
  auto unknown = UnknownAddresses(ledger, now);
  if (!unknown) return unknown.error();
  return json::serialize(
      json::object{{"rows", std::move(rows)}, {"unknown_addresses", *std::move(unknown)}});
}

}  // namespace clawback
