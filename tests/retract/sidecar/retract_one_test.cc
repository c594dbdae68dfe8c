// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/retract_one.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <tuple>
#include <utility>

#include "tests/retract/sidecar/bench_of_one.h"
#include "tests/retract/sidecar/mixed_up.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;

struct Bench : BenchOfOne {};

const std::pair<Action, std::string> kMoves[] = {
    {Action::kJunk, "Junk Email"},
    {Action::kTrash, "Deleted Items"},
    {Action::kSoftDelete, "Recoverable Items/Deletions"}};

std::string Kind(const Outcome& outcome) { return std::string(ToString(outcome.kind)); }

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(retract_one, Bench)

BOOST_AUTO_TEST_CASE(a_proved_copy_is_moved_where_the_action_says) {
  for (const auto& [action, destination] : kMoves) {
    BenchOfOne bench;
    bench.Arm(action);
    bench.PutCopy();
    bench.ClaimAndCarry();
    BOOST_TEST(Kind(bench.Final()) == "moved");
    BOOST_TEST(bench.mailboxes.FolderOf({kBox}, "item-1") == destination);
  }
}

BOOST_AUTO_TEST_CASE(the_outcome_says_what_undo_and_support_need) {
  Arm(Action::kJunk);
  PutCopy("item-1", "Projects");
  const Ending ending = ClaimAndCarry();
  BOOST_TEST(std::holds_alternative<Finished>(ending));
  const Outcome outcome = Final();
  BOOST_TEST(outcome.mailbox_id == kBox);
  BOOST_TEST(outcome.item_ids == "item-1");
  BOOST_TEST(outcome.folder_before == "Projects");
  BOOST_TEST(outcome.folder_before_id == FolderId("Projects"));
  BOOST_TEST(outcome.folder_after == "Junk Email");
  BOOST_TEST(outcome.request_id == "request-3");  // the search had the one before
  BOOST_TEST((outcome.at == clock.Now()));
  BOOST_TEST(outcome.detail == "");
}

BOOST_AUTO_TEST_CASE(observe_does_everything_but_the_act) {
  Arm(Action::kSoftDelete, Mode::kObserve);
  PutCopy();
  const auto claim = Claim();
  Carry(claim);
  const Outcome outcome = Final();
  BOOST_TEST(Kind(outcome) == "would-have-moved");
  BOOST_TEST(outcome.folder_before == "Inbox");
  BOOST_TEST(outcome.item_ids == "item-1");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kFetch) == 1);
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 0);
  BOOST_TEST(Ok(ledger->IntentsOf(claim.id)).empty());
}

BOOST_AUTO_TEST_CASE(every_copy_of_the_message_is_moved) {
  Arm();
  PutCopy("item-1", "Inbox");
  PutCopy("item-2", "Projects");
  ClaimAndCarry();
  const Outcome outcome = Final();
  BOOST_TEST(Kind(outcome) == "moved");
  BOOST_TEST(outcome.item_ids == "item-1,item-2");
  BOOST_TEST(outcome.detail == "2 moved");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-2") == "Junk Email");
}

BOOST_AUTO_TEST_CASE(a_copy_that_is_not_there_yet_is_looked_for_again) {
  Arm();
  ClaimAndCarry();
  BOOST_TEST(Waits() / 1s == 5);
  BOOST_TEST(Row().last_error == "no copy in the mailbox");
  Advance(5s);
  ClaimAndCarry();
  BOOST_TEST(Waits() / 1s == 10);
  PutCopy();
  Advance(10s);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
}

BOOST_AUTO_TEST_CASE(a_copy_that_never_comes_is_not_found_in_the_end) {
  Arm();
  for (int look = 0; look < 6; ++look) {
    ClaimAndCarry();
    Advance(1h);
  }
  Advance(41h);
  ClaimAndCarry();
  BOOST_TEST(Waits() / 1min >= 59);
  Advance(1h + 1min);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "not-found");
  BOOST_TEST(Final().mailbox_id == kBox);
}

BOOST_AUTO_TEST_CASE(an_address_without_a_mailbox_is_not_a_mailbox) {
  Arm(Action::kJunk, Mode::kEnforce, {"list@contoso.example"});
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "not-a-mailbox");
  BOOST_TEST(Has(Final().detail, "Request_ResourceNotFound"));
}

BOOST_AUTO_TEST_CASE(a_user_whose_mailbox_is_elsewhere_is_not_a_mailbox) {
  Arm();
  mailboxes.Fail(MailboxCall::kFind,
                 {ErrorKind::kNotFound, "MailboxNotEnabledForRESTAPI: on-premise"});
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "not-a-mailbox");
}

BOOST_AUTO_TEST_CASE(a_refusal_by_microsoft_is_not_permitted_wherever_it_comes) {
  for (const MailboxCall call : {MailboxCall::kResolve, MailboxCall::kFind, MailboxCall::kDescribe,
                                 MailboxCall::kFetch, MailboxCall::kRetract}) {
    BenchOfOne bench;
    bench.Arm();
    bench.PutCopy();
    bench.mailboxes.Fail(call, {ErrorKind::kRefused, "ErrorAccessDenied: no"});
    bench.ClaimAndCarry();
    BOOST_TEST(Kind(bench.Final()) == "not-permitted");
    BOOST_TEST(bench.mailboxes.FolderOf({kBox}, "item-1") == "Inbox");
  }
}

BOOST_AUTO_TEST_CASE(a_refused_sign_in_ends_no_retraction) {
  Arm();
  PutCopy();
  mailboxes.Fail(MailboxCall::kResolve,
                 {ErrorKind::kRefused, std::string(kSignInRefused) + ": invalid_client"});
  ClaimAndCarry();
  BOOST_TEST(Waits() / 1s == 3);
}

BOOST_AUTO_TEST_CASE(copies_in_sent_items_and_drafts_are_left_alone) {
  Arm();
  PutCopy("item-1", "Sent Items");
  PutCopy("item-2", "Drafts");
  ClaimAndCarry();
  BOOST_TEST(Has(Row().last_error, "left alone"));
  PutCopy("item-3", "Inbox");
  Advance(5s);
  ClaimAndCarry();
  BOOST_TEST(Final().item_ids == "item-3");
  BOOST_TEST(Final().detail == "1 moved; 2 in Sent Items, Drafts or Teams, left alone");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Sent Items");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-2") == "Drafts");
}

BOOST_AUTO_TEST_CASE(another_message_with_the_same_id_is_held_for_a_person) {
  Arm();
  PutCopy("item-1", "Inbox", "other");
  Advance(20s);
  ClaimAndCarry();
  const Outcome why = HeldFor();
  BOOST_TEST(Kind(why) == "mismatch");
  BOOST_TEST(Has(why.detail, "subject differs"));
  BOOST_TEST(why.item_ids == "item-1");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 0);
}

BOOST_AUTO_TEST_CASE(another_message_with_the_same_id_may_only_have_come_first) {
  Arm();
  PutCopy("item-1", "Inbox", "other");
  ClaimAndCarry();
  BOOST_TEST(Waits() / 1s == 5);
  PutCopy("item-2");
  Advance(5s);
  ClaimAndCarry();
  BOOST_TEST(Final().item_ids == "item-2");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Inbox");
  BOOST_TEST(Final().detail == "1 moved; 1 another message with this Message-ID, left alone");
}

BOOST_AUTO_TEST_CASE(a_doubtful_copy_holds_everything) {
  Arm();
  PutCopy("item-1");
  PutCopy("item-2", "Inbox", "doubtful");
  ClaimAndCarry();
  BOOST_TEST(Kind(HeldFor()) == "mismatch");
  BOOST_TEST(HeldFor().item_ids == "item-2");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Inbox");
}

BOOST_AUTO_TEST_CASE(a_copy_in_the_destination_or_deeper_is_already_there) {
  const std::pair<Action, std::string> cases[] = {
      {Action::kJunk, "Junk Email"},
      {Action::kJunk, "Deleted Items"},
      {Action::kTrash, "Recoverable Items/Deletions"},
      {Action::kSoftDelete, "Recoverable Items/Deletions"}};
  for (const auto& [action, folder_id] : cases) {
    BenchOfOne bench;
    bench.Arm(action);
    bench.PutCopy("item-1", folder_id);
    bench.Advance(20s);
    bench.ClaimAndCarry();
    BOOST_TEST(Kind(bench.Final()) == "already-there");
    BOOST_TEST(bench.mailboxes.FolderOf({kBox}, "item-1") == folder_id);
    BOOST_TEST(bench.mailboxes.CallsOf(MailboxCall::kRetract) == 0);
  }
}

// Whoever sends a message again must not have the old copy taken for the new one.
BOOST_AUTO_TEST_CASE(a_copy_of_an_earlier_delivery_does_not_hide_the_one_on_its_way) {
  Arm();
  PutCopy("old", "Junk Email");
  ClaimAndCarry();
  PutCopy("new");
  Advance(20s);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "new") == "Junk Email");
}

BOOST_AUTO_TEST_CASE(a_copy_that_is_not_deep_enough_is_moved_on) {
  Arm(Action::kSoftDelete);
  PutCopy("item-1", "Deleted Items");
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(Final().folder_before == "Deleted Items");
}

BOOST_AUTO_TEST_CASE(a_crash_between_move_and_record_ends_in_the_same_outcome) {
  Arm();
  PutCopy();
  const auto lost = Claim();
  // What a worker does before it dies.
  Ok(ledger->RecordIntent(lost, {kBox, "item-1", FolderId("Inbox"), "Inbox", clock.Now()}));
  Ok(mailboxes.Retract({kBox}, "item-1", Action::kJunk, kAnyTime));
  Advance(kLease + 1s);
  ClaimAndCarry();
  const Outcome outcome = Final();
  BOOST_TEST(Kind(outcome) == "moved");
  BOOST_TEST(outcome.folder_before == "Inbox");
  BOOST_TEST(outcome.folder_before_id == FolderId("Inbox"));
  BOOST_TEST(outcome.folder_after == "Junk Email");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(a_crash_between_intent_and_move_is_made_good) {
  Arm();
  PutCopy();
  const auto lost = Claim();
  Ok(ledger->RecordIntent(lost, {kBox, "item-1", FolderId("Inbox"), "Inbox", clock.Now()}));
  Advance(kLease + 1s);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Junk Email");
}

BOOST_AUTO_TEST_CASE(a_moved_item_that_the_search_does_not_list_is_looked_up_by_its_id) {
  mailboxes.ShowPurges();
  Arm(Action::kSoftDelete);
  PutCopy();
  const auto lost = Claim();
  Ok(ledger->RecordIntent(lost, {kBox, "item-1", FolderId("Inbox"), "Inbox", clock.Now()}));
  mailboxes.MoveByName({kBox}, "item-1", "Recoverable Items/Purges");
  Advance(kLease + 1s);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(Final().folder_after == "Recoverable Items/Purges");
}

BOOST_AUTO_TEST_CASE(an_item_that_went_away_after_an_act_was_begun_is_gone) {
  Arm();
  PutCopy();
  const auto lost = Claim();
  Ok(ledger->RecordIntent(lost, {kBox, "item-1", FolderId("Inbox"), "Inbox", clock.Now()}));
  mailboxes.Remove({kBox}, "item-1");
  Advance(kLease + 1s);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "gone");
  BOOST_TEST(Final().item_ids == "item-1");
  BOOST_TEST(Final().folder_before == "Inbox");
}

BOOST_AUTO_TEST_CASE(a_copy_that_goes_while_we_look_at_it_is_gone) {
  Arm();
  PutCopy();
  mailboxes.Before(MailboxCall::kFetch, [this] { mailboxes.Remove({kBox}, "item-1"); });
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "gone");
}

BOOST_AUTO_TEST_CASE(a_copy_that_is_moved_while_we_look_at_it_is_found_again) {
  Arm();
  PutCopy();
  // The item's id changes when it goes to the in-place archive and comes back.
  mailboxes.Before(MailboxCall::kFetch, [this, first = true]() mutable {
    if (!std::exchange(first, false)) return;
    mailboxes.Remove({kBox}, "item-1");
    PutCopy("item-1b", "Projects");
  });
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(Final().item_ids == "item-1b");
  BOOST_TEST(Final().folder_before == "Projects");
}

BOOST_AUTO_TEST_CASE(retry_after_wins_over_our_backoff) {
  for (const MailboxCall call : {MailboxCall::kResolve, MailboxCall::kFind, MailboxCall::kDescribe,
                                 MailboxCall::kFetch, MailboxCall::kRetract}) {
    BenchOfOne bench;
    bench.Arm();
    bench.PutCopy();
    bench.mailboxes.Fail(call, {ErrorKind::kThrottled, "ApplicationThrottled: slow down", 17s});
    bench.ClaimAndCarry();
    BOOST_TEST(bench.Waits() / 1ms == 17000);
    bench.Advance(17s);
    bench.ClaimAndCarry();
    BOOST_TEST(Kind(bench.Final()) == "moved");
  }
}

BOOST_AUTO_TEST_CASE(a_lost_answer_to_a_move_that_happened_is_not_a_second_move) {
  Arm();
  PutCopy();
  mailboxes.Fail(MailboxCall::kRetract, {ErrorKind::kTransient, "504"}, 1, FailureWay::kReplyLost);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(Final().folder_before == "Inbox");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(an_unreadable_answer_to_a_move_that_happened_is_no_failure) {
  Arm();
  PutCopy();
  mailboxes.Fail(MailboxCall::kRetract, {ErrorKind::kInvalid, "too large"}, 1,
                 FailureWay::kReplyLost);
  mailboxes.Fail(MailboxCall::kLook, {ErrorKind::kTransient, "503"});
  ClaimAndCarry();
  Advance(Waits() + 100ms);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(an_answer_about_another_message_is_no_proof) {
  for (const auto& [moves, looks, state] :
       {std::tuple(true, false, "final"), std::tuple(false, false, "held"),
        std::tuple(true, true, "armed")}) {
    BenchOfOne bench;
    bench.Arm();
    bench.PutCopy();
    bench.mailboxes.Put({kBox}, {"item-2", "Junk Email", "<other@sender.example>", "other"});
    MixedUp mixed_up(bench.mailboxes, {"item-2", FolderId("Junk Email"), "<other@sender.example>"});
    mixed_up.moves = moves;
    mixed_up.looks = looks;
    const auto claim = bench.Claim();
    RetractOne(claim, {mixed_up, bench.fingerprint, *bench.ledger, bench.clock, bench.turns,
                       kGiveUp, bench.work_for});
    BOOST_TEST(ToString(bench.Row().state) == state);
    if (bench.Row().outcome) BOOST_TEST(bench.Row().outcome->item_ids == "item-1");
  }
}

BOOST_AUTO_TEST_CASE(a_lost_answer_is_looked_after_before_acting_again) {
  Arm();
  PutCopy();
  mailboxes.Fail(MailboxCall::kRetract, {ErrorKind::kTransient, "504"}, 1, FailureWay::kReplyLost);
  mailboxes.Fail(MailboxCall::kLook, {ErrorKind::kTransient, "503"});
  ClaimAndCarry();
  BOOST_TEST(Waits() / 1s == 3);
  Advance(Waits() + 100ms);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(Final().folder_before == "Inbox");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(a_move_that_did_not_happen_is_tried_again) {
  Arm();
  PutCopy();
  mailboxes.Fail(MailboxCall::kRetract, {ErrorKind::kTransient, "503"});
  ClaimAndCarry();
  BOOST_TEST(Waits() / 1s == 3);
  Advance(Waits() + 100ms);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 2);
}

BOOST_AUTO_TEST_CASE(a_failed_read_back_is_not_a_second_move) {
  Arm();
  PutCopy();
  mailboxes.Fail(MailboxCall::kLook, {ErrorKind::kTransient, "503"});
  ClaimAndCarry();
  Advance(Waits() + 100ms);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(a_copy_that_its_owner_moved_back_at_once_is_held) {
  Arm();
  PutCopy();
  mailboxes.Before(MailboxCall::kLook, [this] { mailboxes.MoveByName({kBox}, "item-1", "Inbox"); });
  ClaimAndCarry();
  BOOST_TEST(Has(HeldFor().detail, "read back in another folder: Inbox"));
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(errors_that_never_end_are_given_up_in_words) {
  Arm();
  PutCopy();
  Advance(48h);
  // Tried as often as in the first minutes, for the time may have passed without anybody there.
  for (int before = 0; before < 7; ++before) {
    BOOST_TEST(Ok(ledger->Counts()).final == 0);
    mailboxes.Fail(MailboxCall::kFind, {ErrorKind::kTransient, "503 serviceNotAvailable"});
    ClaimAndCarry();
    Advance(3min);
  }
  BOOST_TEST(Kind(Final()) == "failed");
  BOOST_TEST(Has(Final().detail, "given up"));
  BOOST_TEST(Has(Final().detail, "serviceNotAvailable"));
}

BOOST_AUTO_TEST_CASE(a_final_error_says_which_copies_were_moved_before_it) {
  Arm();
  PutCopy("item-1");
  PutCopy("item-2");
  mailboxes.Before(MailboxCall::kLook, [this] {
    mailboxes.Fail(MailboxCall::kRetract, {ErrorKind::kInvalid, "ErrorInvalidRequest: 400"});
  });
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "failed");
  BOOST_TEST(Has(Final().detail, "of 2 copies 1 moved"));
}

BOOST_AUTO_TEST_CASE(a_hard_delete_ends_where_no_folder_shows_the_copy) {
  Arm(Action::kHardDelete);
  PutCopy();
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(Final().folder_before == "Inbox");
  BOOST_TEST(Final().folder_after == "Recoverable Items/Purges");
  BOOST_TEST(Final().item_ids == "item-1");
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Recoverable Items/Purges");
}

BOOST_AUTO_TEST_CASE(a_hard_deleted_copy_that_can_still_be_looked_up_in_purges_is_done) {
  mailboxes.ShowPurges();
  Arm(Action::kHardDelete);
  PutCopy();
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(Final().folder_after == "Recoverable Items/Purges");
}

BOOST_AUTO_TEST_CASE(a_hard_delete_whose_worker_died_is_told_as_done_not_as_gone) {
  Arm(Action::kHardDelete);
  PutCopy("item-1");
  PutCopy("item-2");
  const ClaimedRetraction first = Claim();
  Ok(ledger->RecordIntent(
      first, {kBox, "item-1", FolderId("Projects"), "Projects", clock.Now(), Action::kHardDelete}));
  Ok(mailboxes.Retract({kBox}, "item-1", Action::kHardDelete, kAnyTime));
  Advance(kLease);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(Has(Final().detail, "2 moved"));
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-2") == "Recoverable Items/Purges");
}

BOOST_AUTO_TEST_CASE(a_hard_delete_whose_answer_was_lost_is_looked_for) {
  Arm(Action::kHardDelete);
  PutCopy();
  mailboxes.Fail(MailboxCall::kRetract, {ErrorKind::kTransient, "UnknownError: HTTP 504"}, 1,
                 FailureWay::kReplyLost);
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "moved");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(what_a_hold_keeps_is_on_hold_and_what_is_gone_is_gone) {
  const Error kept{ErrorKind::kRefused,
                   "ErrorCannotDeleteObject: HTTP 403, Object cannot be deleted., request-id r-7, "
                   "client-request-id c"};
  {
    BenchOfOne bench;
    bench.Arm(Action::kHardDelete);
    bench.PutCopy();
    bench.mailboxes.Fail(MailboxCall::kRetract, kept);
    bench.ClaimAndCarry();
    BOOST_TEST(Kind(bench.Final()) == "on-hold");
    BOOST_TEST(bench.Final().request_id == "r-7");
    BOOST_TEST(Has(bench.Final().detail, "hold or retention"));
  }
  Arm(Action::kHardDelete);
  PutCopy();
  mailboxes.Fail(MailboxCall::kRetract, kept);
  mailboxes.Before(MailboxCall::kRetract, [&] { mailboxes.Remove({kBox}, "item-1"); });
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "gone");
}

BOOST_AUTO_TEST_CASE(a_copy_that_went_before_its_hard_delete_is_gone) {
  Arm(Action::kHardDelete);
  PutCopy();
  mailboxes.Before(MailboxCall::kRetract, [this] { mailboxes.Remove({kBox}, "item-1"); });
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "gone");
}

BOOST_AUTO_TEST_CASE(a_hard_delete_that_the_cloud_cannot_do_is_never_weakened) {
  Arm(Action::kHardDelete);
  PutCopy();
  mailboxes.Fail(MailboxCall::kRetract,
                 {ErrorKind::kInvalid, "hard-delete cannot be done in this cloud"});
  ClaimAndCarry();
  BOOST_TEST(Kind(Final()) == "failed");
  BOOST_TEST(Has(Final().detail, "cannot be done in this cloud"));
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Inbox");
}

BOOST_AUTO_TEST_CASE(a_message_without_an_id_is_held) {
  Arm();
  ClaimedRetraction claim = Claim();
  claim.message_id.clear();
  Carry(claim);
  BOOST_TEST(Has(HeldFor().detail, "no Message-ID"));
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kFind) == 0);
}

BOOST_AUTO_TEST_CASE(a_copy_that_kills_judges_is_held_at_the_third) {
  Arm();
  PutCopy("item-1", "Inbox", "killer");
  for (int strike = 1; strike < 3; ++strike) {
    ClaimAndCarry();
    Advance(Waits() + 100ms);
  }
  ClaimAndCarry();
  BOOST_TEST(Has(HeldFor().detail, "judge killed"));
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Inbox");
}

BOOST_AUTO_TEST_CASE(without_a_free_judge_nothing_is_decided) {
  Arm();
  PutCopy("item-1", "Inbox", "busy");
  for (int attempt = 0; attempt < 5; ++attempt) {
    ClaimAndCarry();
    Advance(Waits() + 100ms);
  }
  BOOST_TEST(Has(Row().last_error, "no judge free"));
}

BOOST_AUTO_TEST_CASE(a_copy_that_cannot_be_read_is_held) {
  Arm();
  PutCopy();
  mailboxes.Fail(MailboxCall::kFetch, {ErrorKind::kInvalid, "answer larger than 150 MiB"});
  ClaimAndCarry();
  BOOST_TEST(Has(HeldFor().detail, "cannot be read"));
}

BOOST_AUTO_TEST_CASE(an_absurd_number_of_copies_is_held) {
  Arm();
  for (int i = 0; i < 51; ++i) PutCopy("item-" + std::to_string(i));
  ClaimAndCarry();
  BOOST_TEST(Has(HeldFor().detail, "51 items"));
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 0);
}

BOOST_AUTO_TEST_CASE(a_worker_whose_lease_ended_does_not_act) {
  Arm();
  PutCopy();
  const auto stale = Claim();
  Advance(kLease + 1s);
  const auto fresh = Claim();
  BOOST_TEST(std::holds_alternative<Abandoned>(Carry(stale)));
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 0);
  Carry(fresh);
  BOOST_TEST(Kind(Final()) == "moved");
}

BOOST_AUTO_TEST_CASE(no_step_is_begun_when_the_time_of_an_attempt_is_used_up) {
  Arm();
  PutCopy();
  work_for = 0ms;
  ClaimAndCarry();
  BOOST_TEST(Waits() / 1s == 1);
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 0);
}

BOOST_AUTO_TEST_CASE(two_addresses_of_one_mailbox_share_one_move) {
  mailboxes.AddAddress({kBox}, "alias@contoso.example");
  Arm(Action::kJunk, Mode::kEnforce, {kAda, "alias@contoso.example"});
  PutCopy();
  for (const auto& claim : ClaimAll()) Carry(claim);
  BOOST_TEST(Kind(Final(0)) == "moved");
  BOOST_TEST(Kind(Final(1)) == "already-there");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
