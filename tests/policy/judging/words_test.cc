// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/words.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "policy/judge/prepare.h"
#include "policy/model/parse/features_of.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

std::string Words(std::string_view text, std::size_t max = 100) {
  std::string joined;
  for (const std::string& word : WordsOfText(text, max))
    joined += (joined.empty() ? "" : "|") + word;
  return joined;
}

std::string Names(const std::string& mail) {
  PrepareJudging();
  std::string names;
  ForEachFeature(ParseMessage(mail), {},
                 [&](FeatureGroup, std::string_view name) { names += std::string(name) + "\n"; });
  return names;
}

BOOST_AUTO_TEST_SUITE(words)

BOOST_AUTO_TEST_CASE(text_is_cut_into_words) {
  BOOST_TEST(Words("Verify your Account, now!") == "verify|your|account|now");
  BOOST_TEST(Words("within 24 hours or 2FA") == "within|##|hours|or|#fa");
  BOOST_TEST(Words("mail bob@x.example or see https://x.example/a b") == "mail|@|or|see|b");
  BOOST_TEST(Words("at 5 @ the corner") == "at|#|the|corner");
  BOOST_TEST(Words("ÜBER Çok ДОБРО ΑΒΓ Ñandú") == "über|çok|добро|αβγ|ñandú");
  BOOST_TEST(Words("確認して ok") == "確認|認し|して|ok");
  BOOST_TEST(Words("pass\u200Bword i\u00ADce e\u0337ntre\u0337ga") == "password|ice|entrega");
  BOOST_TEST(Words("a\u00A0b\u3000c") == "a|b|c");
  BOOST_TEST(Words("one two three", 2) == "one|two");
  BOOST_TEST(Words("") == "");
  BOOST_TEST(Words("bad \xFF\xFE bytes").find("bad") == 0U);
}

BOOST_AUTO_TEST_CASE(styled_letters_are_read_as_people_read_them) {
  BOOST_TEST(Words("𝐕𝐞𝐫𝐢𝐟𝐲 𝙮𝙤𝙪𝙧 𝒶𝒸𝒸ℴ𝓊𝓃𝓉") == "verify|your|account");
  BOOST_TEST(Words("Ⓖⓘⓕⓣ 🄲🄰🅁🄳 🅝🅞🅦 🅵🆁🅴🅴 ⒲⒤⒩") == "gift|card|now|free|win");
  BOOST_TEST(Words("ＰａｙＰａｌ ２０２６ 𝟓𝟎 ℎℯℓ𝓅") == "paypal|####|##|help");
  BOOST_TEST(Words("5 ℃ № 7 ™ ① a→b 🇩🇪") == "#|#|a|b");
  for (char32_t c = 0x1D400; c < 0x1D418; ++c)
    BOOST_TEST(PlainOf(c) == "abcdefghijklmnopqrstuvwxyz"[c - 0x1D400]);
  BOOST_TEST(PlainOf(0x1D6A3) == 'z');
  BOOST_TEST(PlainOf(0x1D7FF) == '9');
  for (const char32_t none : {U'a', U'é', U'ℵ', U'Ω', U'\U0001D6A8', U'\U0001F1E9'})
    BOOST_TEST(PlainOf(none) == 0);
}

BOOST_AUTO_TEST_CASE(no_word_grows_without_bound) {
  BOOST_TEST(Words(std::string(100'000, 'a')).size() <= 4100U);
  for (const auto& word : WordsOfText(std::string(100'000, 'a'), 100)) {
    BOOST_TEST(word.size() <= 44U);
  }
}

BOOST_AUTO_TEST_CASE(features_hold_no_address_and_nothing_of_the_way) {
  const std::string names = Names(
      "Received: from secret.relay.example\r\nX-Spam-Flag: YES\r\nTo: victim@company.example\r\n"
      "From: Bank Alerts <alerts77@mail.sender.example>\r\nSubject: Dear victim@company.example\r\n"
      "Content-Type: text/html\r\n\r\n<p>Hello victim@company.example</p>"
      "<a href=\"https://login.other.test/verify.php\">Sign in</a>\r\n");
  for (const char* leak : {"victim", "company", "secret", "received", "spam", "alerts77"}) {
    BOOST_TEST(names.find(leak) == std::string::npos, leak);
  }
  for (const char* name :
       {"word:hello", "subject:@", "sender:bank", "sender:.example", "button:sign",
        "link:other.test", "link:to another domain", "link:file .php"}) {
    BOOST_TEST(names.find(std::string(name) + "\n") != std::string::npos, name);
  }
}

BOOST_AUTO_TEST_CASE(runs_of_letters_are_features_where_there_are_words_enough) {
  const std::string head = "From: a@b.example\r\n\r\n";
  const std::string few = Names(head + "we meet at noon\r\n");
  BOOST_TEST(few.find("run:") == std::string::npos, few);
  const std::string many =
      Names(head + "we meet at noon in the hall behind the old mill by the river\r\n");
  BOOST_TEST(many.find("run:t noo\n") != std::string::npos, many);
}

BOOST_AUTO_TEST_CASE(runs_of_a_name_alone_make_no_opinion) {
  const std::string head = "From: Bank Alerts <a@b.example>\r\nSubject: noon\r\n\r\n";
  const std::string few = Names(head + "we meet in the hall\r\n");
  BOOST_TEST(few.find("sender-run:") == std::string::npos, few);
  BOOST_TEST(few.find("sender:bank\n") != std::string::npos, few);
  const std::string many = Names(head + "we meet in the hall behind the old mill by the river\r\n");
  BOOST_TEST(many.find("sender-run: ban\n") != std::string::npos, many);
  BOOST_TEST(many.find("sender-run:k al\n") != std::string::npos, many);
}

BOOST_AUTO_TEST_CASE(a_finding_is_a_feature_unless_exchange_gave_it) {
  const Message message = ParseMessage("From: a@b.example\r\n\r\nHello\r\n");
  const auto has = [&](const char* reason) {
    std::vector<Finding> findings = {{reason, Indication::kSpam, 0.5, "x"}};
    return FeaturesOf(message, findings) != FeaturesOf(message, {});
  };
  BOOST_TEST(has("link-redirect"));
  BOOST_TEST(!has("exchange-spam"));
}

BOOST_AUTO_TEST_CASE(long_text_costs_no_more_than_its_beginning) {
  std::string mail = "From: a@b.example\r\n\r\n";
  for (int i = 0; i < 200'000; ++i)
    mail += "word" + std::string(1, static_cast<char>('a' + i % 26)) + " ";
  BOOST_TEST(FeaturesOf(ParseMessage(mail), {}).content.size() < 3000U);
}

BOOST_AUTO_TEST_CASE(the_models_finding_names_what_weighed) {
  std::string mail =
      "From: \"PayPal  ,\" <x@sad.click>\r\nTo: bob@company.example\r\nX-Priority: 1\r\n"
      "Subject: Your account has been suspended\r\nContent-Type: text/html\r\n\r\n"
      "<p>Dear customer, we detected unusual activity. Verify your identity within 24 hours or "
      "your "
      "account will be closed.</p><a href=\"https://x.web.app/\">Verify now</a>";
  const Judgement judgement = Judge(mail);
  const Finding* finding = FindReason(judgement, "model-phishing");
  BOOST_REQUIRE(finding != nullptr);
  BOOST_TEST(finding->weight >= 0.5);
  BOOST_TEST(finding->evidence.find("model " + LinearModel::Shipped().version() + ": ") == 0U);
  BOOST_TEST(finding->evidence.find("finding:") != std::string::npos);
  BOOST_TEST(judgement.model == LinearModel::Shipped().version());
  BOOST_TEST(ToString(judgement.verdict.disposition) == "MALICIOUS");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
