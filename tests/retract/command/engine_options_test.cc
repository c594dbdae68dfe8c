// SPDX-License-Identifier: Apache-2.0
// The built program and engines that are named to it where there are none.
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
