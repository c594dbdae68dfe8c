// SPDX-License-Identifier: Apache-2.0
#include "policy/base/certificate.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "tests/policy/temporary_folder.h"

namespace clawback {

BOOST_AUTO_TEST_SUITE(certificate)

BOOST_AUTO_TEST_CASE(of_a_chain_the_first_end_counts) {
  const TemporaryFolder folder;
  // The first one is good for ten days, the other one for two.
  const std::string make = "cd " + folder.path() +
                           " && for days in 10 2; do openssl req -x509 -newkey rsa:2048 -nodes "
                           "-keyout key.pem -out $days.pem -days $days -subj /CN=relay 2>/dev/null"
                           " || exit 1; done && cat key.pem 10.pem 2.pem > chain.pem";
  BOOST_REQUIRE_EQUAL(std::system(make.c_str()), 0);
  const Time now = SystemClock().Now();
  const auto end = CertificateEnd(folder.path() + "/chain.pem");
  BOOST_REQUIRE(end.ok());
  BOOST_TEST((*end > now + std::chrono::hours(47) && *end <= now + std::chrono::hours(49)));
}

BOOST_AUTO_TEST_CASE(what_is_no_certificate_is_an_error) {
  const TemporaryFolder folder;
  const auto end = CertificateEnd(folder.Write("x.pem", "no certificate"));
  BOOST_REQUIRE(!end.ok());
  BOOST_TEST((end.error().kind == ErrorKind::kInvalid));
  BOOST_TEST(!CertificateEnd(folder.path() + "/absent.pem").ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
