// SPDX-License-Identifier: Apache-2.0
// Two figures that retraction rests on, over the whole way: a report as the practice tenant
// sends it, a mailbox copy as it stores it, both read as a judge reads them.
//   good copies       1,000 in each way that Exchange changes them: none a mismatch
//   other messages    1,000 under the same Message-ID: none a match
// A copy that is held for a person (ambiguous) is no mismatch; there must be few of them.
#define BOOST_TEST_MODULE fingerprint_figures
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <iostream>
#include <map>

#include "policy/judge/judgement.h"
#include "policy/judge/prepare.h"
#include "tests/fingerprint/corpora.h"
#include "tests/fingerprint/mail_generator.h"
#include "tests/practice/journal_report_builder.h"
#include "tests/practice/stored_copy.h"

namespace clawback {
namespace {

using practice::CopyChanges;

constexpr std::uint64_t kMessages = 1000;
constexpr Finality kFinalities[] = {Finality::kMovable, Finality::kRecoverable, Finality::kFinal};

// The message inside Exchange, and what its journal report says of it.
struct Journaled {
  std::string internal_form;
  Fingerprint fingerprint;
};

Fingerprint OfCopy(std::string_view copy) {
  JudgeRequest request;
  request.question = Question::kFingerprint;
  return JudgeBytes(copy, request).fingerprint;
}

Journaled Journal(const std::string& message) {
  practice::JournaledMail mail;
  mail.tenant_id = "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1";
  mail.initial_domain = "contosotest.onmicrosoft.com";
  mail.mail_from = "a@sender.example";
  mail.recipients = {{"Recipient", "alice@contoso.example", "", ""}};
  mail.message = message;
  Journaled journaled;
  journaled.internal_form = InternalForm(mail);
  JudgeRequest request;
  request.trust = ChannelTrust::kProven;
  request.tenant = {"contoso", {"contoso.example"}};
  journaled.fingerprint =
      JudgeBytes(BuildJournalReport(mail, journaled.internal_form), request).fingerprint;
  return journaled;
}

std::vector<std::pair<std::string, CopyChanges>> WaysToChange() {
  std::vector<std::pair<std::string, CopyChanges>> ways;
  for (const std::string& name : practice::CopyChangeNames()) {
    ways.emplace_back(name, *practice::CopyChangesFrom({name}));
  }
  ways.emplace_back("usual", practice::UsualCopyChanges());
  ways.emplace_back("all", *practice::CopyChangesFrom(practice::CopyChangeNames()));
  return ways;
}

struct Figure {
  int compared = 0;
  std::map<Agreement, int> found;
};

std::string FinalityName(Finality finality) {
  return finality == Finality::kMovable       ? "move"
         : finality == Finality::kRecoverable ? "soft"
                                              : "hard";
}

constexpr const char* kBare = "shows too little";

class Figures {
 public:
  void Count(const std::string& row, const Fingerprint& report, const Fingerprint& copy,
             const std::string& name, Agreement worst) {
    for (const Finality finality : kFinalities) {
      const Comparison comparison = Compare(report, copy, finality);
      Figure& figure = figures_[row + " " + FinalityName(finality)];
      ++figure.compared;
      ++figure.found[comparison.agreement];
      if (comparison.agreement == worst) {
        BOOST_ERROR(row << ", " << name << ": " << ToString(worst) << ": " << comparison.why);
      } else if (comparison.agreement == Agreement::kAmbiguous && worst == Agreement::kMismatch) {
        BOOST_TEST_MESSAGE(row << ", " << FinalityName(finality) << ", " << name
                               << ": held: " << comparison.why);
      }
    }
  }

  // At most so many of a hundred were held, where copies are good: more where the act is
  // final, since then a text that is torn apart once is held already.
  void CheckFewHeld(double percent, double percent_if_final) const {
    for (const auto& [row, figure] : figures_) {
      if (row.starts_with(kBare)) continue;
      const auto held = figure.found.find(Agreement::kAmbiguous);
      const int count = held == figure.found.end() ? 0 : held->second;
      const double most =
          row.ends_with(FinalityName(Finality::kFinal)) ? percent_if_final : percent;
      BOOST_TEST(count * 100.0 <= most * figure.compared, row << ": " << count << " held");
    }
  }

  ~Figures() {
    for (const auto& [row, figure] : figures_) {
      std::cout << row << ": " << figure.compared;
      for (const auto& [agreement, count] : figure.found) {
        std::cout << ", " << ToString(agreement) << " " << count;
      }
      std::cout << "\n";
    }
  }

 private:
  std::map<std::string, Figure> figures_;
};

void CountGoodCopies(const std::string& message, const std::string& name, Figures* figures) {
  const Journaled journaled = Journal(message);
  // What shows too little by itself is held, whatever becomes of it.
  const Fingerprint untouched = OfCopy(practice::StoredCopy(journaled.internal_form, {}));
  const bool bare = Compare(journaled.fingerprint, untouched, Finality::kFinal).agreement ==
                    Agreement::kAmbiguous;
  for (const auto& [way, changes] : WaysToChange()) {
    const Fingerprint copy = OfCopy(StoredCopy(journaled.internal_form, changes));
    figures->Count(bare ? kBare : way, journaled.fingerprint, copy, name, Agreement::kMismatch);
  }
}

struct Prepared {
  Prepared() { PrepareJudging(); }
};
BOOST_TEST_GLOBAL_FIXTURE(Prepared);

BOOST_AUTO_TEST_CASE(good_copies_changed_in_any_way_are_never_a_mismatch) {
  Figures figures;
  for (std::uint64_t i = 0; i < kMessages; ++i) {
    CountGoodCopies(MailWith(HeadOf(i), i), "generated " + std::to_string(i), &figures);
  }
  figures.CheckFewHeld(1, 1);
}

BOOST_AUTO_TEST_CASE(copies_of_the_journaled_samples_are_never_a_mismatch) {
  Figures figures;
  const auto messages = SampleMessages();
  BOOST_TEST(messages.size() > 20U);
  for (const auto& [name, message] : messages) CountGoodCopies(message, name, &figures);
}

BOOST_AUTO_TEST_CASE(copies_of_real_mail_are_never_a_mismatch) {
  const RealMail mail;
  if (!mail.unpacked()) {
    std::cout << "SKIPPED: no large corpus of mail (CLAWBACK_CORPUS)\n";
    return;
  }
  Figures figures;
  for (const auto& path : mail.Some(kMessages)) {
    CountGoodCopies(ReadWhole(path), path.filename().string(), &figures);
  }
  figures.CheckFewHeld(1, 2);
}

// Only what they say tells them apart: sender, date and subject are the same too.
BOOST_AUTO_TEST_CASE(other_messages_under_the_same_message_id_never_match) {
  Figures figures;
  for (std::uint64_t i = 0; i < kMessages; ++i) {
    const Journaled journaled = Journal(MailWith(HeadOf(i), i));
    const Fingerprint other =
        OfCopy(StoredCopy(MailWith(HeadOf(i), i + kMessages), practice::UsualCopyChanges()));
    BOOST_TEST(other.message_id == journaled.fingerprint.message_id);
    figures.Count("same head", journaled.fingerprint, other, std::to_string(i), Agreement::kMatch);
    MailHead head = HeadOf(i + kMessages);
    head.message_id = HeadOf(i).message_id;
    figures.Count("same id", journaled.fingerprint,
                  OfCopy(StoredCopy(MailWith(head, i + kMessages), practice::UsualCopyChanges())),
                  std::to_string(i), Agreement::kMatch);
  }
}

// Exchange takes TNEF apart: what was in winmail.dat becomes a body and attachments. What was
// in it is not known from the report, so such a copy may be held, but is no other message.
BOOST_AUTO_TEST_CASE(a_tnef_message_taken_apart_is_no_mismatch) {
  const MailHead head = HeadOf(7);
  const std::string begin = "Message-ID: " + head.message_id + "\r\nFrom: <" + head.from +
                            ">\r\nSubject: " + head.subject + "\r\nDate: " + head.date +
                            "\r\nMIME-Version: 1.0\r\n";
  const std::string text = "Please find the agreed figures for the third quarter in the sheet.";
  const std::string sent =
      begin +
      "Content-Type: multipart/mixed; boundary=t\r\n\r\n--t\r\nContent-Type: text/plain\r\n\r\n" +
      text +
      "\r\n--t\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Disposition: "
      "attachment; "
      "filename=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgEAAQA=\r\n--t--\r\n";
  const std::string stored =
      begin +
      "Content-Type: multipart/mixed; boundary=u\r\n\r\n--u\r\nContent-Type: "
      "text/html\r\n\r\n<html><body><p>" +
      text +
      "</p></body></html>\r\n--u\r\nContent-Type: application/vnd.ms-excel; name=q3.xls\r\n"
      "Content-Disposition: attachment; filename=q3.xls\r\nContent-Transfer-Encoding: "
      "base64\r\n\r\n"
      "0M8R4KGxGuE=\r\n--u--\r\n";
  const Fingerprint report = Journal(sent).fingerprint;
  for (const Finality finality : kFinalities) {
    const Comparison comparison = Compare(report, OfCopy(stored), finality);
    BOOST_TEST((comparison.agreement != Agreement::kMismatch), comparison.why);
  }
}

}  // namespace
}  // namespace clawback
