// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE judge_pool
#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "policy/judge/judge_pool.h"

namespace clawback {
namespace {

ReportBytes Fresh() {
  Result<ReportBytes> bytes = ReportBytes::Create();
  BOOST_REQUIRE(bytes.ok());
  return std::move(*bytes);
}

void Add(ReportBytes* bytes, std::string_view text) { BOOST_REQUIRE(bytes->Append(text).ok()); }

std::string All(const ReportBytes& bytes) {
  const Result<std::string_view> view = bytes.View();
  BOOST_REQUIRE(view.ok());
  return std::string(*view);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(report_bytes)

BOOST_AUTO_TEST_CASE(small_and_large_pieces_come_back_in_order) {
  ReportBytes bytes = Fresh();
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 7 == 0 ? 70'000 : i % 97),
                            static_cast<char>('a' + i % 26));
    Add(&bytes, piece);
    expected += piece;
  }
  BOOST_TEST(bytes.size() == expected.size());
  BOOST_TEST((All(bytes) == expected));
}

BOOST_AUTO_TEST_CASE(
    a_view_before_the_end_does_not_keep_more_from_coming_or_the_seal_from_holding) {
  ReportBytes bytes = Fresh();
  Add(&bytes, "first");
  BOOST_TEST(All(bytes) == "first");
  Add(&bytes, " second");
  BOOST_TEST(All(bytes) == "first second");
  BOOST_TEST(bytes.Seal().ok());
  BOOST_TEST(All(bytes) == "first second");
}

BOOST_AUTO_TEST_CASE(sealed_bytes_can_be_changed_by_nobody) {
  ReportBytes bytes = Fresh();
  Add(&bytes, "as received");
  BOOST_REQUIRE(bytes.Seal().ok());
  BOOST_TEST(::pwrite(bytes.fd(), "X", 1, 0) == -1);
  BOOST_TEST(::ftruncate(bytes.fd(), 0) == -1);
  BOOST_TEST(::fcntl(bytes.fd(), F_ADD_SEALS, F_SEAL_WRITE) == -1);
  BOOST_TEST(All(bytes) == "as received");
}

BOOST_AUTO_TEST_CASE(nothing_can_be_appended_to_sealed_bytes) {
  ReportBytes bytes = Fresh();
  BOOST_REQUIRE(bytes.Seal().ok());
  BOOST_TEST(!bytes.Append("late").ok());
  BOOST_TEST(bytes.size() == 0);
}

BOOST_AUTO_TEST_CASE(no_bytes_at_all_are_an_empty_view) {
  ReportBytes bytes = Fresh();
  BOOST_REQUIRE(bytes.Seal().ok());
  BOOST_TEST(All(bytes).empty());
}

BOOST_AUTO_TEST_CASE(moving_takes_the_bytes_along) {
  ReportBytes first = Fresh();
  Add(&first, "kept");
  ReportBytes second = std::move(first);
  first = Fresh();
  Add(&first, "other");
  BOOST_TEST(All(second) == "kept");
  BOOST_TEST(All(first) == "other");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
