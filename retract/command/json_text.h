// SPDX-License-Identifier: Apache-2.0
// JSON as the command prints it, and values of the sidecar's answers as cells of a table.
#ifndef CLAWBACK_RETRACT_COMMAND_JSON_TEXT_H_
#define CLAWBACK_RETRACT_COMMAND_JSON_TEXT_H_

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace clawback {

// The same JSON with numbers written as people read them: Boost.JSON writes 0.5 as 5E-1,
// which is right, and which some readers take for a text. What stands in texts stays.
std::string PlainNumbers(std::string_view json);

inline std::string JsonText(const boost::json::value& value) {
  return PlainNumbers(boost::json::serialize(value));
}

// The text at key, another value as JSON, "" where there is none.
inline std::string TextOf(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr) return "";
  return value->is_string() ? std::string(value->get_string()) : JsonText(*value);
}

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_JSON_TEXT_H_
