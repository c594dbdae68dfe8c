// SPDX-License-Identifier: Apache-2.0
// What the parts of the protocol's JSON have in common; the inside of protocol*.cc only.
#ifndef CLAWBACK_RETRACT_SIDECAR_PROTOCOL_FIELDS_H_
#define CLAWBACK_RETRACT_SIDECAR_PROTOCOL_FIELDS_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "policy/base/clock.h"
#include "policy/json.h"

namespace clawback {

// Reads a time into *out, a Time or an optional one; an absent key leaves it.
template <typename T>
void ReadTime(const JsonReader& in, std::string_view key, T* out) {
  if (!in.Has(key)) return;
  std::string text;
  in.Text(key, &text);
  const auto time = ParseTime(text);
  if (!time) return in.Fault(key, "expected a time like 2026-11-03T09:14:22.123Z");
  *out = *time;
}

// Each of these must be there.
void Require(const JsonReader& in, std::initializer_list<std::string_view> keys);

// The first field of text, a JSON object, that is not among known.
std::optional<std::string> UnknownField(std::string_view text,
                                        std::initializer_list<std::string_view> known);

// One value of its own.
template <typename T>
Result<T> ReadOne(std::string_view text, void (*read_fields)(const JsonReader&, T*)) {
  T value;
  const Status read = ReadJson(text, [&](const JsonReader& in) { read_fields(in, &value); });
  if (!read) return read.error();
  return value;
}

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_PROTOCOL_FIELDS_H_
