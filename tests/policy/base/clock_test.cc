// SPDX-License-Identifier: Apache-2.0
#include "policy/base/clock.h"

#include <boost/test/unit_test.hpp>
#include <string_view>

#include "policy/base/digest.h"

namespace clawback {

BOOST_AUTO_TEST_SUITE(clock_and_digest)

BOOST_AUTO_TEST_CASE(a_time_reads_back_as_it_was_written) {
  for (const long long ms : {0LL, 1LL, 999LL, 1'793'696'062'123LL, -1LL, 4'102'444'800'000LL}) {
    const Time time{milliseconds(ms)};
    BOOST_TEST((ParseTime(FormatTime(time)) == time), FormatTime(time));
  }
  BOOST_TEST(FormatTime(Time{milliseconds(951'782'400'005)}) == "2000-02-29T00:00:00.005Z");
  BOOST_TEST((ParseTime("2000-02-29T00:00:00Z") == Time{milliseconds(951'782'400'000)}));
}

BOOST_AUTO_TEST_CASE(what_is_no_time_is_refused) {
  for (const std::string_view text :
       {"", "2001-02-29T00:00:00Z", "2001-02-28T24:00:00Z", "2001-02-28T00:00:00",
        "2001-02-28T00:00:00+01:00", "2001-02-28 00:00:00Z", "2001-13-01T00:00:00Z",
        "2001-02-28T00:00:00.x"}) {
    BOOST_TEST(!ParseTime(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(a_digest_is_sha256_and_reads_back) {
  const Digest digest = Sha256Of("abc");
  BOOST_TEST(ToHex(digest) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  BOOST_TEST((DigestFromHex(ToHex(digest)) == digest));
  BOOST_TEST(!DigestFromHex("ba78").has_value());
  BOOST_TEST(!DigestFromHex(std::string(64, 'g')).has_value());
  Sha256 parts;
  parts.Update("a");
  parts.Update("bc");
  BOOST_TEST((parts.Finish() == digest));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
