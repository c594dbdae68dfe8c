// SPDX-License-Identifier: Apache-2.0
// Reads the control API's JSON: every field named once, with its type; unknown
// fields and wrong types are errors that say which field.
#ifndef CLAWBACK_TESTS_PRACTICE_JSON_FIELDS_H_
#define CLAWBACK_TESTS_PRACTICE_JSON_FIELDS_H_

#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "policy/base/result.h"

namespace clawback::practice {

class JsonFields {
 public:
  explicit JsonFields(const boost::json::value& value);

  // Absent fields leave *out as it was.
  void Text(std::string_view name, std::string* out);
  void Text(std::string_view name, std::optional<std::string>* out);
  void TextOrNumber(std::string_view name, std::optional<std::string>* out);
  void Number(std::string_view name, std::int64_t* out);
  void Milliseconds(std::string_view name, std::chrono::milliseconds* out);
  void Bool(std::string_view name, bool* out);
  template <typename E>
  void Choice(std::string_view name, const std::map<std::string, E>& names, E* out) {
    std::string text;
    Text(name, &text);
    if (text.empty()) return;
    if (const auto found = names.find(text); found != names.end()) {
      *out = found->second;
    } else {
      Fault(name, "\"" + text + "\" is not known");
    }
  }
  // The value itself, or null.
  const boost::json::value* Any(std::string_view name);
  void Fault(std::string_view name, std::string_view what);

  // The first fault, or the first field that nobody asked for.
  Status Finish() const;

 private:
  boost::json::object object_;
  std::set<std::string, std::less<>> asked_;
  std::optional<Error> fault_;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_JSON_FIELDS_H_
