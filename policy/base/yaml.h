// SPDX-License-Identifier: Apache-2.0
// Configuration from YAML, every key named once with its type and bounds.
// Unknown keys are refused with the nearest known name; every fault is reported,
// not the first only, as "file:line:column: what, what was expected".
// The only file that knows yaml-cpp is yaml.cc.
#ifndef CLAWBACK_POLICY_BASE_YAML_H_
#define CLAWBACK_POLICY_BASE_YAML_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/base/result.h"

namespace clawback {

// One fault in a configuration file; line and column count from 1.
struct ConfigFault {
  std::string file;
  int line = 0;
  int column = 0;
  std::string what;
};
std::string ToString(const ConfigFault& fault);  // file:line:column: what

enum class Presence { kOptional, kRequired };

// A mapping being read. Each method names one key; absent optional keys leave
// *out as it was (the default in the struct's member initialiser). Faults go to
// the document; the values of a document with faults are not to be used. Texts are
// UTF-8 without control characters; a required one is not empty.
class YamlMap {
 public:
  void String(std::string_view key, std::string* out, Presence presence = Presence::kOptional);
  void Strings(std::string_view key, std::vector<std::string>* out,
               Presence presence = Presence::kOptional);
  void Integer(std::string_view key, std::int64_t* out, std::int64_t min, std::int64_t max,
               Presence presence = Presence::kOptional);
  // "512", "64KiB", "160MiB", "2GiB": bytes.
  void Size(std::string_view key, std::int64_t* out, std::int64_t min, std::int64_t max,
            Presence presence = Presence::kOptional);
  void Bool(std::string_view key, bool* out, Presence presence = Presence::kOptional);
  // "250ms", "15s", "10m", "48h", "30d".
  void Duration(std::string_view key, std::chrono::milliseconds* out, std::chrono::milliseconds min,
                std::chrono::milliseconds max, Presence presence = Presence::kOptional);
  template <typename E>
  void Enum(std::string_view key, E* out,
            std::initializer_list<std::pair<std::string_view, E>> names,
            Presence presence = Presence::kOptional) {
    std::vector<std::string_view> words;
    for (const auto& [name, value] : names) words.push_back(name);
    const int chosen = Choice(key, words, presence);
    if (chosen >= 0) *out = (names.begin() + chosen)->second;
  }
  // A nested mapping; read is called if the key is there.
  void Map(std::string_view key, const std::function<void(YamlMap&)>& read,
           Presence presence = Presence::kOptional);
  // A list of mappings; read is called for each.
  void List(std::string_view key, const std::function<void(YamlMap&)>& read,
            Presence presence = Presence::kOptional);
  // A fault at the value of key (or at the mapping itself where key is absent),
  // for checks that the types above cannot make.
  void Fault(std::string_view key, std::string what);
  // The same at one entry of a list that Strings read; index counts from 0.
  void Fault(std::string_view key, std::size_t index, std::string what);
  // Whether key is present, and where its value stands ("file:line").
  bool Has(std::string_view key) const;
  std::string Where(std::string_view key) const;

  YamlMap(const YamlMap&) = delete;
  YamlMap& operator=(const YamlMap&) = delete;
  ~YamlMap();  // refuses the keys that nobody asked for

 private:
  friend std::vector<ConfigFault> ReadYamlText(std::string_view, const std::string&,
                                               const std::function<void(YamlMap&)>&);
  struct State;
  explicit YamlMap(std::unique_ptr<State> state);
  int Choice(std::string_view key, const std::vector<std::string_view>& words, Presence presence);
  std::unique_ptr<State> state_;
};

// Reads text (named file in faults) as one mapping. Answers all faults in the
// order of the file; none means that the values may be used. A syntax error, or a
// file that cannot be read or is over 4 MiB, is one fault (line 0: no place).
std::vector<ConfigFault> ReadYamlText(std::string_view text, const std::string& file,
                                      const std::function<void(YamlMap&)>& read);
std::vector<ConfigFault> ReadYamlFile(const std::string& path,
                                      const std::function<void(YamlMap&)>& read);
// "10m" and the like, as YamlMap::Duration reads them; and back, in the greatest whole unit.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);
std::string FormatDuration(std::chrono::milliseconds duration);
// The file's bytes within the same bounds, for callers that need their digest too.
Result<std::string> ReadConfigBytes(const std::string& path);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_YAML_H_
