// SPDX-License-Identifier: Apache-2.0
// What `clawback classify --json` prints of each sample under tests/data/journal is what
// its manifest expects.
#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/retract/command/run_program.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::string_view kFolder = CLAWBACK_SOURCE_DIR "/tests/data/journal/";

json::array Samples() {
  std::ostringstream text;
  text << std::ifstream(std::string(kFolder) + "manifest.json").rdbuf();
  return json::parse(text.str()).as_object().at("files").as_array();
}

// The manifest leaves out what is absent, and has shorter names.
json::array ToldRecipients(const json::array& expected) {
  json::array told;
  for (const json::value& each : expected) {
    const json::object& from = each.as_object();
    json::object fields;
    fields["type"] = from.at("type");
    fields["address"] = from.at("addr");
    fields["redirect"] = from.contains("redirect") ? from.at("redirect") : json::value(nullptr);
    fields["original"] = from.contains("orig") ? from.at("orig") : json::value("");
    told.push_back(std::move(fields));
  }
  return told;
}

bool IsOneOf(const json::value& told, const json::value& expected) {
  if (!expected.is_array()) return told == expected;
  const json::array& words = expected.as_array();
  return std::find(words.begin(), words.end(), told) != words.end();
}

// Answers how many keys of the manifest were compared.
int Compare(const json::object& told, const json::object& expect) {
  int compared = 0;
  for (const char* key : {"message_id", "sender", "on_behalf_of", "subject", "inner_messages"}) {
    if (!expect.contains(key)) continue;
    ++compared;
    BOOST_TEST(told.at(key) == expect.at(key), key);
  }
  if (const json::value* recipients = expect.if_contains("recipients")) {
    ++compared;
    BOOST_TEST(told.at("recipients").as_array() == ToldRecipients(recipients->as_array()));
  }
  if (const json::value* kind = expect.if_contains("kind")) {
    ++compared;
    BOOST_TEST(IsOneOf(told.at("kind"), *kind));
  }
  return compared;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(classify_corpus)

BOOST_AUTO_TEST_CASE(every_sample_is_told_as_the_manifest_expects) {
  const json::array samples = Samples();
  std::vector<std::string> arguments = {"classify", "--json"};
  for (const json::value& sample : samples) {
    const json::string& name = sample.as_object().at("file").as_string();
    arguments.push_back(std::string(kFolder) + name.c_str());
  }
  const Ran ran = RunClawback(arguments);
  BOOST_TEST(ran.exit == 0);
  const std::vector<std::string> lines = Lines(ran.out);
  BOOST_REQUIRE(lines.size() == samples.size());
  int compared = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const json::object told = json::parse(lines[i]).as_object();
    BOOST_TEST_CONTEXT(arguments[i + 2]) {
      BOOST_TEST(json::value_to<std::string>(told.at("file")) == arguments[i + 2]);
      compared += Compare(told, samples[i].as_object().at("expect").as_object());
    }
  }
  BOOST_TEST(compared > 100);  // a manifest that expects nothing shows nothing
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
