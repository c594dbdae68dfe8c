// SPDX-License-Identifier: Apache-2.0
// The built program and files that no judge can see: said for each path, and by the exit
// status.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/retract/command/run_program.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::string_view kMail = "From: a@b.example\r\nMessage-ID: <1@x>\r\n\r\nHello.\r\n";

struct Unjudged {
  std::string path, why;
};

// What cannot be read, in every way that a path can be wrong.
std::vector<Unjudged> AllUnjudged(const Scratch& scratch) {
  const std::string pipe = scratch.Path("pipe"), loop = scratch.Path("loop");
  BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  BOOST_REQUIRE(::symlink(loop.c_str(), loop.c_str()) == 0);
  return {{scratch.Path("none"), "open: No such file or directory"},
          {scratch.Path("."), "read: Is a directory"},
          {scratch.Put("file", kMail) + "/m", "open: Not a directory"},
          {loop, "open: Too many levels of symbolic links"},
          {pipe, "read: a pipe into which nobody writes"},
          {scratch.Put("empty", ""), "read: an empty file, no message"},
          {scratch.Put("a.msg", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\x01\x02"),
           "an Outlook file (.msg), expected the message as it came over SMTP (.eml)"}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(classify_unjudged)

BOOST_AUTO_TEST_CASE(a_batch_says_so_in_the_line_and_judges_the_others) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m", kMail);
  for (const auto& [path, why] : AllUnjudged(scratch)) {
    const Ran ran =
        RunClawback({"classify", "--batch"}, fmt::format("{0}\n{1}\n{0}\n", mail, path));
    BOOST_TEST(ran.exit == 1);
    BOOST_TEST(ran.out == fmt::format("{0}\tNONE\t0\n{1}\tUNSCANNABLE\t0.5\tnot judged: {2}\n"
                                      "{0}\tNONE\t0\n",
                                      mail, path, why));
    BOOST_TEST(ran.err == fmt::format("clawback classify: {}: {}\n", path, why));
  }
}

BOOST_AUTO_TEST_CASE(a_table_and_json_say_so_too) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m", kMail);
  for (const auto& [path, why] : AllUnjudged(scratch)) {
    const Ran table = RunClawback({"classify", path, mail});
    BOOST_TEST(table.exit == 1);
    BOOST_TEST(Lines(table.out).size() == 3U);
    BOOST_TEST(table.err == fmt::format("clawback classify: {}: {}\n", path, why));
    const Ran ran = RunClawback({"classify", "--json", path, mail});
    BOOST_TEST(ran.exit == 1);
    BOOST_TEST(ran.err == table.err);
    const json::value told = json::parse(Lines(ran.out).at(0));
    BOOST_TEST(told.at("disposition").as_string() == "UNSCANNABLE");
    const json::value& finding = told.at("findings").at(0);
    BOOST_TEST(finding.at("reason").as_string() == "unreadable-file");
    BOOST_TEST(finding.at("evidence").as_string() == why);
  }
}

BOOST_AUTO_TEST_CASE(explain_and_policy_test_give_no_verdict) {
  const Scratch scratch;
  for (const auto& [path, why] : AllUnjudged(scratch)) {
    const Ran ran = RunClawback({"explain", path});
    BOOST_TEST(ran.exit == 1);
    BOOST_TEST(ran.out == "");
    BOOST_TEST(ran.err == fmt::format("clawback explain: {}: {}\n", path, why));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
