// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "policy/model/linear_model.h"
#include "policy/model/training.h"
#include "tests/policy/temporary_folder.h"

namespace clawback {
namespace {

FeatureVector Features(std::vector<std::string> content, std::vector<std::string> structure = {}) {
  FeatureVector features;
  for (const auto& name : content) features.content.push_back(FeatureHash(name));
  for (const auto& name : structure) features.structure.push_back(FeatureHash(name));
  std::sort(features.content.begin(), features.content.end());
  std::sort(features.structure.begin(), features.structure.end());
  return features;
}

// Three kinds of mail that share some words and have some of their own.
std::vector<Example> SomeMail() {
  const std::vector<std::string> words[] = {
      {"meeting", "draft", "lunch"}, {"pills", "cheap", "win"}, {"verify", "account", "suspended"}};
  const MailLabel labels[] = {MailLabel::kWanted, MailLabel::kSpam, MailLabel::kPhishing};
  std::mt19937 random(7);
  std::vector<Example> examples;
  for (int i = 0; i < 300; ++i) {
    const std::size_t kind = static_cast<std::size_t>(i) % 3;
    std::vector<std::string> has = {"the", "common" + std::to_string(random() % 20)};
    has.push_back(words[kind][random() % 3]);
    has.push_back(words[kind][random() % 3]);
    examples.push_back({Features(has), labels[kind], "here"});
  }
  return examples;
}

TrainedModel Trained() {
  Result<TrainedModel> trained = TrainModel(SomeMail(), {.bits = 12});
  if (!trained) BOOST_FAIL(trained.error().what);
  return *trained;
}

std::string WhyNot(std::string_view bytes) {
  const auto opened = LinearModel::Open(bytes);
  return opened ? "" : opened.error().what;
}

BOOST_AUTO_TEST_SUITE(model)

BOOST_AUTO_TEST_CASE(what_was_learnt_is_told_apart) {
  const TrainedModel trained = Trained();
  const Result<LinearModel> model = LinearModel::Open(trained.bytes);
  BOOST_REQUIRE(model.ok());
  const Opinion wanted = model->Judge(Features({"the", "meeting", "draft"}));
  const Opinion spam = model->Judge(Features({"the", "pills", "cheap"}));
  const Opinion phishing = model->Judge(Features({"the", "verify", "account"}));
  BOOST_TEST(wanted.weight < 0.2);
  BOOST_TEST(spam.weight >= 0.5);
  BOOST_TEST(!spam.phishing);
  BOOST_TEST(phishing.weight >= 0.5);
  BOOST_TEST(phishing.phishing);
  BOOST_TEST(wanted.margin < spam.margin);
}

BOOST_AUTO_TEST_CASE(the_same_mail_gives_the_same_bytes_in_any_order) {
  std::vector<Example> examples = SomeMail();
  std::reverse(examples.begin(), examples.end());
  const auto reversed = TrainModel(examples, {.bits = 12});
  BOOST_REQUIRE(reversed.ok());
  BOOST_TEST((Trained().bytes == Trained().bytes));
  BOOST_TEST((Trained().bytes == reversed->bytes));
}

BOOST_AUTO_TEST_CASE(cross_validation_judges_each_by_a_model_that_never_saw_it) {
  // Words that one message alone has cannot help, however often it is looked at.
  std::vector<Example> examples;
  for (int i = 0; i < 120; ++i) {
    examples.push_back({Features({"only" + std::to_string(i)}), static_cast<MailLabel>(i % 3), ""});
  }
  const auto trained = TrainModel(examples, {.bits = 20});
  BOOST_REQUIRE(trained.ok());
  for (const double weight : trained->weights) BOOST_TEST(weight < 0.5);
}

BOOST_AUTO_TEST_CASE(too_few_of_a_label_are_refused) {
  std::vector<Example> examples = SomeMail();
  std::erase_if(examples, [](const Example& e) { return e.label == MailLabel::kSpam; });
  const auto trained = TrainModel(examples, {});
  BOOST_REQUIRE(!trained.ok());
  BOOST_TEST(trained.error().what == "only 0 spam messages, at least 20 of each label are needed");
}

BOOST_AUTO_TEST_CASE(anything_but_a_whole_model_is_refused) {
  const std::string bytes = Trained().bytes;
  BOOST_TEST(WhyNot(bytes).empty());
  BOOST_TEST(WhyNot("").find("does not begin with") != std::string::npos);
  BOOST_TEST(WhyNot("From: a@b\n\nhello").find("does not begin with") != std::string::npos);
  BOOST_TEST(WhyNot(bytes.substr(0, bytes.size() - 1)).find("its size") != std::string::npos);
  for (const std::size_t at : {16UL, 17UL, 24UL, 40UL, 60UL, 200UL, bytes.size() - 1}) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    BOOST_TEST(!WhyNot(damaged).empty(), at);
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_model_is_named_with_its_reason) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/x.model";
  BOOST_TEST(ReadModelFile(path).error().what.find("No such file") != std::string::npos);
  std::ofstream(path) << "junk";
  BOOST_TEST(ReadModelFile(path).error().what ==
             path + ": no learned model: it does not begin with \"clawback-model 1\"");
  // What has no end is not read to it.
  BOOST_TEST(ReadModelFile("/dev/zero").error().what.find("does not begin with") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_weight_says_how_rare_a_margin_is_among_wanted_mail) {
  const Calibration calibration{.one_percent = 2, .per_e = 0.5};
  // One in a hundred at 2, e times fewer each 0.5 further: one in 500 here.
  const double rare = 2 + 0.5 * std::log(5);
  BOOST_TEST(WeightOfMargin(rare, calibration) == 0.5, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(WeightOfMargin(rare + 0.5 * std::log(30.0), calibration) == 0.75,
             boost::test_tools::tolerance(1e-6));
  // What one wanted message in a dozen passes says nothing against a message.
  BOOST_TEST(WeightOfMargin(2 - 0.5 * std::log(100.0 / 12), calibration) == 0);
  BOOST_TEST(WeightOfMargin(-50, calibration) == 0);
  BOOST_TEST(WeightOfMargin(1e9, calibration) == 0.95);
  BOOST_TEST(WeightOfMargin(std::nan(""), calibration) == 0);
}

BOOST_AUTO_TEST_CASE(bulk_mail_is_measured_among_bulk_mail) {
  BOOST_TEST(IsMarkedBulk(Features({}, {"finding:bulk-link"})));
  BOOST_TEST(IsMarkedBulk(Features({}, {"a", "finding:bulk-unsubscribe", "b"})));
  BOOST_TEST(!IsMarkedBulk(Features({"finding:bulk-link"}, {"finding:link-script"})));
  // None of the learnt mail was bulk: nothing is known of it, so nothing is called bad.
  const TrainedModel trained = Trained();
  const Result<LinearModel> model = LinearModel::Open(trained.bytes);
  BOOST_TEST(model->Judge(Features({"pills", "cheap"}, {"finding:bulk-link"})).weight == 0);
}

// The line of wanted mail in a model of SomeMail, where each message has mark.
Calibration LineOf(const std::string& mark, std::size_t first_number) {
  std::vector<Example> examples = SomeMail();
  for (Example& example : examples) example.features.structure = {FeatureHash(mark)};
  const auto trained = TrainModel(examples, {.bits = 20});
  if (!trained) BOOST_FAIL(trained.error().what);
  std::array<float, 2> line{};
  std::memcpy(line.data(), trained->bytes.data() + 24 + first_number * sizeof(float), sizeof line);
  return {line[0], line[1]};
}

BOOST_AUTO_TEST_CASE(a_newsletter_is_called_bad_at_a_lower_bar_than_a_letter) {
  // After bias and greatest weight of two kinds: letters, then bulk mail.
  const Calibration letters = LineOf("finding:some-link", 4);
  const Calibration bulk = LineOf("finding:bulk-link", 6);
  // What one of 150 newsletters passes weighs what one of 500 letters passes does.
  const double margin = letters.one_percent + letters.per_e * std::log(1.5);
  BOOST_TEST(WeightOfMargin(margin, letters) < 0.4);
  BOOST_TEST(WeightOfMargin(margin, bulk) == 0.5, boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(the_shipped_model_is_whole) {
  BOOST_TEST(LinearModel::Shipped().version().size() == 12U);
  BOOST_TEST(LinearModel::Shipped().Judge({}).weight < 0.5);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
