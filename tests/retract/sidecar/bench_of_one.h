// SPDX-License-Identifier: Apache-2.0
// One mailbox, one reported message and a real ledger, for tests of retractions.
#ifndef CLAWBACK_TESTS_RETRACT_SIDECAR_BENCH_OF_ONE_H_
#define CLAWBACK_TESTS_RETRACT_SIDECAR_BENCH_OF_ONE_H_

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "retract/ledger/ledger.h"
#include "retract/sidecar/retract_one.h"
#include "tests/retract/ledger/samples.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_mailboxes.h"

namespace clawback {

inline constexpr milliseconds kLease = std::chrono::minutes(2);
inline constexpr milliseconds kGiveUp = std::chrono::hours(48);
inline const std::string kId = "<invoice@sender.example>";
inline const std::string kAda = "ada@contoso.example";
inline const std::string kBox = "mailbox-1";  // the first of MemoryMailboxes
inline std::string FolderId(std::string_view name) {
  return MemoryMailboxes::FolderId({kBox}, name);
}

template <typename T>
T Ok(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.ok(), samples::Fault(result));
  return *std::move(result);
}
inline void Ok(const Status& status) { BOOST_REQUIRE_MESSAGE(status.ok(), samples::Fault(status)); }

inline Fingerprint ReportedFingerprint() {
  Fingerprint print;
  print.message_id = kId;
  print.from = "mallory@sender.example";
  print.subject = "Invoice";
  print.date = 1793696400;
  for (std::uint64_t hash = 1; hash <= 40; ++hash) print.text.push_back(hash);
  print.text_triples = 40;
  return print;
}

// What a judge would say of a copy whose MIME is one of these words: "copy" is the
// message reported, "other" another one with its Message-ID, "doubtful" neither for
// sure, "killer" kills the judge, "busy" finds no judge free.
inline Result<Fingerprint> FakeFingerprint(std::string_view mime) {
  Fingerprint print = ReportedFingerprint();
  if (mime == "killer") return Error{ErrorKind::kRefused, "judge killed: cpu time over 1 s"};
  if (mime == "busy") return Error{ErrorKind::kTransient, "no judge free"};
  if (mime == "other") print.subject = "Minutes of the meeting";
  if (mime == "doubtful") print.date = 0;
  return print;
}

struct BenchOfOne {
  BenchOfOne() : ledger(Ok(OpenSqliteLedger(folder / "ledger"))) {
    mailboxes.AddMailbox({kAda});
    mailboxes.AddFolder("Projects");
  }

  // Follows a report of the message; one retraction for each recipient.
  void Arm(Action action = Action::kJunk, Mode mode = Mode::kEnforce,
           std::vector<std::string> recipients = {kAda}) {
    samples::Wanted wanted{action, std::move(recipients), kId};
    FollowedRecord followed{{"decisions-20261103.db", ++sequence},
                            samples::Record(static_cast<int>(sequence), wanted)};
    followed.record.decision.mode = mode;
    followed.record.judgement.fingerprint = ReportedFingerprint();
    Ok(ledger->Ingest("us-east", {&followed, 1}));
    clock.Set(SystemClock().Now());
  }
  void PutCopy(const std::string& id = "item-1", const std::string& where = "Inbox",
               const std::string& mime = "copy") {
    mailboxes.Put({kBox}, {id, where, kId, mime});
  }
  void Advance(milliseconds by) { clock.Set(clock.Now() + by); }

  std::vector<ClaimedRetraction> ClaimAll() { return Ok(ledger->Claim(clock.Now(), kLease, 100)); }
  ClaimedRetraction Claim() {
    auto claims = ClaimAll();
    BOOST_REQUIRE_EQUAL(claims.size(), 1u);
    return std::move(claims.front());
  }
  Ending Carry(const ClaimedRetraction& claim) {
    return RetractOne(claim, {mailboxes, fingerprint, *ledger, clock, turns, kGiveUp, work_for});
  }
  Ending ClaimAndCarry() { return Carry(Claim()); }

  // As the trace tells it.
  RetractionRow Row(std::size_t index = 0) {
    const auto rows = Ok(ledger->Search({}));
    BOOST_REQUIRE(!rows.empty());
    const auto story = Ok(ledger->Story(rows.back().id));
    BOOST_REQUIRE_LT(index, story.retractions.size());
    return story.retractions[index];
  }
  Outcome Final(std::size_t index = 0) {
    const RetractionRow row = Row(index);
    BOOST_REQUIRE_MESSAGE(row.state == RetractionState::kFinal, ToString(row.state)
                                                                    << ": " << row.last_error);
    return row.outcome.value();
  }
  Outcome HeldFor() {
    const RetractionRow row = Row();
    BOOST_REQUIRE_EQUAL(ToString(row.state), ToString(RetractionState::kHeld));
    return row.outcome.value();
  }
  // How long from now until it is tried again, to the tenth of a second: the ledger
  // arms by the machine's clock.
  milliseconds Waits() {
    const RetractionRow row = Row();
    BOOST_REQUIRE_EQUAL(ToString(row.state), ToString(RetractionState::kArmed));
    return std::chrono::round<std::chrono::duration<int, std::deci>>(row.due - clock.Now());
  }

  samples::TemporaryFolder folder;
  std::unique_ptr<Ledger> ledger;
  MemoryMailboxes mailboxes;
  ManualClock clock;
  MailboxTurns turns;
  Fingerprinter fingerprint = FakeFingerprint;
  milliseconds work_for = kLease / 2;
  std::int64_t sequence = 0;
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_RETRACT_SIDECAR_BENCH_OF_ONE_H_
