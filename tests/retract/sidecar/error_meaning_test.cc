// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/error_meaning.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "retract/graph/graph_error.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;

constexpr Time kArmed{milliseconds(1793696400000LL)};
constexpr milliseconds kGiveUp = 48h;

std::string What(int status, std::string_view code, int conflicts = 0, milliseconds age = 1min,
                 std::string_view retry_after = "") {
  HttpResponse response{status, {}, R"({"error":{"code":")" + std::string(code) + "\"}}"};
  if (!retry_after.empty()) response.headers.push_back({"Retry-After", std::string(retry_after)});
  ClaimedRetraction claim;
  claim.id = 7;
  claim.armed = kArmed;
  claim.conflicts = conflicts;
  claim.attempts = 9;
  const Time now = kArmed + age;
  const auto meaning = MeaningOf(GraphErrorOf(response, "c", now), claim, now, kGiveUp);
  if (std::holds_alternative<LookLater>(meaning)) return "look again";
  if (const auto* end = std::get_if<EndAs>(&meaning)) return std::string(ToString(end->kind));
  const auto& later = std::get<TryLater>(meaning);
  return std::string(later.obstacle == Obstacle::kConflict ? "conflict, " : "") + "again in " +
         std::to_string((later.due - now) / 1s) + " s";
}

BOOST_AUTO_TEST_SUITE(error_meaning)

BOOST_AUTO_TEST_CASE(every_class_of_answers_has_its_end) {
  const struct {
    int status;
    std::string_view code, expected;
  } table[] = {
      {400, "BadRequest", "failed"},
      {401, "InvalidAuthenticationToken", "again in 3 s"},  // the sign-in's: mends for all
      {403, "ErrorAccessDenied", "not-permitted"},
      {403, "ErrorCannotDeleteObject", "on-hold"},
      {404, "ErrorItemNotFound", "look again"},
      {404, "MailboxNotEnabledForRESTAPI", "not-a-mailbox"},
      {409, "ErrorIrresolvableConflict", "conflict, again in 3 s"},
      {412, "x", "conflict, again in 3 s"},
      {423, "x", "conflict, again in 3 s"},
      {413, "x", "failed"},
      {415, "x", "failed"},
      {405, "x", "failed"},
      {406, "x", "failed"},
      {501, "x", "failed"},
      {429, "ApplicationThrottled", "again in 3 s"},
      {500, "generalException", "again in 3 s"},
      {502, "x", "again in 3 s"},
      {503, "serviceNotAvailable", "again in 3 s"},
      {504, "x", "again in 3 s"},
      {509, "x", "again in 3 s"},
      {507, "ErrorQuotaExceeded", "failed"},
  };
  for (const auto& row : table) BOOST_TEST(What(row.status, row.code) == row.expected, row.status);
}

BOOST_AUTO_TEST_CASE(a_conflict_is_tried_three_times_more) {
  const std::string second = What(409, "x", 1);  // 6 s and its jitter
  BOOST_TEST((second == "conflict, again in 6 s" || second == "conflict, again in 7 s"), second);
  BOOST_TEST(What(409, "x", 2).starts_with("conflict, again in 1"));  // 12 s and its jitter
  BOOST_TEST(What(409, "x", 3) == "failed");
  BOOST_TEST(What(503, "x", 3) == "again in 3 s");
}

BOOST_AUTO_TEST_CASE(what_the_other_side_asks_for_is_obeyed_until_we_give_up) {
  BOOST_TEST(What(429, "x", 0, 1min, "17") == "again in 17 s");
  BOOST_TEST(What(503, "x", 0, 1min, "17") == "again in 17 s");
  BOOST_TEST(What(423, "x", 0, 1min, "17") == "conflict, again in 17 s");
  BOOST_TEST(What(429, "x", 0, kGiveUp, "17") == "throttled-out");
  BOOST_TEST(What(503, "x", 0, kGiveUp, "17") == "throttled-out");
  BOOST_TEST(What(503, "x", 0, kGiveUp) == "failed");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
