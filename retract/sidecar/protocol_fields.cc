// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/protocol_fields.h"

#include <algorithm>
#include <limits>

#include "policy/base/digest.h"

namespace clawback {
namespace {

namespace json = boost::json;

bool IsAscii(unsigned char byte) { return byte < 0x80; }

// Well-formed UTF-8 (RFC 3629) as Boost's own parser sees it: what we write is what
// the other end must be able to read.
bool IsUtf8(std::string_view text) {
  if (std::all_of(text.begin(), text.end(),
                  [](char c) { return IsAscii(static_cast<unsigned char>(c)); })) {
    return true;
  }
  json::error_code error;
  json::parse(json::serialize(json::string(text)), error);
  return !error;
}

std::optional<std::string> BytesFromHex(std::string_view hex) {
  const auto nibble = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = nibble(hex[i]), low = nibble(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

}  // namespace

void PutText(json::object& object, std::string_view key, std::string_view text) {
  if (IsUtf8(text)) {
    object[key] = text;
    return;
  }
  std::string readable(text);
  std::replace_if(
      readable.begin(), readable.end(),
      [](char c) { return !IsAscii(static_cast<unsigned char>(c)); }, '?');
  object[key] = readable;
  object[std::string(key) + "_hex"] =
      ToHex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void PutTime(json::object& object, std::string_view key, std::optional<Time> time) {
  if (time) object[key] = FormatTime(*time);
}

Result<json::object> ParseObject(std::string_view text, std::string_view what) {
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error) {
    return Error{ErrorKind::kInvalid, std::string(what) + ": not JSON: " + error.message()};
  }
  if (!value.is_object()) {
    return Error{ErrorKind::kInvalid, std::string(what) + ": expected a JSON object"};
  }
  return std::move(value.get_object());
}

const json::value* FieldReader::Take(std::string_view key) {
  asked_.emplace_back(key);
  return object_.if_contains(key);
}

void FieldReader::Fault(std::string_view key, std::string_view problem) {
  if (fault_) return;
  fault_ =
      Error{ErrorKind::kInvalid, what_ + ": " + std::string(key) + ": " + std::string(problem)};
}

std::string FieldReader::Text(std::string_view key) {
  const json::value* plain = Take(key);
  const json::value* hex = Take(std::string(key) + "_hex");
  const json::value* value = hex != nullptr ? hex : plain;
  if (value == nullptr) return {};
  const json::string* text = value->if_string();
  if (text == nullptr) {
    Fault(key, "expected text");
    return {};
  }
  if (hex == nullptr) return std::string(text->data(), text->size());
  auto bytes = BytesFromHex({text->data(), text->size()});
  if (!bytes) Fault(key, "expected lower-case hexadecimal in its _hex");
  return bytes.value_or("");
}

std::int64_t FieldReader::Integer(std::string_view key, std::int64_t absent, std::int64_t min,
                                  std::int64_t max) {
  const json::value* value = Take(key);
  if (value == nullptr) return absent;
  const std::int64_t* number = value->if_int64();
  if (number != nullptr && *number >= min && *number <= max) return *number;
  Fault(key, "expected an integer from " + std::to_string(min) + " to " + std::to_string(max));
  return absent;
}

double FieldReader::Number(std::string_view key) {
  const json::value* value = Take(key);
  if (value == nullptr) return 0;
  json::error_code error;
  const double number = value->to_number<double>(error);
  if (error) Fault(key, "expected a number");
  return error ? 0 : number;
}

bool FieldReader::Flag(std::string_view key) {
  const json::value* value = Take(key);
  if (value == nullptr) return false;
  const bool* flag = value->if_bool();
  if (flag == nullptr) Fault(key, "expected true or false");
  return flag != nullptr && *flag;
}

std::optional<Time> FieldReader::MaybeTime(std::string_view key) {
  if (object_.if_contains(key) == nullptr) {
    asked_.emplace_back(key);
    return std::nullopt;
  }
  const auto time = ParseTime(Text(key));
  if (!time) Fault(key, "expected a time like 2026-11-03T09:14:22.123Z");
  return time;
}

Time FieldReader::RequiredTime(std::string_view key) {
  const auto time = MaybeTime(key);
  if (!time) Fault(key, "missing");
  return time.value_or(Time{});
}

const json::object* FieldReader::MaybeObject(std::string_view key) {
  const json::value* value = Take(key);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) Fault(key, "expected an object");
  return value->if_object();
}

const json::array* FieldReader::MaybeArray(std::string_view key) {
  const json::value* value = Take(key);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) Fault(key, "expected a list");
  return value->if_array();
}

Status FieldReader::Finish() const {
  if (fault_) return *fault_;
  return {};
}

Status FieldReader::FinishStrict() const {
  if (fault_) return *fault_;
  for (const auto& field : object_) {
    if (std::find(asked_.begin(), asked_.end(), field.key()) != asked_.end()) continue;
    return Error{ErrorKind::kInvalid,
                 what_ + ": unknown field \"" + std::string(field.key()) + "\""};
  }
  return {};
}

}  // namespace clawback
