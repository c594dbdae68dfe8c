// SPDX-License-Identifier: Apache-2.0
// What workers hold for a person or for the breaker, and what they do once a person came.
#include "retract/ledger/holding.h"

#include <boost/test/unit_test.hpp>

#include "tests/retract/sidecar/bench_of_one.h"

namespace clawback {
namespace {

const Actor kAna{ActorKind::kUser, 1000, "ana"};

struct HoldingBench : BenchOfOne {
  Holding& holding() { return ledger->holding(); }
  void Limit(Breaker breaker, std::vector<std::string> people) {
    holding().UseLimits({{"contoso", {breaker, 100, std::move(people)}}});
  }
  // Holds a copy whose MIME is "other" or "doubtful", by an automatic retraction.
  std::int64_t HoldCopy(const std::string& mime) {
    Arm();
    PutCopy("item-1", "Inbox", mime);
    Advance(std::chrono::seconds(30));  // past the time of delivery
    ClaimAndCarry();
    const auto held = Ok(holding().ListHeld({}));
    BOOST_REQUIRE_EQUAL(held.size(), 1u);
    return held.front().retraction.id;
  }
  std::string FolderNow() { return mailboxes.FolderOf({kBox}, "item-1"); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(holding, HoldingBench)

BOOST_AUTO_TEST_CASE(both_sides_of_another_message_are_kept_and_a_person_may_take_it) {
  const std::int64_t id = HoldCopy("other");
  const HeldStory story = Ok(holding().ShowHeld(id));
  BOOST_TEST(story.report.subject == "Invoice");
  BOOST_TEST(story.copy.value().subject == "Minutes of the meeting");
  BOOST_TEST(story.differs == std::vector<std::string>{"subject"},
             boost::test_tools::per_element());
  Ok(holding().RetractHeld(id, Action::kNone, kAna, "it is the same", clock.Now()));
  ClaimAndCarry();
  BOOST_TEST(FolderNow() == "Junk Email");
}

BOOST_AUTO_TEST_CASE(a_copy_that_has_changed_since_it_was_shown_is_not_taken) {
  const std::int64_t id = HoldCopy("doubtful");
  Ok(holding().RetractHeld(id, Action::kSoftDelete, kAna, "it is the same", clock.Now()));
  mailboxes.Remove({kBox}, "item-1");
  PutCopy("item-1", "Inbox", "other");
  ClaimAndCarry();
  BOOST_TEST(FolderNow() == "Inbox");
}

// Whoever sets a tenant to observe wants the moving to end, that of armed ones too.
BOOST_AUTO_TEST_CASE(what_was_armed_before_moves_nothing_once_the_tenant_observes) {
  Arm();
  ClaimAndCarry();  // not there yet
  holding().UseLimits({{"contoso", {{}, 100, {}, Mode::kObserve}}});
  PutCopy();
  Advance(std::chrono::seconds(30));
  ClaimAndCarry();
  BOOST_TEST(FolderNow() == "Inbox");
  BOOST_TEST(ToString(Final().kind) == "would-have-moved");
  BOOST_TEST(Final().detail.find("observe") != std::string::npos);
  const auto rows = Ok(ledger->Search({}));
  Ok(ledger->RetractByHand({rows.at(0).id, "", kAna, "this one"}, Action::kTrash, clock.Now()));
  ClaimAndCarry();
  BOOST_TEST(FolderNow() == "Deleted Items");
}

BOOST_AUTO_TEST_CASE(an_alias_of_a_protected_mailbox_protects_it) {
  mailboxes.AddMailbox({"ben@contoso.example", "b.gray@contoso.example"});
  Limit({}, {"nobody@contoso.example", "b.gray@contoso.example"});
  Arm(Action::kJunk, Mode::kEnforce, {"ben@contoso.example"});
  ClaimAndCarry();
  BOOST_TEST(ToString(HeldFor().kind) == "protected");
  BOOST_TEST(Row().held_for == "protected");
}

BOOST_AUTO_TEST_CASE(protected_people_are_protected_from_what_is_automatic_and_acts) {
  Limit({}, {kAda});
  Arm(Action::kJunk, Mode::kObserve);
  PutCopy();
  ClaimAndCarry();
  BOOST_TEST(ToString(Final().kind) == "would-have-moved");
  Ok(ledger->RetractByHand({1, "", kAna, "she asked"}, Action::kJunk, clock.Now()));
  ClaimAndCarry();
  BOOST_TEST(FolderNow() == "Junk Email");
}

BOOST_AUTO_TEST_CASE(what_the_breaker_stops_is_held_before_anything_is_done) {
  Limit({1, std::chrono::minutes(10), 100, 1}, {});
  mailboxes.AddMailbox({"ben@contoso.example"});
  Arm(Action::kJunk, Mode::kEnforce, {"first@contoso.example", kAda});
  PutCopy();
  auto claims = ClaimAll();
  BOOST_REQUIRE_EQUAL(claims.size(), 2u);
  Ok(ledger->RecordIntent(claims[0], {"box", "item", "f", "Inbox", clock.Now(), Action::kJunk}));
  Carry(claims[1]);
  BOOST_TEST(FolderNow() == "Inbox");
  BOOST_TEST(Row(1).held_for == "breaker");
  Ok(holding().ReleaseBreaker("contoso", kAna, "go", clock.Now()));
  Carry(Claim());
  BOOST_TEST(FolderNow() == "Junk Email");
}

// What a clock that ran ahead has counted would stand in every window until it came there again.
BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_leaves_nothing_in_the_breakers_window) {
  Limit({2, std::chrono::minutes(10), 100, 1}, {});
  std::vector<std::string> people;
  for (int i = 0; i < 4; ++i) people.push_back("p" + std::to_string(i) + "@contoso.example");
  Arm(Action::kJunk, Mode::kEnforce, people);
  const auto claims = ClaimAll();
  const Time now = clock.Now();
  const auto passes = [&](std::size_t claim, Time at) {
    const ActIntent intent{"box" + std::to_string(claim), "item", "f", "Inbox", at, Action::kJunk};
    return ledger->RecordIntent(claims.at(claim), intent).ok();
  };
  const std::chrono::hours ahead(240);
  BOOST_TEST(passes(0, now + ahead));
  BOOST_TEST(passes(1, now));  // the first counts from now on
  BOOST_TEST(passes(2, now + std::chrono::minutes(11)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
