// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/json_fields.h"

namespace clawback::practice {

JsonFields::JsonFields(const boost::json::value& value) {
  if (value.is_object()) {
    object_ = value.as_object();
  } else {
    fault_ = Error{ErrorKind::kInvalid, "expected a JSON object"};
  }
}

const boost::json::value* JsonFields::Any(std::string_view name) {
  asked_.emplace(name);
  const auto* found = object_.if_contains(name);
  return found && found->is_null() ? nullptr : found;
}

void JsonFields::Fault(std::string_view name, std::string_view what) {
  if (!fault_) fault_ = Error{ErrorKind::kInvalid, std::string(name) + ": " + std::string(what)};
}

void JsonFields::Text(std::string_view name, std::string* out) {
  const auto* value = Any(name);
  if (!value) return;
  if (!value->is_string()) return Fault(name, "expected text");
  *out = std::string(value->as_string());
}

void JsonFields::Text(std::string_view name, std::optional<std::string>* out) {
  std::string text;
  if (!Any(name)) return;
  Text(name, &text);
  *out = std::move(text);
}

void JsonFields::TextOrNumber(std::string_view name, std::optional<std::string>* out) {
  const auto* value = Any(name);
  if (!value) return;
  if (value->is_string()) {
    *out = std::string(value->as_string());
  } else if (value->is_number()) {
    *out = boost::json::serialize(*value);
  } else {
    Fault(name, "expected text or a number");
  }
}

void JsonFields::Number(std::string_view name, std::int64_t* out) {
  const auto* value = Any(name);
  if (!value) return;
  if (!value->is_int64()) return Fault(name, "expected a whole number");
  *out = value->as_int64();
}

void JsonFields::Milliseconds(std::string_view name, std::chrono::milliseconds* out) {
  std::int64_t count = out->count();
  Number(name, &count);
  if (count < 0) return Fault(name, "expected no negative number");
  *out = std::chrono::milliseconds(count);
}

void JsonFields::Bool(std::string_view name, bool* out) {
  const auto* value = Any(name);
  if (!value) return;
  if (!value->is_bool()) return Fault(name, "expected true or false");
  *out = value->as_bool();
}

Status JsonFields::Finish() const {
  if (fault_) return *fault_;
  for (const auto& field : object_) {
    if (!asked_.contains(std::string_view(field.key()))) {
      return Error{ErrorKind::kInvalid, std::string(field.key()) + ": unknown field"};
    }
  }
  return {};
}

}  // namespace clawback::practice
