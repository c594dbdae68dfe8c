// SPDX-License-Identifier: Apache-2.0
// The built program and engines that are named to it where there are none.
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/c_handle.h"
#include "tests/retract/command/run_program.h"

namespace clawback {
namespace {

constexpr std::string_view kMail = "From: a@b.example\r\nMessage-ID: <1@x>\r\n\r\nHello.\r\n";

// A socket that was bound; nobody listens once this is gone.
void LeaveSocket(const std::string& path) {
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(&address.sun_path[0], sizeof address.sun_path - 1);
  const auto* place = reinterpret_cast<const sockaddr*>(&address);
  BOOST_REQUIRE(::bind(socket.get(), place, sizeof address) == 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_options)

BOOST_AUTO_TEST_CASE(an_engine_that_cannot_be_one_ends_with_2_before_any_mail_is_judged) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m", kMail);
  struct Case {
    std::string option, place;
    std::string_view says;
  };
  const Case cases[] = {
      {"--clamd", scratch.Path("none"), "none: No such file or directory; expected clamd's Unix"},
      {"--clamd", mail, "is no socket; expected clamd's Unix socket (LocalSocket in clamd.conf)"},
      {"--clamd", scratch.Path("."), "is no socket"},
      {"--clamd", "127.0.0.1:3310", "clamd is not asked over TCP; expected clamd's Unix socket"},
      {"--clamd", std::string(108, 'x'), "a path has at most 107 bytes"},
      {"--clamd", "", "--clamd: empty, expected SOCKET"},
      {"--rspamd", scratch.Path("none"), "none: No such file or directory; expected the Unix"},
      {"--rspamd", mail, "is no socket; expected the Unix socket of rspamd's normal worker"},
      {"--rspamd", "192.0.2.1:11333", "or an address of this host and a port"},
      {"--rspamd", "127.0.0.1", "or an address of this host and a port"},
      {"--rspamd", "localhost:11333", "such as 127.0.0.1:11333"},
      {"--rspamd", "", "--rspamd: empty, expected SOCKET"}};
  for (const Case& wrong : cases) {
    const Ran ran = RunClawback({"classify", wrong.option + "=" + wrong.place, mail});
    BOOST_TEST(ran.exit == 2, wrong.option + " " + wrong.place);
    BOOST_TEST(ran.out == "");
    BOOST_TEST(ran.err.find(wrong.says) != std::string::npos, ran.err);
  }
}

// Its socket is there, and it is not: what it would have said is missing, and that is told.
BOOST_AUTO_TEST_CASE(an_engine_that_is_down_is_no_wrong_argument) {
  const Scratch scratch;
  const std::string socket = scratch.Path("clamd");
  LeaveSocket(socket);
  const Ran ran = RunClawback({"classify", "--json", "--clamd", socket, scratch.Put("m", kMail)});
  BOOST_TEST(ran.exit == 0);
  BOOST_TEST(ran.out.find("clamd-unavailable") != std::string::npos, ran.out);
}

// Who asks for a verdict is told what the relay would have asked besides.
BOOST_AUTO_TEST_CASE(explain_and_policy_test_ask_them_or_say_that_they_did_not) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m", kMail), socket = scratch.Path("clamd");
  const std::string config = scratch.Put(
      "c.yaml", "relay: {name: us-east, region: us}\nengines: {clamd: {socket: " + socket + "}}\n");
  const std::string tenant = CLAWBACK_SOURCE_DIR "/packaging/examples/tenants.d/contoso.yaml";
  LeaveSocket(socket);
  for (std::vector<std::string> command :
       {std::vector<std::string>{"explain", mail},
        {"policy", "test", mail, "--tenant-file", tenant, "--recipient", "a@contoso.example"}}) {
    command.insert(command.end(), {"--config", config});
    const Ran without = RunClawback(command);
    BOOST_TEST(without.exit == 0);
    BOOST_TEST(without.out.find("not asked     clamd, which the relay asks") != std::string::npos,
               without.out);
    command.insert(command.end(), {"--clamd", socket});
    const Ran asked = RunClawback(command);
    BOOST_TEST(asked.exit == 0);
    BOOST_TEST(asked.out.find("not asked") == std::string::npos, asked.out);
    BOOST_TEST(asked.err.find("event=engine-unavailable engine=clamd") != std::string::npos);
    command.back() = mail;
    BOOST_TEST(RunClawback(command).exit == 2);
  }
  BOOST_TEST(RunClawback({"explain", "17", "--clamd", socket}).exit == 2);
}

// As the relay would: without an engine that it requires nothing is clean.
BOOST_AUTO_TEST_CASE(they_are_as_required_as_the_relay_says) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m", kMail), socket = scratch.Path("clamd");
  const std::string config = scratch.Put("c.yaml",
                                         "relay: {name: us-east, region: us}\nengines: {clamd: "
                                         "{socket: elsewhere, required: true}}\n");
  LeaveSocket(socket);
  const Ran ran = RunClawback({"explain", mail, "--config", config, "--clamd", socket});
  BOOST_TEST(ran.out.find("m: UNSCANNABLE") != std::string::npos, ran.out);
  BOOST_TEST(ran.out.find("  clamd         unavailable: connect: Connection refused\n") !=
                 std::string::npos,
             ran.out);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
