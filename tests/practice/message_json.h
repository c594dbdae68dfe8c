// SPDX-License-Identifier: Apache-2.0
// An item as microsoft.graph.message.
#ifndef CLAWBACK_TESTS_PRACTICE_MESSAGE_JSON_H_
#define CLAWBACK_TESTS_PRACTICE_MESSAGE_JSON_H_

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "tests/practice/graph_query.h"
#include "tests/practice/mailbox.h"

namespace clawback::practice {

enum class IdKind { kOrdinary, kImmutable };
const std::string& IdOf(const Item& item, IdKind kind);

// What $select and $filter may name for messages.
QueryRules MessageRules();
// Properties that Mail.ReadBasic.All does not show.
bool IsBeyondBasic(std::string_view property);

// One property by its path, for $filter and for the object below.
boost::json::value MessageProperty(const Item& item, std::string_view path, IdKind ids);
boost::json::object MessageJson(const Item& item, const GraphQuery& query, IdKind ids,
                                bool basic_only);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_MESSAGE_JSON_H_
