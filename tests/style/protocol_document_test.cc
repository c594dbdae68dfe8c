// SPDX-License-Identifier: Apache-2.0
// docs/api.md against the protocol's header: every operation has its section there, and
// no section describes one that there is not.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace clawback {
namespace {

std::string FileText(const std::string& path) {
  std::ifstream stream(std::string(CLAWBACK_SOURCE_DIR) + "/" + path);
  BOOST_REQUIRE(stream.good());
  return {std::istreambuf_iterator<char>(stream), {}};
}

// inline constexpr std::string_view kHello = "hello";
std::set<std::string> NamedInHeader() {
  const std::string text = FileText("retract/sidecar/protocol.h");
  const std::regex named("inline constexpr std::string_view k[A-Za-z]+ =\\s+\"([a-z._-]+)\";");
  std::set<std::string> names;
  for (std::sregex_iterator found(text.begin(), text.end(), named), end; found != end; ++found) {
    BOOST_TEST(names.insert((*found)[1]).second, (*found)[1] << " is named twice");
  }
  return names;
}

// The sections "### NAME" of the chapter "## Operations", and their text.
std::map<std::string, std::string> Sections() {
  std::istringstream text(FileText("docs/api.md"));
  std::map<std::string, std::string> sections;
  std::string chapter, section;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("## ")) {
      chapter = line.substr(3);
      section.clear();
    } else if (line.starts_with("### ") && chapter == "Operations") {
      section = line.substr(4);
      BOOST_TEST(sections.emplace(section, "").second, section << " has two sections");
    } else if (!section.empty()) {
      sections[section] += line + "\n";
    }
  }
  return sections;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_operation_has_one_section_and_every_section_is_one) {
  const auto names = NamedInHeader();
  BOOST_TEST(names.count("trace.search") == 1U);
  const auto sections = Sections();
  for (const std::string& name : names) {
    BOOST_TEST(sections.count(name) == 1U, "docs/api.md has no section ### " << name);
  }
  for (const auto& [name, text] : sections) {
    BOOST_TEST(names.count(name) == 1U,
               "docs/api.md describes " << name << ", which protocol.h does not name");
  }
}

BOOST_AUTO_TEST_CASE(every_section_says_arguments_result_and_errors_and_shows_an_example) {
  for (const auto& [name, text] : Sections()) {
    for (const char* part :
         {"rgument", "Result:", "Errors:", "> {\"version\":1,\"operation\":\""}) {
      BOOST_TEST(text.find(part) != std::string::npos, name << " lacks " << part);
    }
    const std::string asked = "\"operation\":\"" + name + "\"";
    BOOST_TEST(text.find(asked) != std::string::npos, name << " shows another operation");
  }
}

}  // namespace clawback
