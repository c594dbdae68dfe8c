// SPDX-License-Identifier: Apache-2.0
// Records, folders and clocks for the tests of the queue and the ledger.
#ifndef CLAWBACK_TESTS_RETRACT_LEDGER_SAMPLES_H_
#define CLAWBACK_TESTS_RETRACT_LEDGER_SAMPLES_H_

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "retract/ledger/decision_record.h"
#include "retract/ledger/ledger.h"
#include "tests/support/manual_clock.h"

namespace clawback::samples {

// 2026-11-03T09:00:00Z
inline constexpr Time kMorning{milliseconds(1793696400000LL)};

inline Digest DigestOf(int number) { return Sha256Of("report " + std::to_string(number)); }

// For messages of assertions, which are made also where all is well.
template <typename T>
std::string Fault(const Result<T>& result) {
  return result.ok() ? "" : result.error().what;
}

struct Wanted {
  Action action = Action::kJunk;
  std::vector<std::string> recipients = {"ada@contoso.example"};
  std::string message_id;  // empty: made from the number
};

// A report that was decided; every field is filled.
inline DecisionRecord Record(int number, Wanted wanted = {}) {
  DecisionRecord record;
  record.report_digest = DigestOf(number);
  record.report_bytes = 4096;
  record.received = kMorning + std::chrono::seconds(number);
  record.relay = "us-east";
  record.region = "us";
  record.tenant = "contoso";
  record.channel = {"203.0.113.7",
                    "mail.protection.outlook.example",
                    TlsVersion::kTls13,
                    "TLSv1.3",
                    "mail.protection.outlook.com",
                    "DigiCert",
                    "<>",
                    "s3cret@relay.example",
                    "4ZxY"};
  record.channel.address_region = "us";
  const std::string id = wanted.message_id.empty()
                             ? "<" + std::to_string(number) + "@sender.example>"
                             : wanted.message_id;
  JournalReport& report = record.judgement.report;
  report.kind = ReportKind::kJournalReport;
  report.sender = "Mallory@Sender.example";
  report.subject = "Invoice " + std::to_string(number) + " 100% due";
  report.message_id = id;
  report.network_message_id = "6a1e0000-0000-4000-8000-" + std::to_string(100000000000 + number);
  report.inner_messages = 1;
  record.judgement.fingerprint.message_id = id;
  record.judgement.fingerprint.from = "mallory@sender.example";
  record.judgement.fingerprint.text = {1, 2, 0xffffffffffffffffULL};
  record.judgement.fingerprint.text_triples = 3;
  record.judgement.verdict = {Disposition::kMalicious,
                              0.97,
                              {{"spf-fail", Indication::kSpoof, 0.4, "spf=fail"},
                               {"dangerous-attachment", Indication::kMalware, 0.9, "a.exe"}}};
  record.judgement.from = "Mallory <mallory@sender.example>";
  record.judgement.message_bytes = 3000;
  record.decision = {Handling::kDecided, "", Mode::kEnforce, "v1", {}};
  for (const std::string& address : wanted.recipients) {
    report.recipients.push_back({RecipientType::kTo, address, std::nullopt, ""});
    record.decision.recipients.push_back({address, wanted.action, "disposition"});
  }
  return record;
}

// A fresh folder, gone with this object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "clawback-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace clawback::samples

#endif  // CLAWBACK_TESTS_RETRACT_LEDGER_SAMPLES_H_
