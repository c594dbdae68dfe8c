// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/authorization.h"

#include <boost/test/unit_test.hpp>

#include "retract/graph/token_claims.h"
#include "tests/retract/graph/fake_graph.h"

namespace clawback {
namespace {

// {"tid":"T-1","roles":["User.Read.All","Mail.ReadWrite"]}, and the same of another tenant
// without roles: {"tid":"other"}.
constexpr std::string_view kOurs =
    "aGVhZA.eyJ0aWQiOiJULTEiLCJyb2xlcyI6WyJVc2VyLlJlYWQuQWxsIiwiTWFpbC5SZWFkV3JpdGUiXX0.c2ln";
constexpr std::string_view kOthers = "aGVhZA.eyJ0aWQiOiJvdGhlciJ9.c2ln";

constexpr std::string_view kUsers =
    R"({"value":[{"id":"g","mail":"g@partner.example","userType":"Guest"},)"
    R"({"id":"n","mail":"none@contoso.example"},{"id":"a","mail":"anna@contoso.example"}]})";

FakeGraph::Answer Issue(std::string_view token) {
  return [token = std::string(token)](const std::string&) {
    return Json(200,
                R"({"token_type":"Bearer","expires_in":3599,"access_token":")" + token + "\"}");
  };
}

// Users as above; the one without a mailbox has none, and inbox is what the other says.
FakeGraph::Answer Mailboxes(int inbox, std::string body) {
  return [=](const std::string& request) {
    if (request.starts_with("GET /v1.0/users?")) return Json(200, std::string(kUsers));
    if (request.starts_with("GET /v1.0/users/n/")) {
      return Json(404, R"({"error":{"code":"MailboxNotEnabledForRESTAPI","message":""}})");
    }
    return Json(inbox, body);
  };
}

constexpr const char* kInbox = R"({"id":"f-1","displayName":"Inbox"})";

}  // namespace

BOOST_AUTO_TEST_SUITE(authorization)

BOOST_AUTO_TEST_CASE(claims_are_read_and_what_is_no_jwt_is_not) {
  const auto claims = ReadTokenClaims(Secret(std::string(kOurs)));
  BOOST_REQUIRE(claims);
  BOOST_TEST(claims->tenant_id == "t-1");
  BOOST_TEST((claims->roles == std::vector<std::string>{"Mail.ReadWrite", "User.Read.All"}));
  for (const char* bad : {"", "a", "a.b", "a.e.c", "a..c", "a.!!!!.c", "a.W10.c", "a.eyJ.c"}) {
    BOOST_TEST(!ReadTokenClaims(Secret(std::string(bad))), bad);
  }
  BOOST_TEST(ReadTokenClaims(Secret(std::string(kOthers)))->roles.empty());
}

BOOST_AUTO_TEST_CASE(roles_and_a_mailbox_that_opens_authorize) {
  FakeGraph fake(Mailboxes(200, kInbox));
  fake.token_answer = Issue(kOurs);
  const auto asked = AskAuthorization(fake.tenant, "", fake.http, fake.limits, fake.clock);
  BOOST_TEST((asked.authorized && asked.tenant_matches && !asked.by_rbac), asked.sign_in_fault);
  BOOST_REQUIRE_EQUAL(asked.mailboxes.size(), 1U);  // no guest, nobody without a mailbox
  BOOST_TEST(asked.mailboxes[0].address == "anna@contoso.example");
}

BOOST_AUTO_TEST_CASE(a_role_does_not_help_where_no_mailbox_opens) {
  FakeGraph fake(Mailboxes(403, R"({"error":{"code":"ErrorAccessDenied","message":""}})"));
  fake.token_answer = Issue(kOurs);
  const auto asked = AskAuthorization(fake.tenant, "", fake.http, fake.limits, fake.clock);
  BOOST_TEST(!asked.authorized);
  BOOST_REQUIRE_EQUAL(asked.mailboxes.size(), 1U);
  BOOST_TEST(asked.mailboxes[0].fault.find("ErrorAccessDenied") == 0U);
}

BOOST_AUTO_TEST_CASE(a_token_of_another_tenant_is_no_proof_and_goes_nowhere) {
  FakeGraph fake(Mailboxes(200, kInbox));
  fake.token_answer = Issue(kOthers);
  const auto asked = AskAuthorization(fake.tenant, "", fake.http, fake.limits, fake.clock);
  BOOST_TEST((!asked.authorized && !asked.tenant_matches));
  BOOST_TEST(asked.sign_in_fault.find("tenant other") != std::string::npos);
  BOOST_TEST(fake.CountRequests(false) == 0);
}

BOOST_AUTO_TEST_CASE(a_sign_in_that_is_refused_is_the_answer) {
  FakeGraph fake(Mailboxes(200, kInbox));
  fake.token_answer = [](const std::string&) {
    return Json(400, R"({"error":"unauthorized_client","error_codes":[700016]})");
  };
  const auto asked = AskAuthorization(fake.tenant, "", fake.http, fake.limits, fake.clock);
  BOOST_TEST(!asked.authorized);
  BOOST_TEST(asked.sign_in_fault.find("AADSTS700016") != std::string::npos);
  fake.tenant.graph.federated_token = "file:/both";
  const auto wrong = AskAuthorization(fake.tenant, "", fake.http, fake.limits, fake.clock);
  BOOST_TEST(wrong.sign_in_fault.find("one of") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
