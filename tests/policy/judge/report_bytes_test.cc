// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE judge_pool
#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "policy/judge/judge_pool.h"

namespace clawback {
namespace {

void Add(ReportBytes* bytes, std::string_view text) { BOOST_REQUIRE(bytes->Append(text).ok()); }

std::string All(const ReportBytes& bytes) {
  const Result<std::string_view> view = bytes.View();
  BOOST_REQUIRE(view.ok());
  return std::string(*view);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(report_bytes)

BOOST_AUTO_TEST_CASE(small_and_large_pieces_come_back_in_order) {
  ReportBytes bytes;
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 7 == 0 ? 70'000 : i % 97),
                            static_cast<char>('a' + i % 26));
    Add(&bytes, piece);
    expected += piece;
  }
  BOOST_TEST(bytes.size() == expected.size());
  BOOST_REQUIRE(bytes.Seal().ok());
  BOOST_TEST((All(bytes) == expected));
}

BOOST_AUTO_TEST_CASE(a_view_before_the_end_does_not_keep_more_from_coming) {
  ReportBytes bytes;
  Add(&bytes, "first");
  BOOST_TEST(All(bytes) == "first");
  Add(&bytes, " second");
  BOOST_TEST(All(bytes) == "first second");
  BOOST_TEST(bytes.Seal().ok());
  BOOST_TEST(All(bytes) == "first second");
}

BOOST_AUTO_TEST_CASE(few_bytes_need_no_file_and_one_more_does) {
  ReportBytes few, more;
  Add(&few, std::string(ReportBytes::kFew, 'a'));
  Add(&more, std::string(ReportBytes::kFew + 1, 'a'));
  BOOST_REQUIRE((few.Seal().ok() && more.Seal().ok()));
  BOOST_TEST(few.fd() == -1);
  BOOST_TEST(more.fd() >= 0);
  BOOST_TEST(All(few) == std::string(ReportBytes::kFew, 'a'));
  BOOST_TEST(All(more) == std::string(ReportBytes::kFew + 1, 'a'));
}

// What is in the file already is not whole before the seal.
BOOST_AUTO_TEST_CASE(bytes_in_a_file_cannot_be_viewed_before_the_end) {
  ReportBytes bytes;
  Add(&bytes, std::string(300'000, 'a'));
  Add(&bytes, "b");
  BOOST_TEST(!bytes.View().ok());
  BOOST_REQUIRE(bytes.Seal().ok());
  BOOST_TEST(All(bytes) == std::string(300'000, 'a') + "b");
}

BOOST_AUTO_TEST_CASE(sealed_bytes_can_be_changed_by_nobody) {
  ReportBytes bytes;
  Add(&bytes, "as received");
  BOOST_REQUIRE(bytes.Seal(ReportBytes::Place::kFile).ok());
  BOOST_TEST(::pwrite(bytes.fd(), "X", 1, 0) == -1);
  BOOST_TEST(::ftruncate(bytes.fd(), 0) == -1);
  BOOST_TEST(::fcntl(bytes.fd(), F_ADD_SEALS, F_SEAL_WRITE) == -1);
  BOOST_TEST(All(bytes) == "as received");
}

BOOST_AUTO_TEST_CASE(nothing_can_be_appended_to_sealed_bytes) {
  ReportBytes bytes;
  BOOST_REQUIRE(bytes.Seal().ok());
  BOOST_TEST(!bytes.Append("late").ok());
  BOOST_TEST(bytes.size() == 0);
}

BOOST_AUTO_TEST_CASE(no_bytes_at_all_are_an_empty_view) {
  ReportBytes bytes;
  BOOST_REQUIRE(bytes.Seal().ok());
  BOOST_TEST(All(bytes).empty());
}

BOOST_AUTO_TEST_CASE(moving_takes_the_bytes_along) {
  ReportBytes first;
  Add(&first, "kept");
  ReportBytes second = std::move(first);
  first = {};
  Add(&first, "other");
  BOOST_TEST(All(second) == "kept");
  BOOST_TEST(All(first) == "other");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
