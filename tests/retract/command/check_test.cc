// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/retract/command/run_program.h"

namespace clawback {
namespace {

constexpr std::string_view kRelay = "relay:\n  name: us-east\n  region: us\ntenants: tenants.d\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(check)

BOOST_AUTO_TEST_CASE(the_examples_are_without_fault) {
  const Ran ran = RunClawback({"check", CLAWBACK_SOURCE_DIR "/packaging/examples/clawback.yaml"});
  BOOST_TEST(ran.exit == 0);
  BOOST_TEST(ran.out.find("relay us-east in region us, 1 tenant: contoso") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_fault_of_both_kinds_of_file_is_told_with_its_place) {
  const Scratch scratch;
  const std::string config = scratch.Put("c.yaml", std::string(kRelay) + "nonsense: 1\n");
  scratch.Put("tenants.d/a.yaml", "name: contoso\nmode: sometimes\n");
  const Ran ran = RunClawback({"check", config});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.out.find("c.yaml:5:1: ") != std::string::npos, ran.out);
  BOOST_TEST(ran.out.find("a.yaml:2:7: ") != std::string::npos, ran.out);
}

BOOST_AUTO_TEST_CASE(a_list_that_cannot_be_read_is_a_fault_though_the_milter_goes_on_without) {
  const Scratch scratch;
  const std::string config =
      scratch.Put("c.yaml", std::string(kRelay) + "list_files: {blocked_hosts: hosts.txt}\n");
  scratch.Put("tenants.d/none", "");
  scratch.Put("hosts.txt", "evil.example\n\n not/a host\n");
  const Ran ran = RunClawback({"check", config});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.out.find("hosts.txt:3:2: ") != std::string::npos, ran.out);
  scratch.Put("hosts.txt", "evil.example\n");
  BOOST_TEST(RunClawback({"check", config}).exit == 0);
}

BOOST_AUTO_TEST_CASE(a_model_that_is_none_is_a_fault_with_its_place) {
  const Scratch scratch;
  scratch.Put("tenants.d/none", "");
  scratch.Put("ours.model", "no model\n");
  for (const std::string model : {"ours.model", "absent.model"}) {
    const Ran ran = RunClawback(
        {"check", scratch.Put("c.yaml", std::string(kRelay) + "judge:\n  model: " + model + "\n")});
    BOOST_TEST(ran.exit == 1);
    BOOST_TEST(ran.out.find("c.yaml:6:10: \"judge.model\": ") != std::string::npos, ran.out);
    BOOST_TEST(ran.out.find(", expected a file that clawback learn wrote\n") != std::string::npos);
    BOOST_TEST(Lines(ran.out).size() == 1U, ran.out);
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_is_a_fault) {
  const Scratch scratch;
  const Ran ran = RunClawback({"check", scratch.Path("none.yaml")});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(Lines(ran.out).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_yaml_has_one_fault_and_none_of_tenants_it_never_named) {
  const Scratch scratch;
  const std::string_view broken[] = {"relay: [\n", "relay:\n  name: \x01\n", "- a\n"};
  for (const std::string_view text : broken) {
    const Ran ran = RunClawback({"check", scratch.Put("c.yaml", text)});
    BOOST_TEST(ran.exit == 1);
    BOOST_TEST(Lines(ran.out).size() == 1U, ran.out);
    BOOST_TEST(ran.out.find("c.yaml:") != std::string::npos, ran.out);
  }
}

BOOST_AUTO_TEST_CASE(the_file_may_be_named_as_the_other_subcommands_name_it) {
  const std::string config = CLAWBACK_SOURCE_DIR "/packaging/examples/clawback.yaml";
  BOOST_TEST(RunClawback({"check", "--config", config}).out == RunClawback({"check", config}).out);
  BOOST_TEST(RunClawback({"check", "--config", config, config}).exit == 2);
}

BOOST_AUTO_TEST_CASE(json_holds_the_same) {
  const Scratch scratch;
  const std::string config = scratch.Put("c.yaml", std::string(kRelay) + "nonsense: 1\n");
  scratch.Put("tenants.d/empty", "");
  const Ran ran = RunClawback({"check", "--json", config});
  BOOST_TEST(ran.exit == 1);
  const auto result = boost::json::parse(ran.out).as_object();
  BOOST_TEST(result.at("relay").as_string() == "us-east");
  const auto& fault = result.at("faults").as_array().at(0).as_object();
  BOOST_TEST(fault.at("file").as_string() == config);
  BOOST_TEST(fault.at("line").as_int64() == 5);
  BOOST_TEST(fault.at("column").as_int64() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
