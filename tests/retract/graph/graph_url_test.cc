// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/graph_url.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>

namespace clawback {
namespace {

BOOST_AUTO_TEST_SUITE(graph_url)

BOOST_AUTO_TEST_CASE(odd_message_ids_are_escaped_for_odata_and_for_the_url) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"<20261103091405.4711@sender.example>", "%3C20261103091405.4711%40sender.example%3E"},
      {"<[a1b2c3d4e5f64738]>", "%3C%5Ba1b2c3d4e5f64738%5D%3E"},
      {"no-angle-brackets@sender.example", "no-angle-brackets%40sender.example"},
      {"<quote\"and'apostrophe@sender.example>",
       "%3Cquote%22and%27%27apostrophe%40sender.example%3E"},
      {"<MiMb+7aB868zXSen_fO=NS-q@mail>", "%3CMiMb%2B7aB868zXSen_fO%3DNS-q%40mail%3E"},
      {"<a%b&c#d e/f?g\\h>", "%3Ca%25b%26c%23d%20e%2Ff%3Fg%5Ch%3E"},
      {"<%2B@already.encoded>", "%3C%252B%40already.encoded%3E"},
      {"''", "%27%27%27%27"},
      {"<gr\xc3\xbc\xc3\x9f@b\xc3\xbc.example>", "%3Cgr%C3%BC%C3%9F%40b%C3%BC.example%3E"},
      {"<' or id ne '@x>", "%3C%27%27%20or%20id%20ne%20%27%27%40x%3E"},
      {"<a,b;c:d!e*f(g)h$i~j@x>", "%3Ca%2Cb%3Bc%3Ad%21e%2Af%28g%29h%24i~j%40x%3E"},
      {"<{a|b}^`c>", "%3C%7Ba%7Cb%7D%5E%60c%3E"},
  };
  for (const auto& [id, encoded] : table) {
    const std::string expected = "/v1.0/users/u-1/messages?$filter=internetMessageId%20eq%20%27" +
                                 std::string(encoded) +
                                 "%27&$select=id,internetMessageId,parentFolderId&$top=100";
    BOOST_TEST(SearchTarget({"u-1"}, id) == expected);
  }
}

BOOST_AUTO_TEST_CASE(recoverable_items_are_asked_for_by_name) {
  BOOST_TEST(SearchInFolderTarget({"u-1"}, "recoverableitemsdeletions", "<a@b>") ==
             "/v1.0/users/u-1/mailFolders/recoverableitemsdeletions/messages?$filter="
             "internetMessageId%20eq%20%27%3Ca%40b%3E%27"
             "&$select=id,internetMessageId,parentFolderId&$top=100");
}

BOOST_AUTO_TEST_CASE(ids_and_addresses_in_a_path_are_escaped) {
  BOOST_TEST(MoveTarget({"a/b"}, "AAk=/+x") == "/v1.0/users/a%2Fb/messages/AAk%3D%2F%2Bx/move");
  BOOST_TEST(ContentTarget({"u"}, "i?d") == "/v1.0/users/u/messages/i%3Fd/$value");
  BOOST_TEST(UserTarget("a_b.com#EXT#@contoso.example") ==
             "/v1.0/users/a_b.com%23EXT%23%40contoso.example"
             "?$select=id,mail,userPrincipalName,userType,proxyAddresses");
  BOOST_TEST(UsersByProxyAddressTarget("smtp:o'neil+x@contoso.example") ==
             "/v1.0/users?$filter=proxyAddresses%2Fany%28p%3Ap%20eq%20%27smtp%3Ao%27%27neil%2Bx"
             "%40contoso.example%27%29&$count=true"
             "&$select=id,mail,userPrincipalName,userType,proxyAddresses&$top=10");
}

BOOST_AUTO_TEST_CASE(what_no_filter_can_hold_is_not_searched_for) {
  BOOST_TEST(CanBeSearchedFor("<gr\xc3\xbc\xf0\x9f\x98\x80@x>"));
  BOOST_TEST(CanBeSearchedFor(std::string(2000, 'a')));
  for (const std::string& id :
       {std::string(), std::string("a\r\nb"), std::string("a\tb"), std::string(1, '\0'),
        std::string("\x7f"), std::string("\xff"), std::string("\xc3"), std::string("\xc0\x80"),
        std::string("\xed\xa0\x80"), std::string("\xf4\x90\x80\x80"), std::string("\xe0\x80\x80"),
        std::string(2001, 'a')}) {
    BOOST_TEST(!CanBeSearchedFor(id));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
