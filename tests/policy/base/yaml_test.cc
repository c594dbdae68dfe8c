// SPDX-License-Identifier: Apache-2.0
#include "policy/base/yaml.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/policy/temporary_folder.h"

namespace clawback {
namespace {

using std::chrono::milliseconds;

struct Values {
  std::string text = "default";
  std::vector<std::string> list;
  std::int64_t number = 7, size = 8;
  bool yes = false;
  milliseconds duration{9};
  int choice = 0;
  std::vector<std::string> names;
};

void ReadValues(YamlMap& map, Values* values) {
  map.String("text", &values->text);
  map.Strings("list", &values->list);
  map.Integer("number", &values->number, -5, 100);
  map.Size("size", &values->size, 0, 1LL << 40);
  map.Bool("yes", &values->yes);
  map.Duration("duration", &values->duration, milliseconds(0), std::chrono::hours(24 * 400));
  map.Enum<int>("choice", &values->choice, {{"one", 1}, {"two", 2}});
  map.Map("inner", [&](YamlMap& inner) { inner.String("text", &values->text); });
  map.List("people", [&](YamlMap& person) {
    std::string name;
    person.String("name", &name, Presence::kRequired);
    values->names.push_back(name);
  });
}

// "line:column: what" of each fault.
std::vector<std::string> Read(std::string_view text, Values* values) {
  std::vector<std::string> faults;
  for (const ConfigFault& fault :
       ReadYamlText(text, "f", [&](YamlMap& map) { ReadValues(map, values); })) {
    BOOST_REQUIRE_EQUAL(ToString(fault).substr(0, 2), "f:");
    faults.push_back(ToString(fault).substr(2));
  }
  return faults;
}

Values ReadGood(std::string_view text) {
  Values values;
  for (const std::string& fault : Read(text, &values)) BOOST_ERROR(fault);
  return values;
}

std::string OneFault(std::string_view text) {
  Values values;
  const auto faults = Read(text, &values);
  BOOST_TEST(faults.size() == 1U, text);
  return faults.empty() ? "" : faults.front();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(yaml)

BOOST_AUTO_TEST_CASE(each_type_is_read) {
  const Values values = ReadGood(
      "text: \"a b\"\nlist: [x, \"1.2\"]\nnumber: -5\nsize: 3MiB\nyes: true\nduration: 2m\n"
      "choice: two\npeople:\n  - name: Ann\n  - {name: Bob}\n");
  BOOST_TEST(values.text == "a b");
  BOOST_TEST((values.list == std::vector<std::string>{"x", "1.2"}));
  BOOST_TEST(values.number == -5);
  BOOST_TEST(values.size == 3 << 20);
  BOOST_TEST(values.yes);
  BOOST_TEST((values.duration == milliseconds(120'000)));
  BOOST_TEST(values.choice == 2);
  BOOST_TEST((values.names == std::vector<std::string>{"Ann", "Bob"}));
}

BOOST_AUTO_TEST_CASE(an_absent_key_leaves_its_default) {
  for (const std::string_view text : {"", "{}", "# nothing\n"}) {
    const Values values = ReadGood(text);
    BOOST_TEST(values.text == "default");
    BOOST_TEST(values.number == 7);
    BOOST_TEST((values.duration == milliseconds(9)));
  }
}

BOOST_AUTO_TEST_CASE(sizes_and_durations_know_their_units) {
  BOOST_TEST(ReadGood("size: 512").size == 512);
  BOOST_TEST(ReadGood("size: 64KiB").size == 64 << 10);
  BOOST_TEST(ReadGood("size: 2GiB").size == 2LL << 30);
  BOOST_TEST((ReadGood("duration: 250ms").duration == milliseconds(250)));
  BOOST_TEST((ReadGood("duration: 15s").duration == milliseconds(15'000)));
  BOOST_TEST((ReadGood("duration: 48h").duration == std::chrono::hours(48)));
  BOOST_TEST((ReadGood("duration: 30d").duration == std::chrono::hours(720)));
  for (const std::string_view bad :
       {"size: 1kb", "size: 1.5MiB", "size: -1", "size: 1 MiB", "size: 9223372036854775807GiB",
        "size: 2000GiB", "duration: 15", "duration: 1w", "duration: s", "duration: 401d",
        "duration: -1s"}) {
    const std::string fault = OneFault(bad);
    BOOST_TEST(fault.find("expected a ") != std::string::npos, fault);
  }
}

BOOST_AUTO_TEST_CASE(a_fault_stands_where_the_value_does) {
  struct Case {
    std::string_view text, fault;
  };
  const Case cases[] = {
      {"txet: a", "1:1: unknown key \"txet\", expected \"text\"?"},
      {"\n\n  zzzzzzzz: a",
       "3:3: unknown key \"zzzzzzzz\", expected one of text, list, number, size, yes, duration, "
       "choice, inner, people"},
      {"inner:\n  text: a\n  text: b", "3:3: key \"text\" twice, first in line 2"},
      {"text: [a]", "1:7: \"text\": expected text"},
      {"text: {a: b}", "1:7: \"text\": expected text"},
      {"text:", "1:1: \"text\" is empty, expected text"},
      {"text: ~", "1:1: \"text\" is empty, expected text"},
      {"text: \"a\\nb\"", "1:7: \"text\": expected text without control characters"},
      {"list: a", "1:7: \"list\": expected a list of texts"},
      {"list: [a, [b]]", "1:11: \"list\": expected a list of texts"},
      {"list: [a, \"\"]", "1:11: \"list\": expected a list of texts"},
      {"number: 101", "1:9: \"number\": expected a number from -5 to 100"},
      {"number: 1e1", "1:9: \"number\": expected a number from -5 to 100"},
      {"number: 99999999999999999999", "1:9: \"number\": expected a number from -5 to 100"},
      {"yes: yes", "1:6: \"yes\": expected true or false"},
      {"choice: three", "1:9: \"choice\": expected one of one, two"},
      {"inner: [a]", "1:8: \"inner\": expected a mapping"},
      {"people: {name: a}", "1:9: \"people\": expected a list of mappings"},
      {"people:\n  - name: a\n  - b", "3:5: \"people\": expected a list of mappings"},
      {"people:\n  - {}", "2:5: \"name\" is missing, expected text"},
      {"people:\n  - name: ''", "2:11: \"name\" is empty, expected text"},
      {"[a]", "1:1: expected a mapping of keys to values"},
      {"text: a\n---\ntext: b", "2:1: expected nothing after the first document"},
      {"text: a\n, number: 8", "2:1: end of map not found, expected YAML"},
      {",number: 8", "1:1: expected nothing after the first document"},
      {"text: a\n...\nnumber: 8", "3:1: expected nothing after the first document"},
      {"? [a]\n: b", "1:3: a key that is no text, expected a name"},
      {"text: 'a", "1:9: illegal EOF in scalar, expected YAML"},
      {"text: \x04", "1:7: expected UTF-8 text without control characters"},
      {"a: b\ntext: \xFF", "2:7: expected UTF-8 text without control characters"},
  };
  for (const Case& test : cases) BOOST_TEST(OneFault(test.text) == test.fault);
}

BOOST_AUTO_TEST_CASE(all_faults_are_told_in_the_order_of_the_file) {
  Values values;
  const auto faults = Read("bogus: 1\nnumber: x\ninner: {txt: a}\nyes: 1\n", &values);
  BOOST_REQUIRE_EQUAL(faults.size(), 4U);
  for (size_t i = 0; i < 4; ++i) BOOST_TEST(faults[i].substr(0, 2) == std::to_string(i + 1) + ":");
}

BOOST_AUTO_TEST_CASE(checks_beyond_types_find_their_place) {
  const auto faults = ReadYamlText("list:\n  - a\n  - b\n", "f", [](YamlMap& map) {
    std::vector<std::string> list;
    map.Strings("list", &list);
    BOOST_TEST(map.Has("list"));
    BOOST_TEST(!map.Has("other"));
    BOOST_TEST(map.Where("list") == "f:2");
    map.Fault("list", 1, "entry");
    map.Fault("list", 2, "beyond");
    map.Fault("other", "absent");
  });
  BOOST_REQUIRE_EQUAL(faults.size(), 3U);
  BOOST_TEST(ToString(faults[0]) == "f:1:1: absent");
  BOOST_TEST(ToString(faults[1]) == "f:2:3: beyond");
  BOOST_TEST(ToString(faults[2]) == "f:3:5: entry");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_one_fault) {
  const TemporaryFolder folder;
  const auto nothing = [](YamlMap&) {};
  const std::string pipe = folder.path() + "/pipe";
  BOOST_REQUIRE_EQUAL(::mkfifo(pipe.c_str(), 0600), 0);
  const std::string large = folder.Write("large", std::string((4 << 20) + 1, '#'));
  BOOST_TEST(ToString(ReadYamlFile("/nonexistent", nothing).at(0)) == "/nonexistent: no such file");
  BOOST_TEST(ToString(ReadYamlFile(pipe, nothing).at(0)) == pipe + ": expected a regular file");
  BOOST_TEST(ToString(ReadYamlFile(large, nothing).at(0)) ==
             large + ": over 4MiB, expected a smaller file");
  // Not to be told from one that is absent by more than what the system says.
  const std::string loop = folder.path() + "/loop";
  BOOST_REQUIRE_EQUAL(::symlink(loop.c_str(), loop.c_str()), 0);
  BOOST_TEST(ToString(ReadYamlFile(loop, nothing).at(0)) ==
             loop + ": cannot be read: Too many levels of symbolic links");
  BOOST_TEST(ReadYamlFile(folder.Write("good", "{}"), nothing).empty());
}

BOOST_AUTO_TEST_CASE(hostile_text_is_a_fault_and_nothing_worse) {
  Values values;
  (void)Read(std::string(100'000, '['), &values);
  (void)Read("inner: &a {text: *a}", &values);
  (void)Read("people: &a [*a]", &values);
  std::mt19937 random(23);
  const std::string good =
      "text: \"a b\"\nlist: [x, &q '1.2']\nnumber: -5\npeople:\n  - name: *q\n  - {name: Bob}\n";
  for (int round = 0; round < 20'000; ++round) {
    std::string bent = good;
    for (int i = 0; i < 3; ++i)
      bent[random() % bent.size()] = "[]{}:,&*!|>'\"%@`# \n-a?~"[random() % 23];
    (void)Read(bent, &values);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
