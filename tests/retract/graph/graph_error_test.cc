// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/graph_error.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "retract/graph/answer_table.h"
#include "retract/graph/mailbox_provider.h"

namespace clawback {
namespace {

BOOST_AUTO_TEST_SUITE(graph_error)

using enum ErrorKind;

std::string Body(std::string_view code) {
  return R"({"error":{"code":")" + std::string(code) +
         R"(","message":"Words.","innerError":{"date":"2026-11-03T09:14:22","request-id":"r"}}})";
}

Error ErrorOf(int status, std::string body, std::vector<HttpHeader> headers = {}) {
  return GraphErrorOf({status, std::move(headers), std::move(body)}, "attempt-1", Time{});
}

struct Expected {
  int status;
  std::string_view code;
  ErrorKind kind;
};

// Written out and not made from the table under test.
constexpr Expected kExpected[] = {
    {400, "ErrorInvalidIdMalformed", kInvalid},
    {400, "InefficientFilter", kInvalid},
    {400, "ErrorInvalidUrlQuery", kInvalid},
    {400, "Request_UnsupportedQuery", kInvalid},
    {400, "BadRequest", kInvalid},
    {400, "", kInvalid},
    {401, "InvalidAuthenticationToken", kRefused},
    {401, "ErrorItemNotFound", kRefused},
    {401, "", kRefused},
    {402, "x", kInvalid},
    {403, "ErrorAccessDenied", kRefused},
    {403, "Authorization_RequestDenied", kRefused},
    {403, "ErrorCannotDeleteObject", kRefused},
    {403, "ErrorQuotaExceeded", kFull},
    {403, "", kRefused},
    {404, "ErrorItemNotFound", kNotFound},
    {404, "ErrorFolderNotFound", kNotFound},
    {404, "MailboxNotEnabledForRESTAPI", kNotFound},
    {404, "ResourceNotFound", kNotFound},
    {404, "Request_ResourceNotFound", kNotFound},
    {404, "ErrorInvalidUser", kNotFound},
    {404, "ErrorNonExistentMailbox", kNotFound},
    {404, "", kNotFound},
    {404, "SomethingNew", kNotFound},
    {405, "x", kInvalid},
    {406, "x", kInvalid},
    {408, "x", kTransient},
    {409, "ErrorIrresolvableConflict", kConflict},
    {409, "ErrorFolderExists", kConflict},
    {409, "", kConflict},
    {410, "x", kNotFound},
    {412, "x", kConflict},
    {413, "x", kInvalid},
    {415, "x", kInvalid},
    {421, "x", kTransient},
    {423, "x", kConflict},
    {424, "x", kTransient},
    {425, "x", kTransient},
    {429, "ApplicationThrottled", kThrottled},
    {429, "TooManyRequests", kThrottled},
    {429, "activityLimitReached", kThrottled},
    {429, "ErrorItemNotFound", kThrottled},
    {429, "", kThrottled},
    {500, "generalException", kTransient},
    {500, "ErrorIrresolvableConflict", kConflict},
    {501, "NotImplemented", kInvalid},
    {501, "generalException", kInvalid},
    {502, "x", kTransient},
    {503, "serviceNotAvailable", kTransient},
    {503, "MailboxInfoStale", kTransient},
    {503, "ErrorServerBusy", kTransient},
    {503, "ErrorMailboxMoveInProgress", kTransient},
    {503, "ErrorMailboxStoreUnavailable", kTransient},
    {503, "ApplicationThrottled", kThrottled},
    {504, "x", kTransient},
    {507, "ErrorQuotaExceeded", kFull},
    {507, "quotaLimitReached", kFull},
    {507, "", kFull},
    {509, "x", kTransient},
    {302, "x", kTransient},
    {304, "x", kTransient},
    {599, "", kTransient},
};

BOOST_AUTO_TEST_CASE(each_answer_says_what_the_caller_can_do) {
  for (const Expected& row : kExpected) {
    const Error error = ErrorOf(row.status, Body(row.code));
    BOOST_TEST_CONTEXT(row.status << " " << row.code) {
      BOOST_TEST((error.kind == row.kind));
      const bool first = error.what.starts_with(row.code) || row.status == 401;
      BOOST_TEST(first, error.what);
      BOOST_TEST(error.what.find("HTTP " + std::to_string(row.status)) != std::string::npos);
      BOOST_TEST(ConcernsSignIn(error) == (row.status == 401));
      const bool operator_told = error.what.find("must make room") != std::string::npos;
      BOOST_TEST(operator_told == (row.kind == kFull));
    }
  }
}

BOOST_AUTO_TEST_CASE(no_row_of_the_table_is_untried) {
  const auto tried = [](const auto& matches) {
    return std::any_of(std::begin(kExpected), std::end(kExpected), matches);
  };
  for (const AnswerRow& row : AnswerTable()) {
    for (const int status : row.statuses) {
      BOOST_TEST((status == 0 || tried([&](const Expected& e) {
                    return e.status == status && e.kind == KindOf(row.meaning);
                  })),
                 status);
    }
    for (const std::string_view code : row.codes) {
      BOOST_TEST((code.empty() || tried([&](const Expected& e) { return e.code == code; })), code);
    }
  }
}

BOOST_AUTO_TEST_CASE(both_spellings_of_the_inner_error_are_read_however_deep) {
  for (const char* inner : {"innerError", "innererror"}) {
    std::string body = R"({"error":{"code":"","message":"m")";
    for (int depth = 0; depth < 3; ++depth) {
      body += std::string(",\"") + inner + R"(":{"code":"unheardOf")";
    }
    body += std::string(",\"") + inner + R"(":{"code":"ErrorQuotaExceeded"}}}}}})";
    BOOST_TEST((ErrorOf(500, body).kind == kFull), body);
  }
}

BOOST_AUTO_TEST_CASE(only_the_codes_for_it_mean_that_there_is_no_mailbox) {
  for (const char* code :
       {"MailboxNotEnabledForRESTAPI", "ResourceNotFound", "Request_ResourceNotFound",
        "ErrorInvalidUser", "ErrorNonExistentMailbox"}) {
    BOOST_TEST(MeansNoMailbox(ErrorOf(404, Body(code))), code);
  }
  BOOST_TEST(!MeansNoMailbox(ErrorOf(404, Body("ErrorItemNotFound"))));
  BOOST_TEST(!MeansNoMailbox(ErrorOf(404, Body(""))));
  BOOST_TEST(!MeansNoMailbox(ErrorOf(503, Body("ResourceNotFoundNot"))));
}

BOOST_AUTO_TEST_CASE(the_deepest_known_code_counts) {
  const Error error = ErrorOf(
      400, R"({"error":{"code":"BadRequest","message":"m","innererror":{"code":"unheardOf",)"
           R"("innerError":{"code":"ErrorItemNotFound"}}}})");
  BOOST_TEST((error.kind == kNotFound));
  BOOST_TEST(error.what.starts_with("ErrorItemNotFound: "));
}

BOOST_AUTO_TEST_CASE(a_body_that_is_not_graphs_never_makes_a_final_not_found_or_refusal) {
  std::string deep = R"({"error":)";
  for (int i = 0; i < 5000; ++i) deep += R"({"innerError":)";
  for (const std::string& body :
       {std::string(), std::string("<html><h1>404 Not Found</h1></html>"),
        std::string(R"({"error":{"code":"ErrorItemNotFound","mess)"), std::string("null"),
        std::string("[]"), std::string(R"({"error":"x"})"), std::string(R"({"error":{}})"),
        std::string("\xff\xfe\x00", 3), deep, std::string(10UL << 20, ' ')}) {
    for (const int status : {403, 404}) {
      const Error error = ErrorOf(status, body);
      BOOST_TEST((error.kind == kTransient), body.substr(0, 60));
      BOOST_TEST(error.what.starts_with("HTTP 40"));
      BOOST_TEST(error.what.size() < 200U);
    }
    BOOST_TEST((ErrorOf(503, body).kind == kTransient));
    BOOST_TEST((ErrorOf(400, body).kind == kInvalid));
  }
}

BOOST_AUTO_TEST_CASE(retry_after_from_graph_is_passed_on_whatever_its_case) {
  const Error throttled = ErrorOf(429, Body("x"), {{"retry-AFTER", "0.249"}});
  BOOST_TEST((throttled.retry_after == milliseconds(249)));
  const Error busy = ErrorOf(503, Body("serviceNotAvailable"), {{"Retry-After", "7"}});
  BOOST_TEST((busy.kind == kThrottled && busy.retry_after == milliseconds(7000)));
  BOOST_TEST(!ErrorOf(429, Body("x")).retry_after.has_value());
  BOOST_TEST(!ErrorOf(404, Body("ErrorItemNotFound"), {{"Retry-After", "7"}}).retry_after);
  // A conflict waits as told, and stays one: its tries are counted.
  const Error locked = ErrorOf(423, Body("x"), {{"RETRY-AFTER", "2"}});
  BOOST_TEST((locked.kind == kConflict && locked.retry_after == milliseconds(2000)));
}

BOOST_AUTO_TEST_CASE(the_longest_of_several_waits_is_kept) {
  const auto wait = [](std::vector<HttpHeader> headers) {
    return ErrorOf(429, Body("x"), std::move(headers)).retry_after;
  };
  BOOST_TEST((wait({{"Retry-After", "1"}, {"retry-after", "60"}}) == milliseconds(60'000)));
  BOOST_TEST((wait({{"Retry-After", "60"}, {"Retry-After", "1"}}) == milliseconds(60'000)));
  BOOST_TEST((wait({{"Retry-After", "-1"}, {"Retry-After", "2"}}) == milliseconds(2'000)));
  BOOST_TEST((wait({{"Retry-After", "1, 60"}}) == std::nullopt));
}

// Whoever says it over and over would be asked without end as fast as he answers.
BOOST_AUTO_TEST_CASE(no_wait_at_all_leaves_it_to_our_own_pauses) {
  for (const char* said : {"0", "0.0", "Wed, 31 Dec 1969 23:00:00 GMT"}) {
    const Error throttled = ErrorOf(429, Body("x"), {{"Retry-After", said}});
    BOOST_TEST((throttled.kind == kThrottled && !throttled.retry_after), said);
    const Error busy = ErrorOf(503, Body("x"), {{"Retry-After", said}});
    BOOST_TEST((busy.kind == kTransient && !busy.retry_after), said);
  }
}

// A clock of ours that goes wrong makes us neither early nor an hour late.
BOOST_AUTO_TEST_CASE(a_date_is_read_by_the_clock_of_who_said_it) {
  const HttpHeader until{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"};
  for (const Time now : {Time{}, Time{std::chrono::seconds(4'000'000'000)}}) {
    const Error busy = GraphErrorOf(
        {429, {until, {"Date", "Sun, 06 Nov 1994 08:49:30 GMT"}}, Body("x")}, "a", now);
    BOOST_TEST((busy.retry_after == milliseconds(7'000)));
  }
}

BOOST_AUTO_TEST_CASE(the_text_names_both_ids_and_holds_no_control_characters) {
  const Error error =
      ErrorOf(404, R"({"error":{"code":"Error\nItem\u001b","message":"a\r\nb\u202e"}})",
              {{"request-id", "req-7\x01"}});
  BOOST_TEST(error.what.find("request-id req-7?") != std::string::npos);
  BOOST_TEST(error.what.find("client-request-id attempt-1") != std::string::npos);
  for (const char c : error.what) BOOST_TEST((c >= 0x20 && c < 0x7f));
}

BOOST_AUTO_TEST_CASE(a_401_is_about_the_sign_in_and_quotes_nothing) {
  const Error error = ErrorOf(401, R"({"error":{"code":"InvalidAuthenticationToken",)"
                                   R"("message":"The token eyJcanary is bad"}})");
  BOOST_TEST(ConcernsSignIn(error));
  BOOST_TEST(error.what.find("InvalidAuthenticationToken") != std::string::npos);
  BOOST_TEST(error.what.find("canary") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_message_that_quotes_a_token_is_told_without_it) {
  for (const char* quoted :
       {"eyJ0eXAiOiJKV1QifQ.eyJhIjoxfQ.c2ln-_", "eyJ0eXAi", "Bearer,eyJ0.eyJ"}) {
    const HttpResponse response{
        503,
        {},
        R"({"error":{"code":"x","message":"you sent )" + std::string(quoted) + R"( to us"}})"};
    const std::string what = GraphErrorOf(response, "c", Time{}).what;
    BOOST_TEST(what.find("eyJ") == std::string::npos, what);
    BOOST_TEST(what.find("(a token) to us") != std::string::npos, what);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
