// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "retract/ledger/jobs.h"
#include "tests/retract/sidecar/bench_of_one.h"
#include "tests/retract/sidecar/mixed_up.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;

struct UndoBench : BenchOfOne {
  std::int64_t Trace() { return Ok(ledger->Search({})).front().id; }
  ByHand Asking(const std::string& recipient = "") {
    return {Trace(), recipient, {ActorKind::kUser, 1000, "ana"}, "it was good"};
  }
  // A message retracted from where.
  void Retracted(Action action = Action::kJunk, const std::string& where = "Projects") {
    Arm(action);
    PutCopy("item-1", where);
    ClaimAndCarry();
    BOOST_REQUIRE_EQUAL(ToString(Final().kind), "moved");
  }
  // A job of this one message, with a second person's approval.
  void HardDeleteByTwo() {
    JobWanted wanted;
    wanted.action = Action::kHardDelete;
    wanted.reason = "never again";
    wanted.who = Asking().who;
    wanted.ids = {Trace()};
    Jobs& jobs = ledger->jobs();
    const JobRow job = Ok(jobs.PreviewJob(wanted, clock.Now())).job;
    const Actor second{ActorKind::kUser, 1001, "ben"};
    Ok(jobs.ApproveJob({job.id, second, "seen", job.digest}, clock.Now()));
    Ok(jobs.StartJob({job.id, second, "go", job.digest}, clock.Now()));
  }
  Outcome Undone() {
    const Asked asked = Ok(ledger->UndoByHand(Asking(), clock.Now()));
    BOOST_REQUIRE_EQUAL(asked.armed.size(), 1u);
    return CarryUndo();
  }
  Outcome CarryUndo() {
    CarryUndoOnce();
    return LastRow().outcome.value();
  }
  RetractionRow LastRow() { return Ok(ledger->Story(Trace())).retractions.back(); }
  Ending CarryUndoOnce() {
    const ClaimedRetraction claim = Claim();
    BOOST_REQUIRE_EQUAL(ToString(claim.task), "undo");
    return UndoOne(claim, {mailboxes, fingerprint, *ledger, clock, turns, kGiveUp, work_for});
  }
};

std::string Kind(const Outcome& outcome) { return std::string(ToString(outcome.kind)); }
bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(undo_one, UndoBench)

BOOST_AUTO_TEST_CASE(an_undo_puts_the_copy_back_where_it_came_from) {
  for (const Action action : {Action::kJunk, Action::kTrash, Action::kSoftDelete}) {
    UndoBench bench;
    bench.Retracted(action);
    const Outcome outcome = bench.Undone();
    BOOST_TEST(Kind(outcome) == "undone");
    BOOST_TEST(outcome.folder_after == "Projects");
    BOOST_TEST(outcome.item_ids == "item-1");
    BOOST_TEST(!outcome.request_id.empty());
    BOOST_TEST(bench.mailboxes.FolderOf({kBox}, "item-1") == "Projects");
    BOOST_TEST(bench.LastRow().asked_by == "ana (uid 1000)");
    BOOST_TEST(bench.LastRow().reason == "it was good");
  }
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_gone_is_replaced_by_the_inbox_and_that_is_said) {
  Retracted(Action::kJunk, "Projects");
  mailboxes.RemoveFolder("Projects");
  const Outcome outcome = Undone();
  BOOST_TEST(Kind(outcome) == "undone");
  BOOST_TEST(Has(outcome.detail, "put into the Inbox"));
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Inbox");
}

BOOST_AUTO_TEST_CASE(what_somebody_moved_on_is_left_there) {
  Retracted();
  mailboxes.MoveByName({kBox}, "item-1", "Deleted Items");
  BOOST_TEST(Kind(Undone()) == "elsewhere");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Deleted Items");
}

BOOST_AUTO_TEST_CASE(what_is_in_no_folder_any_more_is_gone) {
  Retracted();
  mailboxes.Remove({kBox}, "item-1");
  BOOST_TEST(Kind(Undone()) == "gone");
}

BOOST_AUTO_TEST_CASE(an_undo_whose_worker_died_after_the_move_is_undone) {
  Retracted();
  Ok(ledger->UndoByHand(Asking(), clock.Now()));
  (void)Claim();
  Ok(mailboxes.Move({kBox}, "item-1", FolderId("Projects"), kAnyTime));
  Advance(kLease);
  BOOST_TEST(Kind(CarryUndo()) == "undone");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kMove) == 1);
}

BOOST_AUTO_TEST_CASE(a_lost_answer_is_looked_for_and_a_busy_service_waited_for) {
  Retracted();
  Ok(ledger->UndoByHand(Asking(), clock.Now()));
  mailboxes.Fail(MailboxCall::kLook, {ErrorKind::kThrottled, "ApplicationThrottled: HTTP 429", 7s});
  BOOST_TEST(std::holds_alternative<Postponed>(CarryUndoOnce()));
  Advance(7s);
  mailboxes.Fail(MailboxCall::kMove, {ErrorKind::kTransient, "UnknownError: HTTP 504"}, 1,
                 FailureWay::kReplyLost);
  BOOST_TEST(Kind(CarryUndo()) == "undone");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kMove) == 1);
}

BOOST_AUTO_TEST_CASE(automatic_work_leaves_an_undone_message_alone_for_ever) {
  Retracted();
  BOOST_TEST(Kind(Undone()) == "undone");
  // Another report of the same Message-ID, with another Network-Message-Id.
  Arm(Action::kSoftDelete);
  ClaimAndCarry();
  BOOST_TEST(Kind(LastRow().outcome.value()) == "blocked");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Projects");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(an_answer_about_another_message_ends_no_undo) {
  Retracted();
  Ok(ledger->UndoByHand(Asking(), clock.Now()));
  MixedUp mixed_up(mailboxes, {"item-2", FolderId("Projects"), "<other@sender.example>"});
  mixed_up.looks = true;
  const ClaimedRetraction claim = Claim();
  UndoOne(claim, {mixed_up, fingerprint, *ledger, clock, turns, kGiveUp, work_for});
  BOOST_TEST(ToString(LastRow().state) == "armed");
  BOOST_TEST(Has(LastRow().last_error, "about another message"));
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Junk Email");
}

BOOST_AUTO_TEST_CASE(a_person_may_retract_again_and_undo_again) {
  Retracted();
  BOOST_TEST(Kind(Undone()) == "undone");
  mailboxes.MoveByName({kBox}, "item-1", "Inbox");  // its owner
  const Asked asked = Ok(ledger->RetractByHand(Asking(), Action::kTrash, clock.Now()));
  BOOST_REQUIRE_EQUAL(asked.armed.size(), 1u);
  ClaimAndCarry();
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Deleted Items");
  const Outcome outcome = Undone();
  BOOST_TEST(Kind(outcome) == "undone");
  BOOST_TEST(outcome.folder_after == "Inbox");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Inbox");
}

BOOST_AUTO_TEST_CASE(a_harder_retraction_by_hand_is_undone_to_the_first_folder) {
  Retracted(Action::kJunk, "Projects");
  Ok(ledger->RetractByHand(Asking(), Action::kSoftDelete, clock.Now()));
  ClaimAndCarry();
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Recoverable Items/Deletions");
  BOOST_TEST(Kind(Undone()) == "undone");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Projects");
}

BOOST_AUTO_TEST_CASE(what_was_hard_deleted_is_refused_with_what_an_administrator_must_run) {
  Retracted(Action::kHardDelete, "Inbox");
  const auto refused = ledger->UndoByHand(Asking(), clock.Now());
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().kind == ErrorKind::kRefused));
  BOOST_TEST(Has(refused.error().what,
                 "Restore-RecoverableItems -Identity 'ada@contoso.example' -SourceFolder "
                 "PurgedItems -FilterItemType IPM.Note -SubjectContains 'Invoice 1 100% due'"));
}

BOOST_AUTO_TEST_CASE(an_undo_calls_off_what_was_asked_for_by_hand_and_is_not_finished) {
  Retracted(Action::kJunk, "Projects");
  Ok(ledger->RetractByHand(Asking(), Action::kTrash, clock.Now()));
  const ClaimedRetraction unfinished = Claim();  // its worker died, or is about to begin
  BOOST_TEST(Kind(Undone()) == "undone");
  BOOST_TEST(std::holds_alternative<Abandoned>(Carry(unfinished)));
  Advance(kLease * 2);
  BOOST_TEST(ClaimAll().empty());
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Projects");
  BOOST_TEST(Kind(Final(1)) == "blocked");
}

BOOST_AUTO_TEST_CASE(a_retraction_by_hand_calls_off_an_undo_that_is_not_finished) {
  Retracted(Action::kJunk, "Projects");
  Ok(ledger->UndoByHand(Asking(), clock.Now()));
  Ok(ledger->RetractByHand(Asking(), Action::kTrash, clock.Now()));
  const ClaimedRetraction claim = Claim();
  BOOST_TEST(ToString(claim.task) == "retract");
  Carry(claim);
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Deleted Items");
}

BOOST_AUTO_TEST_CASE(what_was_refused_did_not_happen_and_hinders_no_undo) {
  Retracted(Action::kJunk, "Projects");
  HardDeleteByTwo();
  mailboxes.Fail(MailboxCall::kRetract, {ErrorKind::kRefused, "ErrorAccessDenied: no"});
  ClaimAndCarry();
  BOOST_REQUIRE_EQUAL(Kind(LastRow().outcome.value()), "not-permitted");
  BOOST_TEST(Kind(Undone()) == "undone");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Projects");
}

BOOST_AUTO_TEST_CASE(what_was_refused_at_once_leaves_nothing_to_undo) {
  Arm(Action::kHardDelete);
  PutCopy();
  mailboxes.Fail(MailboxCall::kRetract, {ErrorKind::kRefused, "ErrorAccessDenied: no"});
  ClaimAndCarry();
  const auto asked = ledger->UndoByHand(Asking(), clock.Now());
  BOOST_REQUIRE(!asked.ok());
  BOOST_TEST((asked.error().kind == ErrorKind::kNotFound));
}

BOOST_AUTO_TEST_CASE(what_was_moved_before_a_refusal_is_audited_and_can_be_undone) {
  Arm(Action::kJunk);
  PutCopy("item-1");
  PutCopy("item-2");
  mailboxes.Before(MailboxCall::kRetract, [this] {  // from the second on
    mailboxes.Fail(MailboxCall::kRetract, {ErrorKind::kRefused, "ErrorAccessDenied: no"});
  });
  ClaimAndCarry();
  BOOST_REQUIRE_EQUAL(Kind(Final()), "not-permitted");
  const auto audit = Ok(ledger->FindAudit({}));
  BOOST_REQUIRE_EQUAL(audit.size(), 1u);
  BOOST_TEST(audit[0].note.what == "retraction.moved");
  BOOST_TEST(Has(audit[0].note.evidence, "\"item-1\""));
  BOOST_TEST(Has(audit[0].note.evidence, "not-permitted"));
  const Outcome outcome = Undone();
  BOOST_TEST(outcome.item_ids == "item-1");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Inbox");
}

BOOST_AUTO_TEST_CASE(by_hand_a_copy_in_observe_mode_or_in_doubt_is_moved_but_never_another) {
  Arm(Action::kJunk, Mode::kObserve);
  PutCopy("item-1", "Inbox", "doubtful");
  PutCopy("item-2", "Inbox", "other");
  ClaimAndCarry();
  BOOST_TEST(Kind(HeldFor()) == "mismatch");
  Ok(ledger->RetractByHand(Asking(), Action::kJunk, clock.Now()));
  BOOST_TEST((Row().state == RetractionState::kFinal));  // a person has decided
  ClaimAndCarry();
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Junk Email");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-2") == "Inbox");
  BOOST_TEST(Kind(LastRow().outcome.value()) == "moved");
}

BOOST_AUTO_TEST_CASE(what_is_final_needs_proof_by_hand_too) {
  Arm(Action::kNone);
  PutCopy("item-1", "Inbox", "doubtful");
  HardDeleteByTwo();
  ClaimAndCarry();
  BOOST_TEST((LastRow().state == RetractionState::kHeld));
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Inbox");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
