// SPDX-License-Identifier: Apache-2.0
// World as JSON for the control port. All with World's lock held.
#ifndef CLAWBACK_TESTS_PRACTICE_CONTROL_STATE_H_
#define CLAWBACK_TESTS_PRACTICE_CONTROL_STATE_H_

#include <boost/json.hpp>

#include "tests/practice/world.h"

namespace clawback::practice {

// The same in numbers, for worlds that are too large to be looked at whole.
boost::json::object SummaryJson(const World& world, size_t pending_deliveries);
boost::json::object StateJson(const World& world, size_t pending_deliveries);
boost::json::object RequestsJson(const World& world);
boost::json::object SettingsJson(const ServiceSettings& settings);
Status ChangeSettings(const boost::json::value& body, ServiceSettings* settings);
boost::json::object ItemJson(const Item& item);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_CONTROL_STATE_H_
