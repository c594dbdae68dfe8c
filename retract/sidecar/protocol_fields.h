// SPDX-License-Identifier: Apache-2.0
// One JSON object of the protocol being read or written, field by field. Inside the
// protocol only.
#ifndef CLAWBACK_RETRACT_SIDECAR_PROTOCOL_FIELDS_H_
#define CLAWBACK_RETRACT_SIDECAR_PROTOCOL_FIELDS_H_

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/result.h"

namespace clawback {

// Text under key. JSON is UTF-8 and a message id may be any bytes: what is not
// UTF-8 goes as KEY_hex, and KEY holds it with "?" for each byte that is not ASCII.
void PutText(boost::json::object& object, std::string_view key, std::string_view text);
// As RFC 3339; nothing where there is no time.
void PutTime(boost::json::object& object, std::string_view key, std::optional<Time> time);

// Parses text that must be one JSON object; what names it in errors.
Result<boost::json::object> ParseObject(std::string_view text, std::string_view what);

// Reads an object. Absent fields are their defaults; the first fault (wrong type,
// unknown word) is kept and answered by Finish, after which nothing read may be used.
class FieldReader {
 public:
  // object must outlive the reader.
  FieldReader(const boost::json::object& object, std::string_view what)
      : object_(object), what_(what) {}

  std::string Text(std::string_view key);
  std::int64_t Integer(std::string_view key, std::int64_t absent, std::int64_t min,
                       std::int64_t max);
  double Number(std::string_view key);
  bool Flag(std::string_view key);
  std::optional<Time> MaybeTime(std::string_view key);
  Time RequiredTime(std::string_view key);
  const boost::json::object* MaybeObject(std::string_view key);
  const boost::json::array* MaybeArray(std::string_view key);
  // A word that from turns into a value.
  template <typename From>
  auto MaybeWord(std::string_view key, From from) -> decltype(from(std::string_view())) {
    const boost::json::value* found = Take(key);
    if (found == nullptr) return {};
    const boost::json::string* text = found->if_string();
    const std::string word = text == nullptr ? "" : std::string(text->data(), text->size());
    auto value = from(std::string_view(word));
    if (!value) Fault(key, text == nullptr ? "expected a word" : "unknown word \"" + word + "\"");
    return value;
  }
  template <typename From>
  auto Word(std::string_view key, From from) {
    auto value = MaybeWord(key, from);
    if (!value) Fault(key, "missing");
    return value.value_or(typename decltype(value)::value_type{});
  }

  void Fault(std::string_view key, std::string_view problem);
  // The first fault.
  Status Finish() const;
  // ... and a field that nobody asked for is one too.
  Status FinishStrict() const;

 private:
  const boost::json::value* Take(std::string_view key);
  const boost::json::object& object_;
  std::string what_;
  std::vector<std::string> asked_;
  std::optional<Error> fault_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_PROTOCOL_FIELDS_H_
