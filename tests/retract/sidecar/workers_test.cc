// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/workers.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <mutex>
#include <set>
#include <thread>

#include "retract/sidecar/recipient_pace.h"
#include "tests/retract/sidecar/bench_of_one.h"
#include "tests/retract/sidecar/forwarded_mailboxes.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;

// The machine's, set ahead or back by a test.
class SetClock final : public Clock {
 public:
  Time Now() const override { return clock_.Now() + milliseconds(ahead); }
  std::chrono::steady_clock::time_point Monotonic() const override { return clock_.Monotonic(); }
  std::atomic<milliseconds::rep> ahead{0};

 private:
  SystemClock clock_;
};

Tenant TenantNamed(const std::string& name, const std::string& version = "v1") {
  Tenant tenant;
  tenant.name = name;
  tenant.settings_version = version;
  return tenant;
}

struct Bench : BenchOfOne {
  Bench()
      : tenants([this](const Tenant&) -> Result<std::unique_ptr<MailboxProvider>> {
          return std::unique_ptr<MailboxProvider>(std::make_unique<ForwardedMailboxes>(mailboxes));
        }) {
    BOOST_REQUIRE(tenants.Load(TenantDirectory({TenantNamed("contoso")})).empty());
  }
  std::unique_ptr<Workers> Start(int number) {
    return std::make_unique<Workers>(WorkerOptions{number, at_once, kLease, kGiveUp}, tenants,
                                     fingerprint, *ledger, set_clock);
  }
  bool Until(const std::function<bool(const LedgerCounts&)>& reached) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < deadline) {
      if (reached(Ok(ledger->Counts()))) return true;
      std::this_thread::sleep_for(5ms);
    }
    return false;
  }

  int at_once = 4;
  SetClock set_clock;
  TenantMailboxes tenants;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(workers, Bench)

BOOST_AUTO_TEST_CASE(what_is_due_when_they_start_is_carried_out) {
  Arm();
  PutCopy();
  const auto working = Start(2);
  BOOST_TEST(Until([](const LedgerCounts& counts) { return counts.final == 1; }));
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Junk Email");
}

BOOST_AUTO_TEST_CASE(a_wake_brings_new_work_at_once) {
  const auto working = Start(4);
  // They must have found nothing before there is something.
  BOOST_TEST(Until([](const LedgerCounts& counts) { return counts.reports == 0; }));
  Arm();
  PutCopy();
  working->Wake();
  BOOST_TEST(Until([](const LedgerCounts& counts) { return counts.final == 1; }));
}

BOOST_AUTO_TEST_CASE(a_postponed_retraction_is_taken_up_when_it_is_due) {
  Arm();
  PutCopy();
  mailboxes.Fail(MailboxCall::kFind, {ErrorKind::kThrottled, "429", 300ms});
  const auto working = Start(2);
  BOOST_TEST(Until([](const LedgerCounts& counts) { return counts.final == 1; }));
  BOOST_TEST(Row().attempts == 2);
}

BOOST_AUTO_TEST_CASE(nothing_waits_for_a_clock_that_was_set_back_while_they_work) {
  set_clock.ahead = milliseconds(240h).count();
  Arm();
  const auto working = Start(2);
  // Not there yet, and not given up although 48 hours seem to have passed.
  BOOST_TEST(Until(
      [&](const LedgerCounts& counts) { return counts.armed == 1 && !Row().last_error.empty(); }));
  set_clock.ahead = 0;
  PutCopy();
  working->Wake();
  BOOST_TEST(Until([](const LedgerCounts& counts) { return counts.final == 1; }));
  BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Junk Email");
}

BOOST_AUTO_TEST_CASE(nor_for_one_that_was_wrong_before_they_started) {
  Arm();
  const Time now = set_clock.Now();
  const auto claims = Ok(ledger->Claim(now, kLease, 1));
  Ok(ledger->Postpone(claims.at(0), now + 240h, "copy not there yet", Obstacle::kNone));
  const auto working = Start(1);
  BOOST_TEST(Until([&](const LedgerCounts&) { return Row().due <= set_clock.Now() + 1h; }));
}

BOOST_AUTO_TEST_CASE(two_recipients_in_one_mailbox_are_one_move_however_many_work) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 8; ++i) {
    addresses.push_back("alias" + std::to_string(i) + "@contoso.example");
    mailboxes.AddAddress({kBox}, addresses.back());
  }
  PutCopy();
  mailboxes.Before(MailboxCall::kFetch, [] { std::this_thread::sleep_for(20ms); });
  Arm(Action::kSoftDelete, Mode::kEnforce, addresses);
  const auto working = Start(8);
  BOOST_TEST(Until([](const LedgerCounts& counts) { return counts.final == 8; }));
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(many_mailboxes_are_worked_on_at_once) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 4; ++i) {
    addresses.push_back("user" + std::to_string(i) + "@contoso.example");
    const MailboxId box = mailboxes.AddMailbox({addresses.back()});
    mailboxes.Put(box, {"item", "Inbox", kId, "copy"});
  }
  // Each waits for the others: one at a time would never get through.
  std::atomic<int> inside{0};
  mailboxes.Before(MailboxCall::kFetch, [&] {
    ++inside;
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (inside < 4 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(1ms);
    }
  });
  Arm(Action::kJunk, Mode::kEnforce, addresses);
  const auto working = Start(4);
  BOOST_TEST(Until([](const LedgerCounts& counts) { return counts.final == 4; }));
  BOOST_TEST(inside == 4);
}

// So many messages to ada, each with a copy in her Inbox.
void ArmMessages(Bench& bench, int messages) {
  for (int i = 0; i < messages; ++i) {
    const std::string id = "<m" + std::to_string(i) + "@sender.example>";
    samples::Wanted wanted{Action::kJunk, {kAda}, id};
    FollowedRecord followed{{"decisions-20261103.db", ++bench.sequence},
                            samples::Record(static_cast<int>(bench.sequence), wanted)};
    followed.record.judgement.fingerprint = ReportedFingerprint();
    followed.record.judgement.fingerprint.message_id = id;
    Ok(bench.ledger->Ingest("us-east", {&followed, 1}));
    bench.mailboxes.Put({kBox}, {"item-" + std::to_string(i), "Inbox", id, id});
  }
  bench.fingerprint = [](std::string_view mime) -> Result<Fingerprint> {
    Fingerprint print = ReportedFingerprint();
    if (mime != "copy") print.message_id = mime;
    return print;
  };
}

BOOST_AUTO_TEST_CASE(in_one_mailbox_as_many_are_at_work_as_it_takes_and_keep_no_other_worker) {
  ArmMessages(*this, 12);
  const std::string bob = "bob@contoso.example";
  const MailboxId bobs = mailboxes.AddMailbox({bob});
  std::atomic<int> at_work{0}, most{0};
  std::atomic<bool> go_on{false};
  mailboxes.Before(MailboxCall::kFetch, [&] {
    const int now = ++at_work;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    while (!go_on) std::this_thread::sleep_for(1ms);
    --at_work;
  });
  const auto working = Start(8);
  BOOST_TEST(Until([&](const LedgerCounts&) { return at_work == 4; }));
  // Somebody else's is taken up although eight of ada's wait.
  mailboxes.Put(bobs, {"item", "Inbox", kId, "copy"});
  Arm(Action::kJunk, Mode::kEnforce, {bob});
  working->Wake();
  BOOST_TEST(Until([&](const LedgerCounts&) { return at_work == 5; }));
  go_on = true;
  BOOST_TEST(Until([](const LedgerCounts& counts) { return counts.final == 13; }));
  BOOST_TEST(most == 5);
}

// One retraction for each of so many people of a tenant, each in a mailbox of its own.
void ArmPeople(Bench& bench, const std::string& tenant, int people) {
  std::vector<std::string> addresses;
  for (int i = 0; i < people; ++i) {
    addresses.push_back("user" + std::to_string(i) + "@" + tenant + ".example");
    bench.mailboxes.Put(bench.mailboxes.AddMailbox({addresses.back()}),
                        {"item", "Inbox", kId, "copy"});
  }
  FollowedRecord followed{{"decisions-20261103.db", ++bench.sequence},
                          samples::Record(static_cast<int>(bench.sequence),
                                          samples::Wanted{Action::kJunk, addresses, kId})};
  followed.record.tenant = tenant;
  followed.record.judgement.fingerprint = ReportedFingerprint();
  Ok(bench.ledger->Ingest("us-east", {&followed, 1}));
}

// Whoever looks for a copy waits until it ends.
struct Silence {
  explicit Silence(Bench& bench) {
    bench.mailboxes.Before(MailboxCall::kFind, [this] {
      ++at_work;
      while (!ends) std::this_thread::sleep_for(1ms);
    });
  }
  std::atomic<int> at_work{0};
  std::atomic<bool> ends{false};
};

BOOST_AUTO_TEST_CASE(a_tenant_whose_service_is_silent_leaves_workers_to_the_others) {
  Silence silence(*this);
  tenants.Load(TenantDirectory({TenantNamed("contoso"), TenantNamed("fabrikam")}));
  ArmPeople(*this, "contoso", 20);
  const auto working = Start(8);
  BOOST_TEST(Until([&](const LedgerCounts&) { return silence.at_work == 7; }));
  std::this_thread::sleep_for(600ms);  // those behind are looked for meanwhile
  BOOST_TEST(silence.at_work == 7);
  ArmPeople(*this, "fabrikam", 1);
  working->Wake();
  BOOST_TEST(Until([&](const LedgerCounts&) { return silence.at_work == 8; }));
  silence.ends = true;
  BOOST_TEST(Until([](const LedgerCounts& counts) { return counts.final == 21; }));
}

BOOST_AUTO_TEST_CASE(a_tenant_alone_has_all_workers) {
  Silence silence(*this);
  ArmPeople(*this, "contoso", 20);
  const auto working = Start(8);
  BOOST_TEST(Until([&](const LedgerCounts&) { return silence.at_work == 8; }));
  silence.ends = true;
  BOOST_TEST(Until([](const LedgerCounts& counts) { return counts.final == 20; }));
}

BOOST_AUTO_TEST_CASE(in_a_mailbox_that_refuses_one_after_the_other_comes_to_its_end) {
  ArmMessages(*this, 6);
  // Of so many questions one is refused: of four at once none would come through.
  std::atomic<int> asked{0};
  mailboxes.Before(MailboxCall::kFind, [&] {
    if (++asked % 3 == 0) mailboxes.Fail(MailboxCall::kFetch, {ErrorKind::kThrottled, "429", 20ms});
  });
  const auto working = Start(8);
  BOOST_TEST(Until([](const LedgerCounts& counts) { return counts.final == 6; }));
}

BOOST_AUTO_TEST_CASE(a_retraction_of_a_tenant_that_is_not_configured_waits) {
  tenants.Load(TenantDirectory({TenantNamed("fabrikam")}));
  Arm();
  PutCopy();
  const auto working = Start(1);
  BOOST_TEST(Until([this](const LedgerCounts&) { return !Row().last_error.empty(); }));
  BOOST_TEST(Row().last_error == "tenant contoso is not configured here");
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kResolve) == 0);
}

BOOST_AUTO_TEST_CASE(stopping_finishes_what_is_under_way_and_begins_nothing) {
  Arm();
  PutCopy();
  std::atomic<bool> inside{false}, go_on{false};
  mailboxes.Before(MailboxCall::kFetch, [&] {
    inside = true;
    while (!go_on) std::this_thread::sleep_for(1ms);
  });
  auto working = Start(2);
  BOOST_TEST(Until([&](const LedgerCounts&) { return inside.load(); }));
  BOOST_TEST(!working->Stop(20ms));
  go_on = true;
  BOOST_TEST(working->Stop(20s));
  working.reset();
  BOOST_TEST(std::string(ToString(Final().kind)) == "moved");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tenant_mailboxes)

BOOST_AUTO_TEST_CASE(each_tenant_has_its_own_and_keeps_it_while_its_settings_stay) {
  MemoryMailboxes fake;
  std::vector<std::string> opened;
  TenantMailboxes tenants([&](const Tenant& tenant) -> Result<std::unique_ptr<MailboxProvider>> {
    opened.push_back(tenant.name + tenant.settings_version);
    if (tenant.settings_version == "bad") return Error{ErrorKind::kInvalid, "client_id is missing"};
    return std::unique_ptr<MailboxProvider>(std::make_unique<ForwardedMailboxes>(fake));
  });
  BOOST_TEST(tenants.Load(TenantDirectory({TenantNamed("a"), TenantNamed("b")})).empty());
  const auto a = tenants.Of("a");
  const auto b = tenants.Of("b");
  BOOST_TEST(a != b);
  BOOST_TEST(tenants.Of("c") == nullptr);

  const auto errors = tenants.Load(
      TenantDirectory({TenantNamed("a"), TenantNamed("b", "v2"), TenantNamed("c", "bad")}));
  BOOST_REQUIRE_EQUAL(errors.size(), 1u);
  BOOST_TEST(errors[0].what == "tenant c: client_id is missing");
  BOOST_TEST(tenants.Of("a") == a);
  BOOST_TEST(tenants.Of("b") != b);
  const std::vector<std::string> expected = {"av1", "bv1", "bv2", "cbad"};
  BOOST_TEST(opened == expected, boost::test_tools::per_element());

  // A fault in the new settings leaves the old ones; a tenant that is gone is gone.
  const auto b2 = tenants.Of("b");
  BOOST_TEST(tenants.Load(TenantDirectory({TenantNamed("b", "bad")})).size() == 1u);
  BOOST_TEST(tenants.Of("b") == b2);
  BOOST_TEST(tenants.Of("a") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(recipient_pace)

ClaimedRetraction ClaimFor(const std::string& recipient) {
  ClaimedRetraction claim;
  claim.tenant = "contoso";
  claim.recipient = recipient;
  return claim;
}

BOOST_AUTO_TEST_CASE(a_refusal_leaves_one_and_each_end_without_another_one_more) {
  const Time now = samples::kMorning;
  RecipientPace pace(4);
  const ClaimedRetraction ada = ClaimFor(kAda);
  const auto room = [&] {
    int begun = 0;
    for (; pace.HasRoom(ada); ++begun) pace.Begin(ada);
    for (int i = 0; i < begun; ++i) pace.End(ada, std::nullopt, now);
    return begun;
  };
  BOOST_TEST(room() == 4);
  pace.Begin(ada);
  pace.End(ada, now + 5s, now);
  const BusyRecipients resting{{"contoso", {kAda}}};
  BOOST_TEST((pace.Busy(now) == resting));
  BOOST_TEST(pace.Busy(now + 5s).empty());
  for (const int expected : {1, 2, 4}) BOOST_TEST(room() == expected);
  pace.Begin(ada);
  pace.Begin(ada);
  pace.End(ada, now + 5s, now);
  BOOST_TEST(!pace.HasRoom(ada));  // the other one is still at work
}

BOOST_AUTO_TEST_CASE(so_many_refused_are_passed_over_by_name_and_forgotten_in_time) {
  const Time now = samples::kMorning;
  RecipientPace pace(4);
  for (int i = 0; i < 300; ++i) {
    const ClaimedRetraction claim = ClaimFor(std::to_string(i));
    pace.Begin(claim);
    pace.End(claim, now + 60s, now);
  }
  BOOST_TEST(pace.Busy(now)["contoso"].size() == 256u);
  BOOST_TEST(pace.Busy(now + 12min).empty());
  BOOST_TEST(pace.HasRoom(ClaimFor("0")));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(mailbox_turns)

BOOST_AUTO_TEST_CASE(a_message_in_a_mailbox_has_one_turn_at_a_time) {
  MailboxTurns turns;
  auto first = turns.Take("contoso", {"box"}, "<m@x>", 0ms);
  BOOST_TEST(first.has_value());
  BOOST_TEST(!turns.Take("contoso", {"box"}, "<m@x>", 10ms).has_value());
  BOOST_TEST(turns.Take("contoso", {"box"}, "<other@x>", 0ms).has_value());
  BOOST_TEST(turns.Take("contoso", {"other"}, "<m@x>", 0ms).has_value());
  BOOST_TEST(turns.Take("fabrikam", {"box"}, "<m@x>", 0ms).has_value());
  std::jthread later([&] {
    std::this_thread::sleep_for(10ms);
    first.reset();
  });
  BOOST_TEST(turns.Take("contoso", {"box"}, "<m@x>", 20s).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
