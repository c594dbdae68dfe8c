// SPDX-License-Identifier: Apache-2.0
#include "retract/command/tenant_flow.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>
#include <utility>

#include "policy/base/log.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"

namespace clawback {
namespace {

namespace json = boost::json;

// "-" where there is none.
std::string TextOrDash(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? "-" : std::string(value->as_string());
}

class Page {
 public:
  explicit Page(std::ostream& out) : out_(out) {}
  void Line(std::string_view name, std::string_view value) {
    out_ << fmt::format("{:<20}{}\n", name, EscapeForTerminal(value));
  }

 private:
  std::ostream& out_;
};

void PrintCounts(const json::array& counts, Page* page) {
  page->Line("", fmt::format("{:>10}{:>10}  {}", "24 HOURS", "7 DAYS", "NEWEST"));
  for (const json::value& value : counts) {
    const json::object& row = value.as_object();
    std::string name = TextOrDash(row, "kind");
    if (row.contains("detail")) name = "  " + TextOrDash(row, "detail");
    page->Line(name, fmt::format("{:>10}{:>10}  {}", row.at("day").as_int64(),
                                 row.at("week").as_int64(), TextOrDash(row, "last")));
  }
}

void PrintCertificate(const json::object& certificate, Page* page) {
  const bool demanded = certificate.at("demanded").as_bool();
  page->Line("client certificate",
             fmt::format("{}, of {} reports in {} days {} came without it",
                         demanded ? "demanded" : "not demanded; demanding it would have refused",
                         certificate.at("of").as_int64(), certificate.at("days").as_int64(),
                         certificate.at("would_refuse").as_int64()));
}

void PrintAddresses(const json::array& addresses, Page* page) {
  for (const json::value& value : addresses) {
    const json::object& row = value.as_object();
    std::string state = row.at("valid").as_bool() ? "valid" : "ended";
    if (row.contains("ends")) state += ", end " + TextOrDash(row, "ends");
    page->Line("service address",
               fmt::format("{} ({}, {}), last report {}", TextOrDash(row, "address"),
                           TextOrDash(row, "region"), state, TextOrDash(row, "last_report")));
  }
}

}  // namespace

void PrintFlow(const json::object& tenant, std::ostream& out) {
  Page lines(out);
  Page* page = &lines;
  page->Line("tenant", TextOrDash(tenant, "tenant"));
  page->Line("flow", TextOrDash(tenant, "state"));
  for (const json::value& alert : tenant.at("alerts").as_array()) {
    page->Line("ALERT", TextOrDash(alert.as_object(), "what"));
  }
  page->Line("last report", TextOrDash(tenant, "last_report"));
  page->Line("reports an hour",
             fmt::format("{} from {} on, usually {:.1f} (the same hour of up to "
                         "7 days before; on a first day, the mean so far)",
                         tenant.at("reports").as_int64(), TextOrDash(tenant, "hour"),
                         tenant.at("usual").to_number<double>()));
  page->Line("connector", tenant.contains("connector_validated")
                              ? "validated at " + TextOrDash(tenant, "connector_validated")
                              : "not validated yet");
  PrintCertificate(tenant.at("certificate").as_object(), page);
  PrintAddresses(tenant.at("addresses").as_array(), page);
  if (const json::value* relay = tenant.if_contains("relay_certificate")) {
    page->Line("relay's certificate", "ends " + TextOrDash(relay->as_object(), "ends"));
  }
  PrintCounts(tenant.at("counts").as_array(), page);
}

int ShowFlowOfAll(const Options& options, const Terminal& terminal) {
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "tenant", sidecar.error().what);
  const Result<std::string> answer = sidecar->Ask(kTenantFlow, "{}");
  if (!answer) return Fail(terminal, "tenant", answer.error().what);
  const json::object result = json::parse(*answer).as_object();
  for (const json::value& tenant : result.at("rows").as_array()) {
    if (options.Has("--json")) {
      terminal.out << JsonText(tenant) << '\n';
    } else {
      PrintFlow(tenant.as_object(), terminal.out);
      terminal.out << '\n';
    }
  }
  if (options.Has("--json")) return kExitDone;
  const json::object& unknown = result.at("unknown_addresses").as_object();
  terminal.out << fmt::format(
      "mail to addresses never issued, any tenant: {} in 24 hours, {} in 7 days\n",
      unknown.at("day").as_int64(), unknown.at("week").as_int64());
  return kExitDone;
}

}  // namespace clawback
