// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/admin_consent.h"

#include <boost/test/unit_test.hpp>

namespace clawback {
namespace {

constexpr std::string_view kUri = "https://localhost/clawback-consent";

Result<ConsentRedirect> Read(const std::string& query) {
  return ReadConsentRedirect(std::string(kUri) + query, kUri);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(admin_consent)

BOOST_AUTO_TEST_CASE(the_address_names_tenant_app_scope_and_state_of_its_cloud) {
  Tenant tenant;
  tenant.tenant_id = "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1";
  tenant.graph.client_id = "app";
  tenant.graph.cloud = Cloud::kDod;
  const auto url = AdminConsentUrl(tenant, "s&t");
  BOOST_REQUIRE(url.ok());
  BOOST_TEST(*url ==
             "https://login.microsoftonline.us/7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1/v2.0/"
             "adminconsent?client_id=app&scope=https%3A%2F%2Fdod-graph.microsoft.us%2F.default&"
             "redirect_uri=https%3A%2F%2Flocalhost%2Fclawback-consent&state=s%26t");
}

BOOST_AUTO_TEST_CASE(what_the_browser_ended_at_is_read_without_its_encoding) {
  const auto good = Read("?admin_consent=True&tenant=t-1&scope=x%20y&state=abc");
  BOOST_REQUIRE(good.ok());
  BOOST_TEST((good->consented && good->tenant == "t-1" && good->state == "abc"));
  BOOST_TEST(good->error.empty());
  const auto refused = Read(
      "?error=access_denied&error_description=AADSTS65004%3a+declined.%0d%0a&admin_consent=True"
      "&state=abc");
  BOOST_REQUIRE(refused.ok());
  BOOST_TEST(refused->error == "access_denied");
  BOOST_TEST(refused->error_description == "AADSTS65004: declined.\r\n");
  BOOST_TEST(ReadConsentRedirect("  " + std::string(kUri) + "?state=a\r\n", kUri).ok());
}

BOOST_AUTO_TEST_CASE(what_is_no_such_address_is_refused) {
  for (const std::string& query :
       {std::string(), std::string("x?state=a"), std::string("/?state=a"),
        std::string("?state=a&state=b"), std::string("?state=%zz"),
        std::string("?tenant=a&tenant=b&state=s"), "?state=" + std::string(9000, 'a')}) {
    const auto read = Read(query);
    BOOST_TEST((!read.ok() && read.error().kind == ErrorKind::kInvalid), query.substr(0, 50));
  }
  BOOST_TEST(!ReadConsentRedirect("https://evil.example/clawback-consent?state=a", kUri).ok());
  BOOST_TEST(!ReadConsentRedirect("https://localhost@evil.example/?state=a", kUri).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
