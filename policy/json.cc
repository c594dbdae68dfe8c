// SPDX-License-Identifier: Apache-2.0
#include "policy/json.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <span>

#include "policy/base/digest.h"
#include "policy/base/text.h"

namespace clawback {
namespace {

std::string HexOf(std::string_view bytes) {
  return ToHex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::string> BytesFromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexDigit(hex[i]);
    const int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string View(const boost::json::string& text) { return {text.data(), text.size()}; }

}  // namespace

void PutText(boost::json::object* object, std::string_view key, std::string_view text) {
  (*object)[key] = RepairUtf8(text);
}

boost::json::array TextsToJson(const std::vector<std::string>& texts) {
  boost::json::array values;
  values.reserve(texts.size());
  for (const std::string& text : texts) values.emplace_back(RepairUtf8(text));
  return values;
}

void PutBytes(boost::json::object* object, std::string_view key, std::string_view bytes) {
  PutText(object, key, bytes);
  if (!IsUtf8(bytes)) (*object)[std::string(key) + "_hex"] = HexOf(bytes);
}

JsonReader::JsonReader(const boost::json::value& value, std::string place, std::string* fault)
    : object_(value.if_object()), place_(std::move(place)), fault_(fault) {
  if (object_ == nullptr) Fault("", "expected an object");
}

const boost::json::value* JsonReader::Find(std::string_view key) const {
  return object_ == nullptr ? nullptr : object_->if_contains(key);
}

void JsonReader::Fault(std::string_view key, std::string_view what) const {
  if (!fault_->empty()) return;
  const std::string place =
      place_.empty() || key.empty() ? place_ + std::string(key) : fmt::format("{}.{}", place_, key);
  *fault_ = place.empty() ? std::string(what) : fmt::format("{}: {}", place, what);
}

void JsonReader::Text(std::string_view key, std::string* out) const {
  const boost::json::value* value = Find(key);
  if (value == nullptr) return;
  const boost::json::string* text = value->if_string();
  if (text == nullptr) return Fault(key, "expected a string");
  *out = View(*text);
}

void JsonReader::Bytes(std::string_view key, std::string* out) const {
  const std::string hex_key = std::string(key) + "_hex";
  if (!Has(hex_key)) return Text(key, out);
  std::string hex;
  Text(hex_key, &hex);
  auto bytes = BytesFromHex(hex);
  if (!bytes) return Fault(hex_key, "expected hexadecimal digits");
  *out = std::move(*bytes);
}

void JsonReader::Bool(std::string_view key, bool* out) const {
  const boost::json::value* value = Find(key);
  if (value == nullptr) return;
  if (!value->is_bool()) return Fault(key, "expected true or false");
  *out = value->get_bool();
}

void JsonReader::Number(std::string_view key, double* out) const {
  const boost::json::value* value = Find(key);
  if (value == nullptr) return;
  boost::system::error_code error;
  const auto number = value->to_number<double>(error);
  if (error || !std::isfinite(number)) return Fault(key, "expected a number");
  *out = number;
}

void JsonReader::Object(std::string_view key,
                        const std::function<void(const JsonReader&)>& read) const {
  const boost::json::value* value = Find(key);
  if (value == nullptr) return;
  const std::string place = place_.empty() ? std::string(key) : fmt::format("{}.{}", place_, key);
  const JsonReader inner(*value, place, fault_);
  if (fault_->empty()) read(inner);
}

void JsonReader::Objects(std::string_view key,
                         const std::function<void(const JsonReader&)>& read) const {
  const boost::json::value* value = Find(key);
  if (value == nullptr) return;
  const boost::json::array* array = value->if_array();
  if (array == nullptr) return Fault(key, "expected an array");
  const std::string place = place_.empty() ? std::string(key) : fmt::format("{}.{}", place_, key);
  for (const boost::json::value& element : *array) {
    const JsonReader inner(element, place, fault_);
    if (!fault_->empty()) return;
    read(inner);
  }
}

void JsonReader::Texts(std::string_view key, std::vector<std::string>* out) const {
  const boost::json::value* value = Find(key);
  if (value == nullptr) return;
  const boost::json::array* array = value->if_array();
  if (array == nullptr) return Fault(key, "expected an array of strings");
  std::vector<std::string> texts;
  for (const boost::json::value& element : *array) {
    if (!element.is_string()) return Fault(key, "expected an array of strings");
    texts.push_back(View(element.get_string()));
  }
  *out = std::move(texts);
}

Status ReadJson(std::string_view json, const std::function<void(const JsonReader&)>& read) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(json, error);
  if (error) return Error{ErrorKind::kInvalid, "not JSON: " + error.message()};
  std::string fault;
  const JsonReader reader(value, "", &fault);
  if (fault.empty()) read(reader);
  if (!fault.empty()) return Error{ErrorKind::kInvalid, fault};
  return {};
}

}  // namespace clawback
