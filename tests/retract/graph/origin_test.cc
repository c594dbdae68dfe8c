// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/origin.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/retract/graph/hostile_links.h"

namespace clawback {
namespace {

BOOST_AUTO_TEST_SUITE(origin)

const WebOrigin kGraph{"graph.microsoft.com", 443};

BOOST_AUTO_TEST_CASE(an_origin_is_https_host_and_port_and_nothing_more) {
  BOOST_TEST((*ParseOrigin("https://graph.microsoft.com") == kGraph));
  BOOST_TEST((*ParseOrigin("HTTPS://Graph.Microsoft.com/") == kGraph));
  BOOST_TEST((*ParseOrigin("https://graph.microsoft.com:443") == kGraph));
  BOOST_TEST((*ParseOrigin("https://localhost:8443") == WebOrigin{"localhost", 8443}));
  BOOST_TEST((*ParseOrigin("https://[::1]:8443") == WebOrigin{"[::1]", 8443}));
  BOOST_TEST(ParseOrigin("https://[::1]:8443")->Url() == "https://[::1]:8443");
  BOOST_TEST(kGraph.Url() == "https://graph.microsoft.com");
  for (const char* url :
       {"", "https://", "https:///", "http://a", "https://a/b", "https://a?b", "https://u@a",
        "https://a:0", "https://a:65536", "https://a:", "https://a.", "https://a b", "a",
        "https://[::1", "https://::1", "https://\xc3\xbc"}) {
    BOOST_TEST(!ParseOrigin(url).ok(), url);
  }
}

BOOST_AUTO_TEST_CASE(a_link_within_the_origin_gives_its_target) {
  const std::string target =
      "/v1.0/users/u/messages?%24filter=internetMessageId+eq+%27%3ca%40b%3e%27&$skip=10";
  for (const char* start : {"https://graph.microsoft.com", "https://graph.microsoft.com:443",
                            "HTTPS://GRAPH.microsoft.COM"}) {
    const auto found = TargetWithin(kGraph, start + target);
    BOOST_REQUIRE(found.ok());
    BOOST_TEST(*found == target);
  }
  // A user information lookalike in path or query is only text.
  BOOST_TEST(*TargetWithin(kGraph, "https://graph.microsoft.com/@evil.example/") ==
             "/@evil.example/");
  BOOST_TEST(*TargetWithin(kGraph, "https://graph.microsoft.com/x?a=<b> c") == "/x?a=%3Cb%3E%20c");
}

BOOST_AUTO_TEST_CASE(hostile_links_are_not_followed) {
  const auto links = HostileLinks("graph.example:8443", "evil.example:9443");
  BOOST_TEST(links.size() >= 200U);
  const WebOrigin ours{"graph.example", 8443};
  for (const std::string& link : links) {
    const auto target = TargetWithin(ours, link);
    BOOST_TEST(!target.ok(), link.substr(0, 200));
    if (!target.ok()) BOOST_TEST((target.error().kind == ErrorKind::kRefused));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
