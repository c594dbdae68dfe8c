// SPDX-License-Identifier: Apache-2.0
// region.report: where a month's reports were handled, and whether that was right.
#ifndef CLAWBACK_RETRACT_SIDECAR_ANSWERS_REGIONS_H_
#define CLAWBACK_RETRACT_SIDECAR_ANSWERS_REGIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "retract/ledger/ledger.h"

namespace clawback {

// The UTC month "2026-11" as a query of all tenants; nullopt for other text.
std::optional<RegionQuery> MonthOf(std::string_view text);

// kInvalid for a month that has not begun at now. tenants: those that there are now;
// kNotFound for another one of which the month has no report either.
Result<std::string> RegionReportResult(const std::string& arguments, std::string_view relay,
                                       const std::vector<std::string>& tenants, Ledger& ledger,
                                       Time now);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_ANSWERS_REGIONS_H_
