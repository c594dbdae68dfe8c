// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/sums.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace clawback {
namespace {

BOOST_AUTO_TEST_SUITE(sums)

BOOST_AUTO_TEST_CASE(a_large_sum_is_found_however_it_is_written) {
  const auto gives = [](std::string_view text) { return std::string(LargeSumIn(text)); };
  BOOST_TEST(gives("a loan of $25,000 to you") == "$25,000");
  BOOST_TEST(gives("850.000,00 € für Sie") == "850.000,00 €");
  BOOST_TEST(gives("850 000 € pour vous") == "850 000 €");
  BOOST_TEST(gives("850\u202f000\u00a0€ pour vous") == "850\u202f000\u00a0€");
  BOOST_TEST(gives("CHF 1'200'000 in Zürich") == "CHF 1'200'000");
  BOOST_TEST(gives("USD 25000") == "USD 25000");
  BOOST_TEST(gives("12,8 Mio. USD, alles legal") == "12,8 Mio. USD");
  BOOST_TEST(gives("5 million dollars") == "5 million dollars");
  BOOST_TEST(gives("£2.5M and more") == "£2.5M");
  BOOST_TEST(gives("3 millones de euros") != "");
  BOOST_TEST(gives("R$ 50.000,00 por mês") == "$ 50.000,00");
}

BOOST_AUTO_TEST_CASE(what_is_small_or_no_money_is_none) {
  for (const std::string_view text :
       {"", "84,50 €", "9,999.99 USD", "$999", "10,000 people", "order 4500012345", "2026-11-29",
        "1.2.3.4", "the 5 million readers of ours", "192.168.000.001", "+44 7700 900 871",
        "12345678901234567890", "$", "€ and 100000", "100000 and €"}) {
    BOOST_TEST(std::string(LargeSumIn(text)) == "", text);
  }
}

BOOST_AUTO_TEST_CASE(a_sum_is_looked_for_within_bounds) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "1 ";
  BOOST_TEST(std::string(LargeSumIn(text + "$25,000")) == "");
  BOOST_TEST(std::string(LargeSumIn(std::string(20000, 'a') + " $25,000")) == "");
  BOOST_TEST(std::string(LargeSumIn(std::string(100000, '9') + "€")) == std::string());
}

BOOST_AUTO_TEST_CASE(addresses_to_be_paid_to_are_found) {
  const auto gives = [](std::string_view text) { return std::string(CryptoAddressIn(text)); };
  const std::string segwit = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
  const std::string old = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
  const std::string ether = "0x52908400098527886E0F7030069857D2E4169EE7";
  const std::string tron = "TN3W4H6rK2ce4vX9YnFQHwKENnHjoxb3m9";
  BOOST_TEST(gives("Pay into " + segwit + ".") == segwit);
  BOOST_TEST(gives("(" + ether + ")") == ether);
  BOOST_TEST(gives("BTC: " + old) == old);
  BOOST_TEST(gives("USDT " + tron + ", please") == tron);
}

BOOST_AUTO_TEST_CASE(what_is_like_an_address_is_none) {
  const std::string old = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
  for (const std::string& text :
       {old, "bitcoin https://a.example/" + old, "bitcoin id=" + old,
        "bitcoin " + old + "@a.example", std::string("bitcoin 11111111111111111111111111111"),
        std::string("wallet 3333333333333333333333333333333a"), std::string("bc1short"),
        std::string("0x00007fff5fbff8a0"),
        std::string("52908400098527886e0f7030069857d2e4169ee7")}) {
    BOOST_TEST(std::string(CryptoAddressIn(text)) == "", text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
