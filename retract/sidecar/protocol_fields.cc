// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/protocol_fields.h"

#include <algorithm>

namespace clawback {

namespace json = boost::json;

void Require(const JsonReader& in, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (!in.Has(key)) in.Fault(key, "is missing");
  }
}

std::optional<std::string> UnknownField(std::string_view text,
                                        std::initializer_list<std::string_view> known) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return std::nullopt;
  for (const auto& field : value.get_object()) {
    const std::string_view key(field.key().data(), field.key().size());
    if (std::find(known.begin(), known.end(), key) == known.end()) return std::string(key);
  }
  return std::nullopt;
}

}  // namespace clawback
