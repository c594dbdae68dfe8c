// SPDX-License-Identifier: Apache-2.0
// Values to JSON and back. Written JSON is always valid UTF-8; read JSON is not
// trusted: a wrong type or an out-of-range number is an error that names the place,
// never an exception.
#ifndef CLAWBACK_POLICY_JSON_H_
#define CLAWBACK_POLICY_JSON_H_

#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/base/result.h"

namespace clawback {

// A text for people: bytes that are not UTF-8 become U+FFFD.
void PutText(boost::json::object* object, std::string_view key, std::string_view text);
// Each so.
boost::json::array TextsToJson(const std::vector<std::string>& texts);
// A text that must come back byte for byte. Where it is not UTF-8, key holds the
// repaired text for people and "KEY_hex" the bytes; else KEY_hex is absent.
void PutBytes(boost::json::object* object, std::string_view key, std::string_view bytes);

// Reads one object. An absent key leaves *out as it was, so that older records
// without a newer key can still be read; Named keys must be there. The first fault
// is kept for the whole document, and nothing is to be used after one.
class JsonReader {
 public:
  JsonReader(const boost::json::value& value, std::string place, std::string* fault);

  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  void Text(std::string_view key, std::string* out) const;
  void Bytes(std::string_view key, std::string* out) const;
  void Bool(std::string_view key, bool* out) const;
  void Number(std::string_view key, double* out) const;
  template <typename T>
  void Integer(std::string_view key, T* out) const {
    const boost::json::value* value = Find(key);
    if (value == nullptr) return;
    boost::system::error_code error;
    const T number = value->to_number<T>(error);  // exact or an error
    if (error || value->is_double()) return Fault(key, "expected an integer in range");
    *out = number;
  }
  // A word of a closed set; the key must be there.
  template <typename E>
  void Named(std::string_view key, E* out, std::optional<E> (*from)(std::string_view)) const {
    std::string word;
    if (!Has(key)) return Fault(key, "is missing");
    Text(key, &word);
    const std::optional<E> value = from(word);
    if (!value) return Fault(key, "unknown word");
    *out = *value;
  }
  void Object(std::string_view key, const std::function<void(const JsonReader&)>& read) const;
  void Objects(std::string_view key, const std::function<void(const JsonReader&)>& read) const;
  void Texts(std::string_view key, std::vector<std::string>* out) const;
  void Fault(std::string_view key, std::string_view what) const;

 private:
  const boost::json::value* Find(std::string_view key) const;
  const boost::json::object* object_;  // null: it was no object
  std::string place_;
  std::string* fault_;
};

// One document that is one object.
Status ReadJson(std::string_view json, const std::function<void(const JsonReader&)>& read);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JSON_H_
