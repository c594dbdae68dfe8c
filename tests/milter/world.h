// SPDX-License-Identifier: Apache-2.0
// Sessions over an intake whose queue and judge the test holds in its hand.
#ifndef CLAWBACK_TESTS_MILTER_WORLD_H_
#define CLAWBACK_TESTS_MILTER_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milter/session.h"
#include "tests/support/manual_clock.h"

namespace clawback {

inline constexpr std::string_view kContoso = "<jrn-contoso@relay.example>";
inline constexpr std::string_view kContosoNew = "<jrn-contoso-new@relay.example>";
inline constexpr std::string_view kContosoEu = "<jrn-contoso@eu1.relay.example>";
inline constexpr std::string_view kFabrikam = "<jrn-fabrikam@relay.example>";
inline constexpr std::string_view kAdatum = "<jrn-adatum@relay.example>";
inline constexpr std::string_view kAdatumEu = "<jrn-adatum@eu1.relay.example>";
inline constexpr std::string_view kWoodgrove = "<jrn-woodgrove@relay.example>";

inline Tenant TenantNamed(const std::string& name, std::vector<ServiceAddress> addresses) {
  Tenant tenant;
  tenant.name = name;
  tenant.domains = {name + ".example"};
  tenant.service_addresses = std::move(addresses);
  tenant.demands.networks = {"192.0.2.0/24"};
  tenant.demands.secret_address = false;
  tenant.demands.originator_org = "";
  tenant.demands.tenant_id_mark = false;
  return tenant;
}

// contoso and fabrikam; adatum, which us-east may serve when eu1 cannot; woodgrove, which
// has an archive.
inline TenantDirectory AllTenants() {
  Tenant adatum = TenantNamed(
      "adatum", {{"jrn-adatum@relay.example", "us"}, {"jrn-adatum@eu1.relay.example", "eu"}});
  adatum.region_rule = {RegionPolicy::kPrimary, {"us-east"}};
  Tenant woodgrove = TenantNamed("woodgrove", {{"jrn-woodgrove@relay.example", "us"}});
  woodgrove.after_accepting = AfterAccepting::kPassOn;
  return TenantDirectory({adatum, woodgrove,
                          TenantNamed("contoso", {{"jrn-contoso@relay.example", "us"},
                                                  {"jrn-contoso-new@relay.example", "us"},
                                                  {"jrn-contoso@eu1.relay.example", "eu"}}),
                          TenantNamed("fabrikam", {{"jrn-fabrikam@relay.example", "us"}})});
}

// The queue of memory, with a switch that makes it fail and a look at what it took.
class WatchedQueue final : public DecisionQueue {
 public:
  Result<Committed> Commit(const DecisionRecord& record) override {
    if (failure) return *failure;
    auto committed = inner_->Commit(record);
    if (committed.ok() && *committed == Committed::kNew) records.push_back(record);
    return committed;
  }
  Result<bool> Has(const Digest& digest) override {
    if (failure) return *failure;
    return inner_->Has(digest);
  }
  Result<int> Strike(const Digest& digest, Time at) override { return inner_->Strike(digest, at); }
  Result<bool> KeepBody(const Digest&, std::string_view bytes, Time) override {
    if (body_fault) return *body_fault;
    bodies.emplace_back(bytes);
    return true;
  }
  Result<bool> Park(const Digest& digest, std::string_view bytes, Time at) override {
    parked.emplace_back(bytes);
    return inner_->Park(digest, bytes, at);
  }

  void Count(FlowKey event, Time) override { ++counted[std::move(event)]; }

  std::optional<Error> failure;
  std::map<FlowKey, int> counted;
  std::vector<DecisionRecord> records;
  std::vector<std::string> parked, bodies;
  std::optional<Error> body_fault;

 private:
  std::unique_ptr<DecisionQueue> inner_ = MakeMemoryDecisionQueue();
};

inline Judgement UsableReport() {
  Judgement judgement;
  judgement.report.kind = ReportKind::kJournalReport;
  judgement.report.message_id = "<1@sender.example>";
  judgement.report.recipients.emplace_back().address = "alice@contoso.example";
  return judgement;
}

struct World {
  explicit World(MilterSettings settings = {})
      : intake{.relay = {"us-east", "us"},
               .relays = {{"us-east", "us", "us-east.example.com"},
                          {"eu1", "eu", "eu1.example.com"},
                          {"eu2", "eu", "eu2.example.com"}},
               .settings = settings,
               .queue = queue,
               .judge = [this](const ReportBytes& bytes, const JudgeRequest& request,
                               milliseconds wait) { return Judge(bytes, request, wait); },
               .clock = clock,
               .tenants = TenantSnapshot(AllTenants()),
               .settings_seen = true} {}

  Result<Judgement> Judge(const ReportBytes& bytes, const JudgeRequest& request,
                          milliseconds wait) {
    judged.emplace_back(*bytes.View());
    requests.push_back(request);
    waits.push_back(wait);
    return verdict();
  }

  // A session over TLS.
  Session Connect() {
    Session session(intake, "192.0.2.1", "client.example");
    session.Helo({"TLSv1.3", "mail.protection.outlook.com", "Some CA"});
    return session;
  }

  // One report from MAIL to its answer.
  static Answer Send(Session& session, std::string_view body,
                     std::string_view recipient = kContoso) {
    session.Mail("<>", {});
    const Answer taken = session.Rcpt(recipient);
    if (taken.kind != Answer::Kind::kContinue) return taken;
    session.Header("Subject", " report");
    session.EndOfHeaders();
    session.Body(body);
    return session.EndOfMessage("4XYZ");
  }

  ManualClock clock{SystemClock().Now()};
  WatchedQueue queue;
  std::function<Result<Judgement>()> verdict = [] { return Result<Judgement>(UsableReport()); };
  std::vector<std::string> judged;
  std::vector<JudgeRequest> requests;
  std::vector<milliseconds> waits;
  Intake intake;
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_MILTER_WORLD_H_
