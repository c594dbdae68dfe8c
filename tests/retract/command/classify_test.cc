// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE command
#include <sys/stat.h>

#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "tests/retract/command/run_program.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::string_view kReport =
    "From: journal@contoso.example\r\nX-MS-Journal-Report:\r\nMessage-ID: "
    "<report@contoso.example>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n"
    "--outer\r\nContent-Type: text/plain; charset=\"us-ascii\"\r\n\r\n"
    "Sender: eve@sender.example\r\nSubject: Two for you\r\nMessage-Id: <m1@sender.example>\r\n"
    "To: ana@contoso.example\r\nBcc: ben@contoso.example, Expanded: all@contoso.example\r\n\r\n"
    "--outer\r\nContent-Type: message/rfc822\r\n\r\n"
    "From: eve@sender.example\r\nTo: ana@contoso.example\r\nSubject: Two for you\r\n"
    "Message-ID: <m1@sender.example>\r\n\r\nHello.\r\n--outer--\r\n";

std::string Mail(std::string_view id, std::string_view text = "Hello.") {
  return "From: a@b.example\r\nMessage-ID: <" + std::string(id) + ">\r\n\r\n" + std::string(text) +
         "\r\n";
}

std::string ReadWhole(const std::string& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<json::object> Objects(const Ran& ran) {
  std::vector<json::object> objects;
  for (const std::string& line : Lines(ran.out)) objects.push_back(json::parse(line).as_object());
  return objects;
}

std::string Text(const json::object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

std::string OnlyReason(const json::object& object) {
  const json::array& findings = object.at("findings").as_array();
  return findings.size() == 1 ? Text(findings.front().as_object(), "reason") : "(not one)";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(classify)

BOOST_AUTO_TEST_CASE(a_report_has_exactly_the_documented_keys_in_order) {
  const Scratch scratch;
  const Ran ran = RunClawback({"classify", "--json", scratch.Put("r.eml", kReport)});
  BOOST_TEST(ran.exit == 0);
  BOOST_TEST(ran.err == "");
  const auto objects = Objects(ran);
  BOOST_REQUIRE(objects.size() == 1U);
  std::string keys;
  for (const auto& member : objects[0]) keys += std::string(member.key()) + " ";
  BOOST_TEST(keys ==
             "file kind message_id sender on_behalf_of subject recipients inner_messages "
             "disposition score findings attributes ");
}

BOOST_AUTO_TEST_CASE(a_report_is_told_as_it_says) {
  const Scratch scratch;
  const auto objects = Objects(RunClawback({"classify", "--json", scratch.Put("r.eml", kReport)}));
  BOOST_REQUIRE(objects.size() == 1U);
  const json::object& report = objects[0];
  BOOST_TEST(Text(report, "file") == scratch.Path("r.eml"));
  BOOST_TEST(Text(report, "kind") == "journal-report");
  BOOST_TEST(Text(report, "message_id") == "<m1@sender.example>");
  BOOST_TEST(Text(report, "sender") == "eve@sender.example");
  BOOST_TEST(Text(report, "subject") == "Two for you");
  BOOST_TEST(report.at("inner_messages").as_int64() == 1);
  BOOST_TEST(Text(report, "disposition") == "NONE");
  const json::array& recipients = report.at("recipients").as_array();
  BOOST_REQUIRE(recipients.size() == 2U);
  BOOST_TEST(json::serialize(recipients[0]) ==
             R"({"type":"To","address":"ana@contoso.example","redirect":null,"original":""})");
  BOOST_TEST(json::serialize(recipients[1]) ==
             R"({"type":"Bcc","address":"ben@contoso.example","redirect":"Expanded",)"
             R"("original":"all@contoso.example"})");
}

BOOST_AUTO_TEST_CASE(every_input_has_a_line_in_the_order_given) {
  const Scratch scratch;
  std::vector<std::string> arguments = {"classify", "--json"};
  for (int i = 0; i < 60; ++i) {
    const std::string name = std::to_string(i) + ".eml";
    arguments.push_back(i % 7 == 3 ? scratch.Path(name) : scratch.Put(name, Mail(name)));
  }
  const Ran ran = RunClawback(arguments);
  BOOST_TEST(ran.exit == 1);  // of those that are missing
  const auto objects = Objects(ran);
  BOOST_REQUIRE(objects.size() == 60U);
  for (std::size_t i = 0; i < 60; ++i) {
    BOOST_TEST(Text(objects[i], "file") == arguments[i + 2]);
    const bool missing = i % 7 == 3;
    BOOST_TEST(Text(objects[i], "kind") == (missing ? "malformed" : "message"));
    if (missing) BOOST_TEST(OnlyReason(objects[i]) == "unreadable-file");
  }
}

BOOST_AUTO_TEST_CASE(an_unreadable_file_is_unscannable_and_says_why) {
  const Scratch scratch;
  const auto objects = Objects(RunClawback({"classify", "--json", scratch.Path("none"), "/"}));
  BOOST_REQUIRE(objects.size() == 2U);
  for (const json::object& object : objects) {
    BOOST_TEST(Text(object, "disposition") == "UNSCANNABLE");
    BOOST_TEST(OnlyReason(object) == "unreadable-file");
  }
  const auto& finding = objects[0].at("findings").as_array().front().as_object();
  BOOST_TEST(Text(finding, "evidence") == "open: No such file or directory");
}

BOOST_AUTO_TEST_CASE(a_file_that_crashes_the_judge_has_a_line_and_the_others_are_unharmed) {
  const Scratch scratch;
  const Ran ran =
      RunClawback({"classify", "--json", scratch.Put("1", Mail("1@x")),
                   scratch.Put("2", Mail("2@x", "PLANTED")), scratch.Put("3", Mail("3@x"))},
                  "", "CLAWBACK_FAULT=judge.crash-on=PLANTED");
  BOOST_TEST(ran.exit == 0);
  const auto objects = Objects(ran);
  BOOST_REQUIRE(objects.size() == 3U);
  BOOST_TEST(Text(objects[0], "message_id") == "<1@x>");
  BOOST_TEST(Text(objects[1], "kind") == "malformed");
  BOOST_TEST(Text(objects[1], "disposition") == "UNSCANNABLE");
  BOOST_TEST(OnlyReason(objects[1]) == "judge-died");
  BOOST_TEST(Text(objects[2], "message_id") == "<3@x>");
}

BOOST_AUTO_TEST_CASE(an_id_that_is_not_utf8_has_its_bytes_beside_it) {
  const Scratch scratch;
  const auto objects =
      Objects(RunClawback({"classify", "--json", scratch.Put("m", Mail("\xE9\xFF@x"))}));
  BOOST_REQUIRE(objects.size() == 1U);
  BOOST_TEST(Text(objects[0], "message_id_hex") == "3ce9ff40783e");
}

BOOST_AUTO_TEST_CASE(a_batch_is_path_disposition_and_score) {
  const Scratch scratch;
  const std::string good = scratch.Put("good one", Mail("1@x")), missing = scratch.Path("none");
  const Ran ran = RunClawback({"classify", "--batch"}, good + "\n" + missing + "\n" + good + "\n");
  BOOST_TEST(ran.exit == 1);
  const auto lines = Lines(ran.out);
  BOOST_REQUIRE(lines.size() == 3U);
  BOOST_TEST(lines[0] == good + "\tNONE\t0");
  BOOST_TEST(lines[1] ==
             missing + "\tUNSCANNABLE\t0.5\tnot judged: open: No such file or directory");
  BOOST_TEST(lines[2] == lines[0]);
}

BOOST_AUTO_TEST_CASE(a_batch_can_be_json) {
  const Scratch scratch;
  const std::string good = scratch.Put("good one", Mail("1@x")), missing = scratch.Path("none");
  const Ran ran = RunClawback({"classify", "--batch", "--json"}, good + "\n" + missing + "\n");
  BOOST_TEST(ran.exit == 1);
  const auto objects = Objects(ran);
  BOOST_REQUIRE(objects.size() == 2U);
  BOOST_TEST(Text(objects[0], "file") == good);
  BOOST_TEST(Text(objects[0], "disposition") == "NONE");
  BOOST_TEST(OnlyReason(objects[1]) == "unreadable-file");
}

BOOST_AUTO_TEST_CASE(a_batch_may_end_its_lines_in_cr_lf) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m", Mail("1@x")), odd = scratch.Put("odd\r", Mail("2@x"));
  const Ran ran = RunClawback({"classify", "--batch"}, mail + "\r\n\r\n" + odd + "\n" + mail);
  BOOST_TEST(ran.exit == 0);
  BOOST_TEST(ran.out == mail + "\tNONE\t0\n" + odd + "\tNONE\t0\n" + mail + "\tNONE\t0\n");
}

BOOST_AUTO_TEST_CASE(a_path_with_a_nul_names_no_other_file) {
  const Scratch scratch;
  const std::string path = scratch.Put("m", Mail("1@x")) + std::string("\0junk", 5);
  const Ran ran = RunClawback({"classify", "--batch"}, path + "\n");
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.out == path + "\tUNSCANNABLE\t0.5\tnot judged: open: a NUL in the path\n");
}

BOOST_AUTO_TEST_CASE(output_that_cannot_be_written_ends_with_1) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m", Mail("1@x"));
  for (const std::string form : {"--json", "--batch"}) {
    std::vector<std::string> arguments = {"classify", form};
    if (form == "--json") arguments.push_back(mail);
    const Ran ran = RunClawback(arguments, mail + "\n", "", "/dev/full");
    BOOST_TEST(ran.exit == 1);
    BOOST_TEST(ran.err.find("could not be written") != std::string::npos, ran.err);
  }
}

// As where the machine had no memory for a moment: what comes next is judged all the same.
BOOST_AUTO_TEST_CASE(judges_that_cannot_be_started_for_a_while_are_waited_for) {
  const Scratch scratch;
  const unsigned judges = std::max(1U, std::thread::hardware_concurrency());
  const std::string starts = scratch.Path("starts");
  const std::string judge = scratch.Put(
      "judge", "#!/bin/sh\necho >> " + starts + "\nn=$(wc -l < " + starts + ")\nif [ $n -gt " +
                   std::to_string(judges) + " ] && [ $n -le " + std::to_string(3 * judges) +
                   " ]; then exit 1; fi\nexec " + CLAWBACK_BIN_DIR + "/clawback-judge \"$@\"\n");
  std::filesystem::permissions(judge, std::filesystem::perms::owner_all);
  const std::string bad = scratch.Put("bad", Mail("1@x", "PLANTED"));
  const std::string good = scratch.Put("good", Mail("2@x"));
  std::string paths;
  for (unsigned i = 0; i < judges; ++i) paths += bad + "\n";
  for (int i = 0; i < 100; ++i) paths += good + "\n";
  const Ran ran = RunClawback({"classify", "--batch", "--judge", judge}, paths,
                              "CLAWBACK_FAULT=judge.crash-on=PLANTED");
  const std::vector<std::string> lines = Lines(ran.out);
  BOOST_REQUIRE_EQUAL(lines.size(), 100U + judges);
  BOOST_TEST(std::ranges::count(lines, good + "\tNONE\t0") == 100);
}

BOOST_AUTO_TEST_CASE(where_nobody_takes_the_lines_nothing_more_is_judged) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m", Mail("1@x"));
  std::string paths;
  for (int i = 0; i < 50'000; ++i) paths += mail + "\n";  // the work of half a minute
  const auto begin = std::chrono::steady_clock::now();
  const Ran ran = RunClawback({"classify", "--batch"}, paths, "", "/dev/full");
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(5)));
}

BOOST_AUTO_TEST_CASE(people_get_a_table_that_no_mail_can_break) {
  const Scratch scratch;
  const Ran ran = RunClawback(
      {"classify",
       scratch.Put("m", "From: a\x1b[31m\x07@b.example\r\nMessage-ID: <1@x>\r\n\r\nx\r\n"),
       scratch.Path("bell\x07")});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.err.find('\x07') == std::string::npos);
  BOOST_TEST(Lines(ran.out).size() == 3U);
  BOOST_TEST(ran.out.find('\x1b') == std::string::npos);
  BOOST_TEST(ran.out.find('\x07') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(wrong_arguments_end_with_2_and_say_what_is_wrong) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m", Mail("1@x"));
  const std::string config = scratch.Put("t.yaml", "name: contoso\nnonsense: 1\n");
  struct Case {
    std::vector<std::string> arguments;
    std::string_view says;
  };
  const Case cases[] = {
      {{"classify"}, "no FILE given"},
      {{"classify", "--nonsense", mail}, "there is no option --nonsense"},
      {{"classify", "--tenant-file"}, "--tenant-file wants FILE"},
      {{"classify", "--tenant", config, mail}, "there is no option --tenant"},
      {{"classify", "--json=yes", mail}, "--json takes no value"},
      {{"classify", "--batch", mail}, "--batch reads paths from standard input"},
      {{"classify", "--tenant-file", config, mail}, "t.yaml:"},
      {{"classify", "--model", scratch.Path("none"), mail}, "No such file or directory"},
      {{"classify", "--model", mail, mail}, "no learned model: it does not begin with"},
      {{"nonsense"}, "there is no subcommand nonsense"},
      {{"help", "nonsense"}, "there is no subcommand nonsense"},
      {{}, "usage:"}};
  for (const Case& wrong : cases) {
    const Ran ran = RunClawback(wrong.arguments);
    BOOST_TEST(ran.exit == 2);
    BOOST_TEST(ran.out == "");
    BOOST_TEST(ran.err.find(wrong.says) != std::string::npos, ran.err);
  }
}

BOOST_AUTO_TEST_CASE(a_judge_that_cannot_be_started_ends_with_1) {
  const Scratch scratch;
  const Ran ran =
      RunClawback({"classify", "--judge", scratch.Path("none"), scratch.Put("m", Mail("1@x"))});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.out == "");
  BOOST_TEST(ran.err.find("cannot start judge") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(help_and_version_are_for_everyone) {
  for (const std::string subcommand : {"classify", "trace", "check", "status"}) {
    const Ran ran = RunClawback({subcommand, "--help"});
    BOOST_TEST(ran.exit == 0);
    BOOST_TEST(ran.out.find("usage: clawback " + subcommand) == 0U);
    BOOST_TEST(RunClawback({"help", subcommand}).out == ran.out);
  }
  BOOST_TEST(RunClawback({"--version"}).out.find("clawback 0.") == 0U);
}

BOOST_AUTO_TEST_CASE(a_tenants_lists_brands_and_thresholds_are_judged_with) {
  const Scratch scratch;
  std::string tenant = ReadWhole(CLAWBACK_SOURCE_DIR "/packaging/examples/tenants.d/contoso.yaml") +
                       "list_files: {new_domains: new.txt}\n";
  const std::string file = scratch.Put("contoso.yaml", tenant);
  const std::string mail =
      scratch.Put("m.eml", Mail("m@x", "https://files.spam.example/ https://www.fresh.example/"));
  scratch.Put("new.txt", "fresh.example\n");
  const auto told = Objects(RunClawback({"classify", "--json", "--tenant-file", file, mail}));
  BOOST_REQUIRE(told.size() == 1U);
  BOOST_TEST(Text(told[0], "disposition") == "SUSPICIOUS");  // blocked_hosts of the file
  BOOST_TEST(json::serialize(told[0].at("attributes")) == "[\"new-domain-link\"]");
  scratch.Put("new.txt", "fresh.example\n?\n");
  const Ran bad = RunClawback({"classify", "--tenant-file", file, mail});
  BOOST_TEST(bad.exit == 2);
  BOOST_TEST(bad.err.find("new.txt:2:1: ") != std::string::npos, bad.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
