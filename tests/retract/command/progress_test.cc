// SPDX-License-Identifier: Apache-2.0
#include "retract/command/progress.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <sstream>

namespace clawback {
namespace {

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(a_line_is_written_over_by_the_hundredth_and_taken_away) {
  std::ostringstream err;
  Progress progress(err, true);
  for (std::size_t done = 1; done <= 1000; ++done) progress.Tell("reading", done, 1000, "messages");
  const std::string text = err.str();
  BOOST_TEST(text.starts_with("\r\x1b[Kreading 1 of 1000 messages\r\x1b[Kreading 10 of 1000"));
  BOOST_TEST(text.ends_with("reading 1000 of 1000 messages"));
  BOOST_TEST(std::count(text.begin(), text.end(), '\r') == 101);
  progress.Clear();
  progress.Clear();
  BOOST_TEST(err.str() == text + "\r\x1b[K");
  progress.Tell("learning", 0, 0, "times");
  BOOST_TEST(err.str().ends_with("learning 0 of 0 times"));
}

BOOST_AUTO_TEST_CASE(nothing_is_written_where_nobody_looks) {
  std::ostringstream err;
  Progress progress(err, false);
  progress.Tell("reading", 1, 2, "messages");
  progress.Clear();
  BOOST_TEST(err.str().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
