// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/audit.h"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "retract/ledger/audit_chain.h"
#include "retract/ledger/private_files.h"
#include "retract/ledger/schema.h"
#include "retract/ledger/sqlite_ledger.h"
#include "tests/retract/ledger/samples.h"

namespace clawback {
namespace {

constexpr int kEntries = 40;

AuditNote Note(int number) {
  AuditNote note;
  note.who = {ActorKind::kUser, 1000, "ana"};
  note.what = number % 2 == 0 ? "settings.set" : "tenant.add";
  note.tenant = number % 3 == 0 ? "contoso" : "fabrikam";
  note.target = "actions.SPAM";
  note.why = "ticket " + std::to_string(number);
  note.evidence = R"({"from":"none","to":"junk"})";
  return note;
}

// A ledger with entries, whose file an intruder may then write.
struct Chain {
  Chain() {
    auto opened = Open();
    for (int number = 1; number <= kEntries; ++number) {
      BOOST_REQUIRE(opened->AppendAudit(Note(number)).ok());
    }
  }
  std::unique_ptr<Ledger> Open() const {
    auto opened = OpenSqliteLedger(path);
    BOOST_REQUIRE_MESSAGE(opened.ok(), samples::Fault(opened));
    return *std::move(opened);
  }
  // What a walk finds after sql, done without the triggers; the change is taken back.
  std::vector<AuditFault> FaultsAfter(const std::string& sql) const {
    auto database = Database::Open(path + "/ledger.db", OpenMode::kReadWrite);
    BOOST_REQUIRE(database.ok());
    auto transaction = Transaction::Begin(*database);
    BOOST_REQUIRE(database
                      ->Execute("DROP TRIGGER audit_is_not_changed;"
                                "DROP TRIGGER audit_is_not_deleted;")
                      .ok());
    const Status done = database->Execute(sql);
    BOOST_REQUIRE_MESSAGE(done.ok(), sql);
    const auto anchor = ReadAnchor(AnchorIn(path));
    auto check = WalkAudit(*database, anchor ? std::optional(*anchor) : std::nullopt);
    BOOST_REQUIRE_MESSAGE(check.ok(), samples::Fault(check));
    return check->faults;
  }

  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
};

bool Names(const std::vector<AuditFault>& faults, std::int64_t sequence) {
  return std::any_of(faults.begin(), faults.end(),
                     [&](const AuditFault& fault) { return fault.sequence == sequence; });
}

std::string Row(int number) { return std::to_string(number); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(audit, Chain)

BOOST_AUTO_TEST_CASE(a_whole_chain_has_no_fault) {
  const auto ledger = Open();
  const auto check = ledger->CheckAudit();
  BOOST_REQUIRE(check.ok());
  BOOST_TEST(check->entries == kEntries);
  BOOST_TEST(check->head.sequence == kEntries);
  BOOST_TEST(check->anchor->sequence == kEntries);
  BOOST_TEST(check->faults.empty());
}

BOOST_AUTO_TEST_CASE(a_change_of_any_field_of_any_row_is_found) {
  const char* const changes[] = {
      "at=at+1",          "kind='service'", "uid=0",  "name='bob'",    "what='x'",
      "tenant='other'",   "target='y'",     "why=''", "evidence='{}'", "previous=zeroblob(32)",
      "hash=zeroblob(32)"};
  for (int number = 1; number <= kEntries; ++number) {
    for (const char* change : changes) {
      if (number == 1 && std::string_view(change).substr(0, 8) == "previous") continue;  // is zeros
      const auto faults =
          FaultsAfter(std::string("UPDATE audit SET ") + change + " WHERE sequence=" + Row(number));
      BOOST_TEST(Names(faults, number), change << " of " << number);
    }
  }
}

BOOST_AUTO_TEST_CASE(any_row_that_is_dropped_is_found) {
  for (int number = 1; number < kEntries; ++number) {
    BOOST_TEST(Names(FaultsAfter("DELETE FROM audit WHERE sequence=" + Row(number)), number));
  }
}

BOOST_AUTO_TEST_CASE(any_row_dropped_with_the_later_ones_moved_up_is_found) {
  for (int number = 1; number < kEntries; ++number) {
    const auto faults =
        FaultsAfter("DELETE FROM audit WHERE sequence=" + Row(number) +
                    "; UPDATE audit SET sequence=-sequence WHERE sequence>" + Row(number) +
                    "; UPDATE audit SET sequence=-sequence-1 WHERE sequence<0");
    BOOST_TEST(Names(faults, number));
  }
}

BOOST_AUTO_TEST_CASE(any_two_rows_that_change_places_are_found) {
  for (int first = 1; first < kEntries; ++first) {
    for (const int second : {first + 1, kEntries}) {
      const auto faults = FaultsAfter(
          "UPDATE audit SET sequence=-1 WHERE sequence=" + Row(first) +
          "; UPDATE audit SET sequence=" + Row(first) + " WHERE sequence=" + Row(second) +
          "; UPDATE audit SET sequence=" + Row(second) + " WHERE sequence=-1");
      BOOST_TEST(Names(faults, first));
      BOOST_TEST(Names(faults, second));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_tail_cut_off_anywhere_is_found_by_the_anchor) {
  for (int kept = 0; kept < kEntries; ++kept) {
    BOOST_TEST(!FaultsAfter("DELETE FROM audit WHERE sequence>" + Row(kept)).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_row_changed_together_with_its_hash_is_found) {
  for (int number = 1; number <= kEntries; ++number) {
    const auto ledger = Open();
    AuditQuery query;
    query.limit = 1000;
    auto entries = ledger->FindAudit(query);
    AuditEntry entry = (*entries)[static_cast<std::size_t>(kEntries - number)];
    entry.note.who.name = "bob";
    const auto faults = FaultsAfter("UPDATE audit SET name='bob', hash=x'" + ToHex(HashOf(entry)) +
                                    "' WHERE sequence=" + Row(number));
    BOOST_TEST(Names(faults, number == kEntries ? number : number + 1));
  }
}

BOOST_AUTO_TEST_CASE(appending_after_a_cut_does_not_hide_it) {
  {
    auto database = Database::Open(path + "/ledger.db", OpenMode::kReadWrite);
    BOOST_REQUIRE(database->Execute("DROP TRIGGER audit_is_not_deleted;").ok());
    BOOST_REQUIRE(database->Execute("DELETE FROM audit WHERE sequence>30").ok());
  }
  const auto ledger = Open();
  for (int number = 1; number <= 15; ++number) {
    BOOST_REQUIRE(ledger->AppendAudit(Note(number)).ok());
  }
  BOOST_TEST(Names(ledger->CheckAudit()->faults, kEntries));
}

BOOST_AUTO_TEST_CASE(a_chain_without_its_anchor_is_a_fault_that_lasts) {
  BOOST_REQUIRE(std::remove(AnchorIn(path).c_str()) == 0);
  const auto ledger = Open();
  BOOST_REQUIRE(ledger->AppendAudit(Note(1)).ok());
  BOOST_TEST(ledger->CheckAudit()->faults.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_anchor_left_behind_by_a_power_cut_is_no_fault_and_catches_up) {
  auto database = Database::Open(path + "/ledger.db", OpenMode::kReadOnly);
  auto hash = database->Prepare("SELECT hash FROM audit WHERE sequence=38");
  BOOST_REQUIRE(*hash->Step());
  const std::string line = "38 " + ToHex(*hash->AsDigest(0)) + "\n";
  BOOST_REQUIRE(ReplaceFile(AnchorIn(path), line, 0600).ok());
  const auto ledger = Open();
  BOOST_TEST(ledger->CheckAudit()->faults.empty());
  BOOST_TEST(ReadAnchor(AnchorIn(path))->sequence == kEntries);
}

BOOST_AUTO_TEST_CASE(rows_cannot_be_changed_or_deleted_through_the_database) {
  auto database = Database::Open(path + "/ledger.db", OpenMode::kReadWrite);
  BOOST_TEST(!database->Execute("UPDATE audit SET why='' WHERE sequence=3").ok());
  BOOST_TEST(!database->Execute("DELETE FROM audit WHERE sequence=3").ok());
}

BOOST_AUTO_TEST_CASE(entries_are_listed_newest_first_by_tenant_word_and_page) {
  const auto ledger = Open();
  AuditQuery query;
  query.tenant = "contoso";
  query.what = "settings.set";
  query.limit = 4;
  auto page = *ledger->FindAudit(query);
  BOOST_REQUIRE(page.size() == 4u);
  BOOST_TEST(page.front().sequence == 36);
  BOOST_TEST(page.front().note.why == "ticket 36");
  BOOST_TEST(page.back().sequence == 18);
  query.before = page.back().sequence;
  page = *ledger->FindAudit(query);
  BOOST_REQUIRE(page.size() == 2u);
  BOOST_TEST(page.back().sequence == 6);
  query.since = page.back().at + std::chrono::hours(1);
  BOOST_TEST(ledger->FindAudit(query)->empty());
}

BOOST_AUTO_TEST_CASE(a_note_without_a_word_or_with_broken_evidence_is_refused) {
  const auto ledger = Open();
  AuditNote note = Note(1);
  note.what = "";
  BOOST_TEST(!ledger->AppendAudit(note).ok());
  note = Note(1);
  note.evidence = "[]";
  BOOST_TEST(!ledger->AppendAudit(note).ok());
  BOOST_TEST(ledger->CheckAudit()->entries == kEntries);
}

BOOST_AUTO_TEST_CASE(what_we_moved_by_ourselves_is_in_the_audit) {
  const auto ledger = Open();
  std::vector<FollowedRecord> records{{{"decisions-20261103.db", 1}, samples::Record(1)}};
  BOOST_REQUIRE(ledger->Ingest("us-east", records).ok());
  const auto claims = *ledger->Claim(samples::kMorning + std::chrono::hours(1), milliseconds(1), 1);
  Outcome outcome;
  outcome.kind = OutcomeKind::kMoved;
  outcome.request_id = "request-7";
  BOOST_REQUIRE(ledger->Finish(claims.at(0), outcome).ok());
  AuditQuery query;
  query.what = "retraction.moved";
  const auto entries = *ledger->FindAudit(query);
  BOOST_REQUIRE(entries.size() == 1u);
  BOOST_TEST(ToString(entries[0].note.who) == "retractd");
  BOOST_TEST(entries[0].note.tenant == claims[0].tenant);
  BOOST_TEST(entries[0].note.evidence.find("request-7") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(audit_schema)

BOOST_AUTO_TEST_CASE(a_ledger_of_version_1_keeps_its_rows_and_gains_an_audit) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  BOOST_REQUIRE(PrepareFolder(path, kOwnerOnly).ok());
  BOOST_REQUIRE(PrepareFile(path + "/ledger.db", kOwnerOnly).ok());
  {
    auto database = Database::Open(path + "/ledger.db", OpenMode::kReadWrite);
    BOOST_REQUIRE(Migrate(*database, LedgerSchema().first(1)).ok());
    BOOST_REQUIRE(database->Execute("INSERT INTO followed VALUES('us-east','a.db',5)").ok());
  }
  auto ledger = OpenSqliteLedger(path);
  BOOST_REQUIRE_MESSAGE(ledger.ok(), samples::Fault(ledger));
  BOOST_TEST((*ledger)->FollowedTo("us-east")->sequence == 5);
  BOOST_REQUIRE((*ledger)->AppendAudit(Note(1)).ok());
  BOOST_TEST((*ledger)->CheckAudit()->faults.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
