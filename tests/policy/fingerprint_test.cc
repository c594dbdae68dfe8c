// SPDX-License-Identifier: Apache-2.0
#include "policy/message/fingerprint.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <functional>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace clawback {

std::ostream& operator<<(std::ostream& out, Agreement agreement) {
  return out << ToString(agreement);
}

namespace {

constexpr size_t kSampleSize = 64;

// A text as its distinct triples' hashes.
using Triples = std::set<std::uint64_t>;

Triples RandomTriples(std::uint64_t seed, size_t count) {
  std::mt19937_64 random(seed);
  Triples triples;
  while (triples.size() < count) triples.insert(random());
  return triples;
}

Triples With(Triples triples, const Triples& more) {
  triples.insert(more.begin(), more.end());
  return triples;
}

// Without count triples, spread over all of the range.
Triples Without(const Triples& triples, size_t count) {
  std::vector<std::uint64_t> all(triples.begin(), triples.end());
  std::shuffle(all.begin(), all.end(), std::mt19937_64(7));
  return Triples(all.begin() + static_cast<std::ptrdiff_t>(count), all.end());
}

Fingerprint WithText(Fingerprint fingerprint, const Triples& triples) {
  fingerprint.text.assign(triples.begin(), triples.end());
  fingerprint.text.resize(std::min(fingerprint.text.size(), kSampleSize));
  fingerprint.text_triples = static_cast<std::uint32_t>(triples.size());
  return fingerprint;
}

Fingerprint Bare() {
  Fingerprint fingerprint;
  fingerprint.message_id = "<1@a.example>";
  fingerprint.from = "a@a.example";
  fingerprint.subject = "Invoice 17";
  fingerprint.date = 1'700'000'000;
  return fingerprint;
}

Fingerprint Full() {
  Fingerprint fingerprint = WithText(Bare(), RandomTriples(1, 40));
  fingerprint.network_message_id = "0d5c5f4e-0000-4000-8000-000000000001";
  fingerprint.attachments = {"aa", "aa", "bb"};
  return fingerprint;
}

constexpr Finality kAllFinalities[] = {Finality::kMovable, Finality::kRecoverable,
                                       Finality::kFinal};

Agreement Agree(const Fingerprint& report, const Fingerprint& copy, Finality finality) {
  const Comparison comparison = Compare(report, copy, finality);
  BOOST_TEST(!comparison.why.empty());
  return comparison.agreement;
}

struct Change {
  std::string_view what;
  std::function<void(Fingerprint&)> change;
  Agreement expected;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(fingerprint)

BOOST_AUTO_TEST_CASE(a_message_matches_itself_whatever_the_action) {
  for (const Finality finality : kAllFinalities) {
    BOOST_TEST(Agree(Full(), Full(), finality) == Agreement::kMatch);
  }
}

BOOST_AUTO_TEST_CASE(one_changed_field_of_the_copy_decides) {
  const std::vector<Change> changes = {
      {"other id", [](Fingerprint& f) { f.message_id = "<1@A.example>"; }, Agreement::kMismatch},
      {"id folded", [](Fingerprint& f) { f.message_id.insert(2, " \t"); }, Agreement::kMatch},
      {"no id", [](Fingerprint& f) { f.message_id = ""; }, Agreement::kAmbiguous},
      {"other sender", [](Fingerprint& f) { f.from = "b@a.example"; }, Agreement::kMismatch},
      {"no sender", [](Fingerprint& f) { f.from = ""; }, Agreement::kAmbiguous},
      {"a second later", [](Fingerprint& f) { f.date += 1; }, Agreement::kMismatch},
      {"no date", [](Fingerprint& f) { f.date = 0; }, Agreement::kAmbiguous},
      {"other subject", [](Fingerprint& f) { f.subject = "Invoice 18"; }, Agreement::kMismatch},
      {"no subject", [](Fingerprint& f) { f.subject = ""; }, Agreement::kMismatch},
      {"other network id",
       [](Fingerprint& f) { f.network_message_id = "0d5c5f4e-0000-4000-8000-000000000002"; },
       Agreement::kMismatch},
      {"network id stripped", [](Fingerprint& f) { f.network_message_id = ""; }, Agreement::kMatch},
      {"network id in capitals",
       [](Fingerprint& f) { f.network_message_id = "0D5C5F4E-0000-4000-8000-000000000001"; },
       Agreement::kMatch},
      {"an attachment once less",
       [](Fingerprint& f) {
         f.attachments = {"aa", "bb"};
       },
       Agreement::kMismatch},
      {"other attachment",
       [](Fingerprint& f) {
         f.attachments = {"aa", "aa", "cc"};
       },
       Agreement::kMismatch},
      {"attachments in another order",
       [](Fingerprint& f) {
         f.attachments = {"bb", "aa", "aa"};
       },
       Agreement::kMatch},
      {"one attachment more",
       [](Fingerprint& f) {
         f.attachments = {"aa", "aa", "bb", "cc"};
       },
       Agreement::kMatch},
      {"no text", [](Fingerprint& f) { f = WithText(f, {}); }, Agreement::kMismatch},
      {"other text", [](Fingerprint& f) { f = WithText(f, RandomTriples(2, 40)); },
       Agreement::kMismatch},
      {"half of the text",
       [](Fingerprint& f) { f = WithText(f, Without(RandomTriples(1, 40), 20)); },
       Agreement::kAmbiguous},
      {"less than half", [](Fingerprint& f) { f = WithText(f, Without(RandomTriples(1, 40), 21)); },
       Agreement::kMismatch},
  };
  for (const Change& change : changes) {
    Fingerprint copy = Full();
    change.change(copy);
    for (const Finality finality : kAllFinalities) {
      BOOST_TEST(Agree(Full(), copy, finality) == change.expected, change.what);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_the_report_lacks_is_ambiguous_too) {
  for (const auto& strip : std::vector<std::function<void(Fingerprint&)>>{
           [](Fingerprint& f) { f.message_id = ""; }, [](Fingerprint& f) { f.from = ""; },
           [](Fingerprint& f) { f.date = 0; }}) {
    Fingerprint report = Full();
    strip(report);
    BOOST_TEST(Agree(report, Full(), Finality::kMovable) == Agreement::kAmbiguous);
  }
}

BOOST_AUTO_TEST_CASE(the_share_of_text_needed_grows_with_finality) {
  struct Case {
    size_t triples, missing;
    Agreement movable, recoverable, final;
  };
  const Agreement yes = Agreement::kMatch, held = Agreement::kAmbiguous;
  const Case cases[] = {
      {40, 2, yes, yes, yes},    {40, 3, yes, held, held}, {40, 4, yes, held, held},
      {40, 5, held, held, held}, {10, 1, yes, yes, held},  {10, 2, yes, held, held},
      {10, 3, held, held, held}, {3, 1, held, held, held}, {4, 1, yes, held, held},
  };
  for (const Case& test : cases) {
    const Triples triples = RandomTriples(3, test.triples);
    const Fingerprint report = WithText(Bare(), triples);
    const Fingerprint copy = WithText(Bare(), Without(triples, test.missing));
    BOOST_TEST_CONTEXT(test.missing << " of " << test.triples) {
      BOOST_TEST(Agree(report, copy, Finality::kMovable) == test.movable);
      BOOST_TEST(Agree(report, copy, Finality::kRecoverable) == test.recoverable);
      BOOST_TEST(Agree(report, copy, Finality::kFinal) == test.final);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_banner_and_a_disclaimer_are_no_difference) {
  for (const size_t triples : {1U, 3U, 20U, 60U, 64U, 65U, 500U, 20'000U}) {
    const Triples text = RandomTriples(4, triples);
    const Fingerprint report = WithText(Bare(), text);
    const Fingerprint copy = WithText(Bare(), With(text, RandomTriples(5, 40)));
    BOOST_TEST_CONTEXT(triples << " triples") {
      // A text of few triples drowns in a sample of the copy: then it is held.
      const Agreement agreement = Agree(report, copy, Finality::kFinal);
      const bool few = copy.text_triples > kSampleSize && triples < 30;
      BOOST_TEST(agreement == (few ? Agreement::kAmbiguous : Agreement::kMatch));
    }
  }
}

BOOST_AUTO_TEST_CASE(sampled_texts_match_at_any_length_when_little_was_added) {
  for (std::uint64_t seed = 100; seed < 1100; ++seed) {
    const Triples text = RandomTriples(seed, 60 + seed * 3);
    const Fingerprint report = WithText(Bare(), text);
    const Fingerprint copy = WithText(Bare(), With(text, RandomTriples(~seed, 30)));
    BOOST_TEST(Agree(report, copy, Finality::kFinal) == Agreement::kMatch);
  }
}

BOOST_AUTO_TEST_CASE(different_texts_under_the_same_headers_never_match) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Fingerprint report = WithText(Bare(), RandomTriples(seed, 1 + seed * 2));
    const Fingerprint copy = WithText(Bare(), RandomTriples(seed + 5000, 1 + seed * 5 % 2000));
    for (const Finality finality : kAllFinalities) {
      BOOST_TEST(Agree(report, copy, finality) != Agreement::kMatch);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_long_message_that_quotes_a_short_one_is_held_for_a_final_act) {
  const Triples text = RandomTriples(6, 600);
  const Fingerprint report = WithText(Bare(), text);
  const Fingerprint copy = WithText(Bare(), With(text, RandomTriples(8, 1200)));
  BOOST_TEST(Agree(report, copy, Finality::kRecoverable) == Agreement::kAmbiguous);
  BOOST_TEST(Agree(report, copy, Finality::kFinal) == Agreement::kAmbiguous);
}

BOOST_AUTO_TEST_CASE(headers_alone_are_enough_to_move_only) {
  BOOST_TEST(Agree(Bare(), Bare(), Finality::kMovable) == Agreement::kMatch);
  BOOST_TEST(Agree(Bare(), Bare(), Finality::kRecoverable) == Agreement::kAmbiguous);
  BOOST_TEST(Agree(Bare(), Bare(), Finality::kFinal) == Agreement::kAmbiguous);
  Fingerprint no_subject = Bare(), no_date = Bare(), with_attachment = Bare();
  no_subject.subject = "";
  no_date.date = 0;
  with_attachment.attachments = {"aa"};
  BOOST_TEST(Agree(no_subject, no_subject, Finality::kMovable) == Agreement::kAmbiguous);
  BOOST_TEST(Agree(no_date, no_date, Finality::kMovable) == Agreement::kAmbiguous);
  BOOST_TEST(Agree(Bare(), with_attachment, Finality::kMovable) == Agreement::kAmbiguous);
  BOOST_TEST(Agree(Bare(), WithText(Bare(), RandomTriples(1, 20)), Finality::kMovable) ==
             Agreement::kMatch);
  BOOST_TEST(Agree(Bare(), WithText(Bare(), RandomTriples(1, 400)), Finality::kMovable) ==
             Agreement::kAmbiguous);
}

BOOST_AUTO_TEST_CASE(attachments_prove_a_message_without_text) {
  Fingerprint report = Bare();
  report.attachments = {"aa"};
  for (const Finality finality : kAllFinalities) {
    BOOST_TEST(Agree(report, report, finality) == Agreement::kMatch);
  }
}

// A forged report can carry the logo of a good message and nothing else of it.
BOOST_AUTO_TEST_CASE(one_attachment_in_common_is_not_the_message) {
  Fingerprint report = Bare(), banner = Bare(), letter = Bare();
  report.attachments = banner.attachments = letter.attachments = {"aa"};
  banner = WithText(banner, RandomTriples(1, 100));
  letter = WithText(letter, RandomTriples(1, 200));
  for (const Finality finality : kAllFinalities) {
    BOOST_TEST(Agree(report, banner, finality) == Agreement::kMatch);
    BOOST_TEST(Agree(report, letter, finality) == Agreement::kAmbiguous);
  }
}

BOOST_AUTO_TEST_CASE(a_key_depends_on_every_field_and_on_nothing_else) {
  std::set<std::string> keys = {KeyOf(Full())};
  BOOST_TEST(KeyOf(Full()) == *keys.begin());
  BOOST_TEST(keys.begin()->size() == 64U);
  const std::vector<std::function<void(Fingerprint&)>> changes = {
      [](Fingerprint& f) { f.message_id += "x"; },
      [](Fingerprint& f) { f.from += "x"; },
      [](Fingerprint& f) { f.subject += "x"; },
      [](Fingerprint& f) { f.date += 1; },
      [](Fingerprint& f) { f.text[0] += 1; },
      [](Fingerprint& f) { f.text_triples += 1; },
      [](Fingerprint& f) { f.attachments.pop_back(); },
      [](Fingerprint& f) { f.network_message_id = ""; },
      [](Fingerprint& f) { f.from.insert(0, "x"), f.message_id.pop_back(); }};
  for (const auto& change : changes) {
    Fingerprint fingerprint = Full();
    change(fingerprint);
    BOOST_TEST(keys.insert(KeyOf(fingerprint)).second);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
