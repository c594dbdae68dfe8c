// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/answers_regions.h"

#include <algorithm>
#include <charconv>

#include "policy/json.h"
#include "retract/sidecar/no_tenant.h"

namespace clawback {
namespace {

namespace json = boost::json;

std::optional<int> NumberOf(std::string_view digits) {
  int number = 0;
  const bool all =
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (!all || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

Time BeginOf(std::chrono::year_month month) {
  return std::chrono::sys_days(month / std::chrono::day(1));
}

json::object Fields(const RegionCount& count) {
  json::object out;
  PutText(&out, "tenant", count.tenant);
  PutText(&out, "relay", count.relay);
  PutText(&out, "region", count.region);
  PutText(&out, "address_region", count.address_region);
  PutText(&out, "region_policy", count.policy);
  out["standing"] = ToString(count.standing);
  out["reports"] = count.reports;
  return out;
}

json::object Fields(const RegionViolation& violation) {
  json::object out;
  out["id"] = violation.trace_id;
  out["received"] = FormatTime(violation.received);
  PutText(&out, "tenant", violation.tenant);
  PutText(&out, "relay", violation.relay);
  PutText(&out, "region", violation.region);
  PutText(&out, "address_region", violation.address_region);
  PutText(&out, "region_policy", violation.policy);
  PutText(&out, "report_digest", violation.report_digest);
  PutBytes(&out, "message_id", violation.message_id);
  return out;
}

template <typename T>
json::array Rows(const std::vector<T>& rows) {
  json::array out;
  for (const T& row : rows) out.push_back(Fields(row));
  return out;
}

std::int64_t Total(const RegionAccount& account, RegionStanding standing) {
  std::int64_t total = 0;
  for (const RegionCount& count : account.counts) {
    if (count.standing == standing) total += count.reports;
  }
  return total;
}

}  // namespace

std::optional<RegionQuery> MonthOf(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const auto year = NumberOf(text.substr(0, 4));
  const auto number = NumberOf(text.substr(5));
  if (!year || !number || *number < 1 || *number > 12) return std::nullopt;
  const auto month = std::chrono::year(*year) / std::chrono::month(static_cast<unsigned>(*number));
  return RegionQuery{BeginOf(month), BeginOf(month + std::chrono::months(1)), ""};
}

Result<std::string> RegionReportResult(const std::string& arguments, std::string_view relay,
                                       const std::vector<std::string>& tenants, Ledger& ledger,
                                       Time now) {
  std::string month, tenant;
  std::optional<RegionQuery> query;
  const Status read = ReadJson(arguments, [&](const JsonReader& in) {
    in.Text("month", &month);
    in.Text("tenant", &tenant);
    query = MonthOf(month);
    if (!query) in.Fault("month", "expected a month such as 2026-11");
  });
  if (!read) return read.error();
  if (query->from > now) return Error{ErrorKind::kInvalid, "month: " + month + " has not begun"};
  query->tenant = tenant;
  const auto account = ledger.Regions(*query);
  if (!account) return account.error();
  if (!tenant.empty() && account->counts.empty() && std::ranges::count(tenants, tenant) == 0) {
    return NoTenant(tenant);
  }
  const std::int64_t violations = Total(*account, RegionStanding::kViolation);
  const std::int64_t unproven = Total(*account, RegionStanding::kUnproven);
  const bool complete = query->from > account->pruned_until;
  json::object out{{"month", month},
                   {"ended", query->until <= now},
                   {"complete", complete},
                   {"proven", complete && violations == 0 && unproven == 0},
                   {"in_region", Total(*account, RegionStanding::kInRegion)},
                   {"fallback", Total(*account, RegionStanding::kFallback)},
                   {"violation", violations},
                   {"unproven", unproven},
                   {"rows", Rows(account->counts)},
                   {"violations", Rows(account->violations)}};
  PutText(&out, "ledger_of", relay);
  return json::serialize(out);
}

}  // namespace clawback
