// SPDX-License-Identifier: Apache-2.0
#include "policy/model/examples.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>
#include <vector>

namespace clawback {
namespace {

std::vector<Example> Three() {
  return {{{{1, 2, 0xFFFFFFFF}, {7}}, MailLabel::kPhishing, "there"},
          {{{}, {8, 9}}, MailLabel::kWanted, ""},
          {{{3}, {}}, MailLabel::kSpam, "there"}};
}

bool Same(const Example& a, const Example& b) {
  return a.features == b.features && a.label == b.label && a.source == b.source;
}

std::string WhyNot(const std::string& bytes) {
  const auto read = ReadExamples(bytes);
  return read ? "" : read.error().what;
}

BOOST_AUTO_TEST_SUITE(examples)

BOOST_AUTO_TEST_CASE(what_is_written_comes_back) {
  const auto read = ReadExamples(WriteExamples(Three()));
  BOOST_REQUIRE(read.ok());
  const auto three = Three();
  BOOST_TEST(std::equal(read->begin(), read->end(), three.begin(), three.end(), Same));
  BOOST_TEST(ReadExamples(WriteExamples({}))->empty());
}

BOOST_AUTO_TEST_CASE(anything_but_whole_examples_is_refused) {
  const std::string whole = WriteExamples(Three());
  BOOST_TEST(WhyNot("") ==
             "no examples to learn from: it does not begin with"
             " \"clawback-examples 1\"");
  BOOST_TEST(WhyNot("clawback-model 1" + whole) == WhyNot(""));
  for (const std::size_t at : {std::size_t{20}, std::size_t{60}, whole.size() - 1}) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    BOOST_TEST(WhyNot(damaged) ==
               "no examples to learn from: its digest does not fit: it is damaged");
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    BOOST_TEST(!ReadExamples(whole.substr(0, size)).ok());
  }
}

BOOST_AUTO_TEST_CASE(the_made_up_mail_is_whole_and_of_every_label) {
  const auto made = MadeExamples();
  BOOST_TEST(made.size() > 1000);
  std::set<MailLabel> labels;
  for (const Example& example : made) {
    labels.insert(example.label);
    BOOST_TEST(!example.features.content.empty());
    BOOST_TEST(example.source.starts_with("made-"));
  }
  BOOST_TEST(labels.size() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
