// SPDX-License-Identifier: Apache-2.0
// Values of the sidecar's answers as cells of a table.
#ifndef CLAWBACK_RETRACT_COMMAND_JSON_TEXT_H_
#define CLAWBACK_RETRACT_COMMAND_JSON_TEXT_H_

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace clawback {

// The text at key, another value as JSON, "" where there is none.
inline std::string TextOf(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr) return "";
  return value->is_string() ? std::string(value->get_string()) : boost::json::serialize(*value);
}

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_JSON_TEXT_H_
