// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/token_source.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "retract/graph/mailbox_provider.h"
#include "tests/retract/graph/fake_graph.h"

namespace clawback {
namespace {

BOOST_AUTO_TEST_SUITE(token_source)

using std::chrono::minutes;
using std::chrono::seconds;

struct Login : FakeGraph {
  Login() : FakeGraph([](const std::string&) { return Json(404, "{}"); }) {}

  SignIn BySecret() const {
    return {{server.origin(), tenant.graph.ca_file},
            "t-1",
            "app-1",
            "https://graph.example/.default",
            tenant.graph.client_secret,
            "",
            ""};
  }
  static std::string Text(const Result<AccessToken>& token) {
    return token.ok() ? std::string((*token)->Reveal()) : "error: " + token.error().what;
  }
};

BOOST_FIXTURE_TEST_CASE(a_secret_is_sent_as_a_form_and_the_token_is_kept, Login) {
  TokenSource source(BySecret(), http, clock);
  BOOST_TEST(Text(source.Get()) == "token-1");
  BOOST_TEST(Text(source.Get()) == "token-1");
  const auto requests = server.requests();
  BOOST_REQUIRE_EQUAL(requests.size(), 1U);
  BOOST_TEST(requests[0].find("\r\nContent-Type: application/x-www-form-urlencoded\r\n") !=
             std::string::npos);
  BOOST_TEST(requests[0].ends_with(
      "\r\n\r\ngrant_type=client_credentials&client_id=app-1"
      "&scope=https%3A%2F%2Fgraph.example%2F.default&client_secret=s3cret%26canary%3D%2B"));
}

BOOST_FIXTURE_TEST_CASE(a_certificate_signs_a_fresh_assertion_for_the_token_url, Login) {
  const TestCertificate app = MakeAppCertificate();
  SignIn sign_in = BySecret();
  sign_in.certificate = folder.Write("app.crt", app.CertificatePem());
  sign_in.certificate_key = "file:" + folder.Write("app.key", app.KeyPem());
  TokenSource source(sign_in, http, clock);
  BOOST_TEST(Text(source.Get()) == "token-1");
  const std::string request = server.requests().at(0);
  BOOST_TEST(request.find("&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A"
                          "client-assertion-type%3Ajwt-bearer&client_assertion=eyJ") !=
             std::string::npos);
  BOOST_TEST(request.find("client_secret") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(it_is_renewed_early_and_the_old_one_serves_while_that_fails, Login) {
  TokenSource source(BySecret(), http, clock);
  BOOST_TEST(Text(source.Get()) == "token-1");
  clock.Pass(minutes(54));
  BOOST_TEST(Text(source.Get()) == "token-1");
  token_answer = [](const std::string&) { return Json(503, "busy"); };
  clock.Pass(minutes(2));
  BOOST_TEST(Text(source.Get()) == "token-1");
  BOOST_TEST(Text(source.Get()) == "token-1");  // and no storm of attempts
  BOOST_TEST(CountRequests(true) == 2);
  token_answer = [this](const std::string&) { return NextToken(); };
  clock.Pass(seconds(4));
  BOOST_TEST(Text(source.Get()) == "token-2");
}

BOOST_FIXTURE_TEST_CASE(an_expired_token_is_not_used, Login) {
  TokenSource source(BySecret(), http, clock);
  BOOST_TEST(Text(source.Get()) == "token-1");
  token_answer = [](const std::string&) { return Json(503, "busy"); };
  clock.Pass(minutes(60));
  BOOST_TEST(!source.Get().ok());
}

BOOST_FIXTURE_TEST_CASE(many_waiters_share_one_renewal, Login) {
  TokenSource source(BySecret(), http, clock);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&] { good += Text(source.Get()) == "token-1" ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(good == 32);
  BOOST_TEST(CountRequests(true) == 1);
}

// Whoever else wants the token is a worker that other tenants wait for.
BOOST_FIXTURE_TEST_CASE(a_sign_in_that_takes_long_keeps_one_waiting, Login) {
  std::promise<void> asked, end;
  token_answer = [&](const std::string&) {
    asked.set_value();
    end.get_future().wait();
    return NextToken();
  };
  TokenSource source(BySecret(), http, clock);
  auto first = std::async(std::launch::async, [&] { return Text(source.Get()); });
  asked.get_future().wait();
  const auto second = source.Get();
  end.set_value();
  BOOST_REQUIRE(!second.ok());
  BOOST_TEST((second.error().kind == ErrorKind::kTransient));
  BOOST_TEST(second.error().retry_after.has_value());
  BOOST_TEST(first.get() == "token-1");
  BOOST_TEST(Text(source.Get()) == "token-1");
  BOOST_TEST(CountRequests(true) == 1);
}

BOOST_FIXTURE_TEST_CASE(a_failed_renewal_is_one_request_for_all_who_wait_for_it, Login) {
  token_answer = [](const std::string&) { return Json(503, "busy"); };
  TokenSource source(BySecret(), http, clock);
  std::atomic<int> told{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) threads.emplace_back([&] { told += source.Get().ok() ? 0 : 1; });
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(told == 32);
  BOOST_TEST(CountRequests(true) == 1);
}

BOOST_FIXTURE_TEST_CASE(many_who_were_refused_with_one_token_share_the_next, Login) {
  TokenSource source(BySecret(), http, clock);
  const AccessToken refused = *source.Get();
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&] {
      source.Discard(refused);
      good += Text(source.Get()) == "token-2" ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(good == 32);
  BOOST_TEST(CountRequests(true) == 2);
}

BOOST_FIXTURE_TEST_CASE(a_discarded_token_is_renewed_once_for_all_who_discard_it, Login) {
  TokenSource source(BySecret(), http, clock);
  const auto first = source.Get();
  BOOST_REQUIRE(first.ok());
  source.Discard(*first);
  source.Discard(*first);
  const auto second = source.Get();
  source.Discard(*first);  // late: it is not the current one any more
  BOOST_TEST(Text(second) == "token-2");
  BOOST_TEST(Text(source.Get()) == "token-2");
  // Fresh tokens that are refused too must not become a storm.
  source.Discard(*second);
  const auto refused = source.Get();
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(ConcernsSignIn(refused.error()));
  clock.Pass(seconds(6));
  BOOST_TEST(Text(source.Get()) == "token-3");
}

BOOST_FIXTURE_TEST_CASE(a_refusal_names_entra_ids_numbers_and_nothing_that_was_sent, Login) {
  token_answer = [](const std::string&) {
    return Json(401,
                R"({"error":"invalid_client","error_description":"AADSTS7000215: s3cret&canary",)"
                R"("error_codes":[7000215],"trace_id":"t"})");
  };
  TokenSource source(BySecret(), http, clock);
  for (int i = 0; i < 3; ++i) {
    const auto token = source.Get();
    BOOST_REQUIRE(!token.ok());
    BOOST_TEST((token.error().kind == ErrorKind::kRefused));
    BOOST_TEST(ConcernsSignIn(token.error()));
    BOOST_TEST(token.error().what.find("invalid_client AADSTS7000215") != std::string::npos);
    BOOST_TEST(token.error().what.find("the client secret is wrong") != std::string::npos);
    BOOST_TEST(token.error().what.find("canary") == std::string::npos);
  }
  BOOST_TEST(CountRequests(true) == 1);
}

BOOST_FIXTURE_TEST_CASE(the_secret_is_read_anew_at_each_renewal, Login) {
  SignIn sign_in = BySecret();
  sign_in.client_secret = "file:" + folder.Write("later", "old");
  TokenSource source(sign_in, http, clock);
  BOOST_TEST(source.Get().ok());
  folder.Write("later", "new");
  clock.Pass(minutes(58));
  BOOST_TEST(source.Get().ok());
  BOOST_TEST(server.requests().at(1).ends_with("client_secret=new"));
  sign_in.client_secret = "file:/nowhere/secret";
  TokenSource without(sign_in, http, clock);
  const auto token = without.Get();
  BOOST_TEST((!token.ok() && ConcernsSignIn(token.error())));
}

BOOST_FIXTURE_TEST_CASE(an_answer_without_a_usable_token_is_transient, Login) {
  for (const char* body :
       {"", "<html>", "{}", "[]", R"({"token_type":"Bearer","expires_in":3599})",
        R"({"token_type":"Bearer","expires_in":3599,"access_token":""})",
        R"({"token_type":"Bearer","expires_in":3599,"access_token":"a\r\nHost: evil"})",
        R"({"token_type":"Bearer","expires_in":3599,"access_token":7})",
        R"({"token_type":"Bearer","expires_in":0,"access_token":"a"})",
        R"({"token_type":"Bearer","access_token":"a"})",
        R"({"token_type":"mac","expires_in":3599,"access_token":"a"})"}) {
    token_answer = [body](const std::string&) { return Json(200, body); };
    TokenSource source(BySecret(), http, clock);
    const auto token = source.Get();
    BOOST_REQUIRE_MESSAGE(!token.ok(), body);
    BOOST_TEST((token.error().kind == ErrorKind::kTransient), body);
  }
}

// The whole life is over when it comes: asked again and again as fast as the answers come,
// nobody who waits for a token would ever be told anything.
BOOST_FIXTURE_TEST_CASE(a_token_that_has_ended_when_it_comes_is_no_token, Login) {
  token_answer = [this](const std::string&) {
    clock.Pass(seconds(2));
    const bool storm = ++tokens > 3;
    return Json(200, R"({"token_type":"Bearer","access_token":"a","expires_in":)" +
                         std::string(storm ? "3599" : "1") + "}");
  };
  TokenSource source(BySecret(), http, clock);
  const auto token = source.Get();
  BOOST_TEST(CountRequests(true) == 1);
  BOOST_REQUIRE(!token.ok());
  BOOST_TEST((token.error().kind == ErrorKind::kTransient));
  BOOST_TEST(!source.Get().ok());
  BOOST_TEST(CountRequests(true) == 1);  // not at once
}

BOOST_FIXTURE_TEST_CASE(a_life_that_is_no_number_is_none_and_the_longest_is_two_days, Login) {
  const auto ask = [this](const std::string& life) {
    token_answer = [life](const std::string&) {
      return Json(200, R"({"token_type":"Bearer","access_token":"a","expires_in":)" + life + "}");
    };
    return TokenSource(BySecret(), http, clock).Get().ok();
  };
  for (const char* wrong :
       {"-1", "\"-1\"", "\"\"", "\"soon\"", "\"3599 s\"", "\"0x10\"", "null", "[3599]", "true"}) {
    BOOST_TEST(!ask(wrong), wrong);
  }
  for (const char* right : {"3599", "\"3599\"", "1e9", "18446744073709551615", "3599.9",
                            "9223372036854775807", "1e300"}) {
    BOOST_TEST(ask(right), right);
  }
}

// Whoever is asked for contoso's token and gives fabrikam's would have fabrikam's mailboxes
// searched for contoso's people.
BOOST_FIXTURE_TEST_CASE(a_token_for_another_tenant_is_not_used, Login) {
  std::string claims;
  token_answer = [&](const std::string&) {
    return Json(200, R"({"token_type":"Bearer","expires_in":3599,"access_token":"e30.)" + claims +
                         R"(.c2ln"})");
  };
  SignIn sign_in = BySecret();
  const auto use = [&](const std::string& payload) {
    claims = payload;
    return TokenSource(sign_in, http, clock).Get();
  };
  BOOST_TEST(use("eyJ0aWQiOiJULTEifQ").ok());  // {"tid":"T-1"}
  BOOST_TEST(use("e30").ok());                 // {}: it says nothing
  const auto other = use("eyJ0aWQiOiJ0LTIifQ");
  BOOST_REQUIRE(!other.ok());
  BOOST_TEST(ConcernsSignIn(other.error()));
  BOOST_TEST(other.error().what.find("t-2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(token_errors_say_what_the_operator_can_do) {
  const struct {
    int status;
    std::string body;
    ErrorKind kind;
    std::string_view says;
  } table[] = {
      {400, R"({"error":"invalid_scope","error_codes":[70011]})", ErrorKind::kRefused,
       "AADSTS70011"},
      {401, R"({"error":"invalid_client","error_codes":[7000222]})", ErrorKind::kRefused,
       "expired"},
      {401, R"({"error":"invalid_client","error_codes":[700027]})", ErrorKind::kRefused,
       "registered"},
      {401, R"({"error":"invalid_client","error_codes":[700024]})", ErrorKind::kRefused, "clock"},
      {400, R"({"error":"unauthorized_client","error_codes":[700016]})", ErrorKind::kRefused,
       "not in"},
      {400, R"({"error":"invalid_request","error_codes":[90002]})", ErrorKind::kRefused, "no such"},
      {400, R"({"error":"invalid_resource","error_codes":[500011]})", ErrorKind::kRefused, "cloud"},
      {400, R"({"error":"temporarily_unavailable"})", ErrorKind::kTransient, "HTTP 400"},
      {429, R"({"error":"invalid_request"})", ErrorKind::kThrottled, "HTTP 429"},
      {503, "<html>busy</html>", ErrorKind::kTransient, "HTTP 503"},
      {400, "<html>bad</html>", ErrorKind::kTransient, "HTTP 400"},
      {400, R"({"error":"Bad\nWord"})", ErrorKind::kTransient, "HTTP 400"},
      {302, "", ErrorKind::kTransient, "HTTP 302"},
  };
  for (const auto& row : table) {
    const Error error = TokenErrorOf({row.status, {}, row.body}, Time{});
    BOOST_TEST((error.kind == row.kind), row.body);
    BOOST_TEST(error.what.find(row.says) != std::string::npos, error.what);
    BOOST_TEST(ConcernsSignIn(error) == (row.kind == ErrorKind::kRefused));
  }
  const Error wait = TokenErrorOf({503, {{"retry-after", "2"}}, ""}, Time{});
  BOOST_TEST((wait.kind == ErrorKind::kThrottled && wait.retry_after == milliseconds(2000)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
