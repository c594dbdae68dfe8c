// SPDX-License-Identifier: Apache-2.0
// The keys that the readers know, as they themselves list them when they refuse an
// unknown one, against the entries of the man pages.
#define BOOST_TEST_MODULE style_config_keys
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "policy/relay.h"
#include "policy/tenant.h"
#include "tests/policy/temporary_folder.h"

namespace clawback {
namespace {

// Near to no key's name, so that the refusal lists all of them.
constexpr std::string_view kUnknown = "qqqqqqqqqqqqqqqqqqqqqqqq";

using Reader = std::function<std::vector<ConfigFault>(const std::string& path)>;

std::vector<ConfigFault> ReadRelay(const std::string& path) { return ReadRelayFile(path).faults; }
std::vector<ConfigFault> ReadTenant(const std::string& path) { return ReadTenantFile(path).faults; }

// The keys of the mapping that the unknown one stands in; nullopt where the text is
// no mapping for the reader.
std::optional<std::vector<std::string>> KeysIn(const Reader& read, const std::string& text) {
  const TemporaryFolder folder;
  for (const ConfigFault& fault : read(folder.Write("f.yaml", text))) {
    const std::string marker = std::string(kUnknown) + "\", expected one of ";
    const std::size_t at = fault.what.find(marker);
    if (at == std::string::npos) continue;
    std::vector<std::string> keys;
    std::istringstream list(fault.what.substr(at + marker.size()));
    for (std::string key; std::getline(list >> std::ws, key, ',');) keys.push_back(key);
    return keys;
  }
  return std::nullopt;
}

// text stands around the mapping that name names: front and back are it without its inside.
void AddKeys(const Reader& read, const std::string& name, const std::string& front,
             const std::string& back, std::set<std::string>* names) {
  const auto keys = KeysIn(read, front + std::string(kUnknown) + ": 1" + back);
  if (!keys) return;
  for (const std::string& key : *keys) {
    const std::string full = name.empty() ? key : name + "." + key;
    names->insert(full);
    AddKeys(read, full, front + key + ": {", "}" + back, names);
    AddKeys(read, full + "[]", front + key + ": [{", "}]" + back, names);
  }
}

std::set<std::string> KeysOf(const Reader& read) {
  std::set<std::string> names;
  AddKeys(read, "", "", "", &names);
  BOOST_REQUIRE(!names.empty());
  return names;
}

// The entries of a man page and the text under each: ".TP", then ".BI key ...".
std::map<std::string, std::string> EntriesOf(const std::string& page) {
  std::ifstream stream(std::string(CLAWBACK_SOURCE_DIR) + "/packaging/man/" + page);
  BOOST_REQUIRE(stream.good());
  std::map<std::string, std::string> entries;
  std::string current;
  bool heading = false;
  for (std::string line; std::getline(stream, line);) {
    if (heading) {
      std::istringstream words(line);
      std::string macro;
      words >> macro >> current;
      BOOST_TEST(entries.emplace(current, "").second, current << " has two entries");
    } else if (!current.empty()) {
      entries[current] += line + "\n";
    }
    heading = line == ".TP";
    if (line.substr(0, 3) == ".SH") current.clear();
  }
  return entries;
}

void CheckPage(const Reader& read, const std::string& page) {
  const std::set<std::string> keys = KeysOf(read);
  const auto entries = EntriesOf(page);
  for (const std::string& key : keys) {
    BOOST_TEST(entries.count(key) == 1U, key << " has no entry in " << page);
  }
  for (const auto& [key, text] : entries) {
    BOOST_TEST(keys.count(key) == 1U, page << " describes " << key << ", which no file may hold");
    const bool told =
        text.find("Default:") != std::string::npos || text.find("Required.") != std::string::npos;
    BOOST_TEST(told, page << ": " << key << " has neither a default nor is it required");
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_key_of_the_relays_file_has_one_entry) {
  BOOST_TEST(KeysOf(ReadRelay).count("milter.max_report_size") == 1U);
  BOOST_TEST(KeysOf(ReadRelay).count("engines.clamd.socket") == 1U);
  CheckPage(ReadRelay, "clawback.yaml.5");
}

BOOST_AUTO_TEST_CASE(every_key_of_a_tenants_file_has_one_entry) {
  BOOST_TEST(KeysOf(ReadTenant).count("service_addresses[].region") == 1U);
  CheckPage(ReadTenant, "clawback-tenant.yaml.5");
}

}  // namespace clawback
