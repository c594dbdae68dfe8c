// SPDX-License-Identifier: Apache-2.0
#include "policy/message/hunt_features.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/message/web_address.h"

namespace clawback {
namespace {

std::string Normal(std::string_view url) { return NormalAddress(url, HostOf(url)); }

// The sketch of a text with these triples' hashes.
Fingerprint SketchOf(const std::set<std::uint64_t>& triples, std::size_t most = 256) {
  Fingerprint print;
  print.text.assign(triples.begin(), triples.end());
  print.text_triples = static_cast<std::uint32_t>(print.text.size());
  if (print.text.size() > most) print.text.resize(most);
  return print;
}

// Two texts of size triples each of which they share a part, and how much that is of both.
struct Pair {
  Fingerprint a, b;
  double similarity = 0;
};
Pair PairOf(std::mt19937_64& random, std::size_t size, std::size_t shared) {
  std::set<std::uint64_t> a;
  std::set<std::uint64_t> b;
  while (a.size() < shared) a.insert(random());
  b = a;
  while (a.size() < size) a.insert(random());
  while (b.size() < size) b.insert(random());
  const double both = static_cast<double>(shared);
  return {SketchOf(a), SketchOf(b), both / (2 * static_cast<double>(size) - both)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hunt_features)

BOOST_AUTO_TEST_CASE(subjects_that_people_take_for_one_have_one_key) {
  const std::vector<std::pair<std::string, std::string>> kKeys = {
      {"invoice 4711", "invoice #"},
      {"re: invoice 4711", "invoice #"},
      {"re: fw: aw : re[2]: invoice   815", "invoice #"},
      {"[ext] re: [list] invoice\t1", "invoice #"},
      {"回复: invoice 1", "invoice #"},
      {"res:enc:invoice 1", "invoice #"},
      {"refund 2 of 30", "refund # of #"},
      {"", ""},
      {"re:", "re:"},
      {"[ext]", "[ext]"},
      {"report: 5", "report: #"},
      {"[a tag that is longer than any that a list would put there] x",
       "[a tag that is longer than any that a list would put there] x"},
  };
  for (const auto& [subject, key] : kKeys) {
    BOOST_TEST(SubjectKey(subject) == key, subject);
    BOOST_TEST(SubjectKey(key) == key, subject);
  }
  BOOST_TEST(SubjectKey("offer 1") != SubjectKey("offers 1"));
}

BOOST_AUTO_TEST_CASE(a_key_of_a_subject_is_short_whatever_the_subject) {
  std::string prefixes;
  for (int i = 0; i < 100'000; ++i) prefixes += "re: ";
  BOOST_TEST(SubjectKey(prefixes).size() <= 200U);
  BOOST_TEST(SubjectKey(std::string(100'000, 'x')).size() == 200U);
  BOOST_TEST(SubjectKey(std::string(100'000, '7')) == "#");
  // Half a character is no text.
  std::string umlauts;
  for (int i = 0; i < 150; ++i) umlauts += "\xC3\xBC";
  BOOST_TEST(SubjectKey("x" + umlauts).size() == 199U);
}

BOOST_AUTO_TEST_CASE(addresses_that_lead_to_one_place_are_one) {
  const std::vector<std::pair<std::string, std::string>> kAddresses = {
      {"https://example.com", "example.com/"},
      {"HTTP://user:pass@Example.COM:8080", "example.com/"},
      {"http:\\\\example.com\\a\\b", "example.com/a/b"},
      {"https://example.com/A/b?C=d&e#f", "example.com/A/b?C=d&e"},
      {"https://example.com?q=\\x", "example.com/?q=\\x"},
      {"https://example.com#f", "example.com/"},
      {"www.example.com/a:b?x:y", "www.example.com/a:b?x:y"},
      {"www.example.com?x:y", "www.example.com/?x:y"},
      {"www.example.com:80/a", "www.example.com/a"},
      {"//example.com:80/a", "example.com/a"},
      {"http://[2001:db8::1]:80/a", "[2001:db8::1]/a"},
      {"mailto:a@example.com", ""},
      {"javascript:alert(1)", ""},
      {"", ""},
  };
  for (const auto& [address, normal] : kAddresses) BOOST_TEST(Normal(address) == normal, address);
}

BOOST_AUTO_TEST_CASE(keys_are_of_a_kind_and_stay_what_they_are) {
  // What ledgers hold must be found by later releases.
  BOOST_TEST(HuntKey(HuntKind::kHost, "evil.example") == 0x06336f2ffbcf40e5ULL);
  std::set<std::uint64_t> keys;
  for (const HuntKind kind :
       {HuntKind::kHost, HuntKind::kUrl, HuntKind::kFile, HuntKind::kSubject, HuntKind::kText}) {
    keys.insert(HuntKey(kind, "evil.example"));
  }
  BOOST_TEST(keys.size() == 5U);
}

BOOST_AUTO_TEST_CASE(every_feature_has_its_key_once) {
  HuntFeatures features;
  features.hosts = {"example.com", "www.example.com"};
  features.domains = {"example.com"};  // a host as well
  features.urls = {1, 2};
  features.files = {"aa"};
  features.subject_key = "x";
  Fingerprint print = SketchOf({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  print.attachments = {"aa", "bb", "bb"};
  const auto keys = HuntKeysOf(features, print);
  BOOST_TEST(keys.size() == 2U + 2U + 2U + 1U + 8U);
  BOOST_TEST((std::adjacent_find(keys.begin(), keys.end(), std::greater_equal<>()) == keys.end()));
  BOOST_TEST(HuntKeysOf({}, {}).empty());
}

BOOST_AUTO_TEST_CASE(sketches_tell_how_much_is_the_same) {
  std::mt19937_64 random(7);
  for (const std::size_t size : {20U, 200U, 2000U}) {
    for (const std::size_t tenths : {0U, 3U, 7U, 10U}) {
      const Pair pair = PairOf(random, size, size * tenths / 10);
      BOOST_TEST(std::abs(SimilarityOf(pair.a, pair.b) - pair.similarity) < 0.12,
                 size << " " << tenths << ": " << SimilarityOf(pair.a, pair.b));
      BOOST_TEST(SimilarityOf(pair.a, pair.b) == SimilarityOf(pair.b, pair.a));
    }
  }
  BOOST_TEST(SimilarityOf({}, SketchOf({1})) == 0);
  BOOST_TEST(SimilarityOf({}, {}) == 0);
}

// A lookup by few keys misses few neighbours.
BOOST_AUTO_TEST_CASE(texts_alike_share_two_keys) {
  std::mt19937_64 random(8);
  int missed = 0;
  constexpr int kPairs = 500;
  for (int i = 0; i < kPairs; ++i) {
    const Pair pair = PairOf(random, 300, 240);  // two thirds of both together
    std::vector<std::uint64_t> common;
    const auto a = TextKeysOf(pair.a);
    const auto b = TextKeysOf(pair.b);
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
    if (common.size() < 2) ++missed;
  }
  BOOST_TEST(missed < kPairs / 25);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
