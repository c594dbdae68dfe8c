// SPDX-License-Identifier: Apache-2.0
// A redirect is an answer like any: whatever it points to, nothing goes there, neither
// the token nor the secret.
#include <array>
#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/retract/graph/fake_graph.h"
#include "tests/retract/graph/hostile_links.h"

namespace clawback {
namespace {

constexpr std::array kStatuses = {301, 302, 303, 307, 308, 300, 201, 200};
const MailboxId kMailbox{"u-1"};

// The link as it stands, whatever bytes it holds, in every header that points somewhere.
TestReply RedirectTo(const std::string& link, std::size_t number) {
  TestReply reply = Json(kStatuses.at(number % kStatuses.size()), "",
                         "Location: " + link + "\r\nContent-Location: " + link +
                             "\r\nRefresh: 0; url=" + link + "\r\n");
  reply.then = AfterReply::kClose;
  return reply;
}

struct Elsewhere {
  std::string link;
  std::size_t number = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_redirect)

BOOST_AUTO_TEST_CASE(no_redirect_of_graph_brings_a_byte_to_another_server) {
  Elsewhere to;
  FakeGraph graph([&](const std::string&) { return RedirectTo(to.link, to.number); });
  const TlsServer evil(graph.here, [](const std::string&) { return Json(200, "{}"); });
  const auto provider = graph.Open();
  const auto links = HostileLinks(graph.server.authority(), evil.authority());
  BOOST_TEST(links.size() >= 200U);
  for (const std::string& link : links) {
    to = {link, to.number + 1};
    BOOST_TEST(!provider->Find(kMailbox, "<a@b>").ok(), link.substr(0, 100));
  }
  BOOST_TEST(evil.connections() == 0);
  // A loaded machine may lose one with its connection.
  BOOST_TEST(graph.CountRequests(false) >= 200);
}

BOOST_AUTO_TEST_CASE(no_redirect_of_the_sign_in_brings_a_byte_to_another_server) {
  Elsewhere to;
  FakeGraph graph([](const std::string&) { return Json(200, R"({"value":[]})"); });
  graph.token_answer = [&](const std::string&) { return RedirectTo(to.link, to.number); };
  const TlsServer evil(graph.here, [](const std::string&) { return Json(200, "{}"); });
  const auto links = HostileLinks(graph.server.authority(), evil.authority());
  for (const std::string& link : links) {
    to = {link, to.number + 1};
    // Another provider each time: one that was refused waits before it asks again.
    BOOST_TEST(!graph.Open()->Find(kMailbox, "<a@b>").ok(), link.substr(0, 100));
  }
  BOOST_TEST(evil.connections() == 0);
  BOOST_TEST(graph.CountRequests(false) == 0);
  BOOST_TEST(graph.CountRequests(true) >= 200);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
