// SPDX-License-Identifier: Apache-2.0
#include "milter/settle.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "policy/base/digest.h"
#include "policy/base/fault_point.h"
#include "policy/base/log.h"
#include "policy/decide.h"
#include "policy/source_checks.h"
#include "policy/verdict_rules.h"

namespace clawback {
namespace {

constexpr int kStrikesToPark = 3;

// One report being settled; each step either ends in an answer or goes on.
class Settlement {
 public:
  Settlement(Intake& intake, Arrival arrival)
      : intake_(intake), arrival_(std::move(arrival)), begin_(intake.clock.Monotonic()) {}

  Answer Run() {
    record_.received = intake_.clock.Now();
    record_.relay = intake_.relay.name;
    record_.region = intake_.relay.region;
    record_.tenant = arrival_.tenant.name;
    record_.region_rule = arrival_.tenant.region_rule;
    record_.channel = arrival_.channel;
    record_.source = CheckChannel(arrival_.tenant.demands, arrival_.channel);
    record_.report_bytes = arrival_.bytes.size();
    if (const Status sealed = arrival_.bytes.Seal(); !sealed.ok()) return Defer(sealed.error());
    const auto view = arrival_.bytes.View();
    if (!view.ok()) return Defer(view.error());
    view_ = *view;
    record_.report_digest = Sha256Of(view_);
    const auto known = intake_.queue.Has(record_.report_digest);
    if (!known.ok()) return Defer(known.error());
    // For an archive it must be marked again, and what it was marked with is not kept here.
    return *known && !PassesOn() ? Repeat() : Judge();
  }

 private:
  Answer Judge() {
    const JudgeRequest request{Question::kJudge, Trust(), arrival_.tenant.Profile(),
                               arrival_.tenant.judge_lists};
    auto judged = intake_.judge(arrival_.bytes, request, TimeToJudge());
    if (!judged.ok()) {
      return judged.error().kind == ErrorKind::kRefused ? Strike(judged.error().what)
                                                        : Defer(judged.error());
    }
    record_.judgement = std::move(*judged);
    record_.judged_with = JudgedWithOf(request);
    if (intake_.engines != nullptr) {
      intake_.engines->Consult(view_, TimeToJudge(), &record_.judgement);
    }
    CheckSource();
    record_.decision = Decide(arrival_.tenant, record_.judgement);
    WarnOfOtherTenant();
    KeepBody();
    return record_.decision.handling == Handling::kMalformed ? Park() : Commit();
  }

  // What an operator puts in is not measured by the connection it came over.
  void CheckSource() {
    const bool replayed = !arrival_.channel.replayed_by.empty();
    for (SourceCheck& check : record_.source) check.demanded = check.demanded && !replayed;
    const JournalReport& report = record_.judgement.report;
    if (report.kind != ReportKind::kJournalReport) return;
    const auto marks = CheckMarks(arrival_.tenant, report.marks);
    record_.source.insert(record_.source.end(), marks.begin(), marks.end());
  }

  // What is replayed comes from no Postfix that could pass it on.
  bool PassesOn() const {
    return arrival_.tenant.after_accepting == AfterAccepting::kPassOn &&
           arrival_.channel.replayed_by.empty();
  }

  // Whoever sends it knows our tenant's address: it leaked, or two rules are mixed up.
  void WarnOfOtherTenant() const {
    for (const SourceCheck& check : record_.source) {
      if (check.proof != Proof::kTenantId || check.met || check.seen.empty()) continue;
      Log(Severity::kWarning, "other-tenants-report",
          {{"tenant", record_.tenant},
           {"seen", check.seen},
           {"client", record_.channel.client_address},
           {"report", ToHex(record_.report_digest)}});
    }
  }

  // Anyone can send a file to the mailbox that replayed reports come from.
  ChannelTrust Trust() const {
    const Channel& channel = arrival_.channel;
    const bool proven = channel.replayed_by.empty() || channel.stamps_vouched_for;
    return proven ? ChannelTrust::kProven : ChannelTrust::kUnproven;
  }

  // What is left of the answer's time, but for a quarter that the commit may take.
  milliseconds TimeToJudge() const {
    const milliseconds left = intake_.settings.answer_within * 3 / 4 - Elapsed();
    return std::max(left, milliseconds(1));
  }

  // A judge died over these very bytes. It may have been bad luck, so the sender gets
  // to try again, but not for ever.
  Answer Strike(const std::string& why) {
    const auto strikes = intake_.queue.Strike(record_.report_digest, record_.received);
    if (!strikes.ok()) return Defer(strikes.error());
    const std::string count = std::to_string(*strikes);
    Log(Severity::kWarning, "strike",
        {{"queue_id", record_.channel.queue_id},
         {"tenant", record_.tenant},
         {"report", ToHex(record_.report_digest)},
         {"strike", count},
         {"why", why}});
    if (*strikes < kStrikesToPark) {
      return Defer({ErrorKind::kTransient, why + ", strike " + count});
    }
    record_.judgement.verdict = WeighFindings({{"judge-died", Indication::kLimit, 1.0, why}});
    record_.decision = ParkedDecision(arrival_.tenant, why);
    return Park();
  }

  // Nothing is lost by not keeping it: the decision stands, and so does what it was made of.
  void KeepBody() {
    if (arrival_.tenant.keep_bodies != KeepBodies::kDetections) return;
    const bool decided = record_.decision.handling == Handling::kDecided;
    if (!decided || !IsDetection(record_.judgement.verdict.disposition)) return;
    const auto kept = intake_.queue.KeepBody(record_.report_digest, view_, record_.received);
    record_.body_kept = kept.ok() && *kept;
    if (record_.body_kept) return;
    Log(Severity::kWarning, "body-not-kept",
        {{"tenant", record_.tenant},
         {"report", ToHex(record_.report_digest)},
         {"why", kept.ok() ? "bodies_size is used up" : kept.error().what}});
  }

  Answer Park() {
    const auto kept = intake_.queue.Park(record_.report_digest, view_, record_.received);
    if (!kept.ok()) return Defer(kept.error());
    record_.parked_bytes_kept = *kept;
    ++intake_.counts.parked;
    return Commit();
  }

  // Before the answer: a lost decision is a message never retracted. A kill between
  // the two makes Exchange send again, and the repeat finds the decision.
  Answer Commit() {
    FaultPoint("milter.before-commit");
    const auto committed = intake_.queue.Commit(record_);
    if (!committed.ok()) return Defer(committed.error());
    FaultPoint("milter.after-commit");
    if (*committed == Committed::kRepeat) return Repeat();
    ++intake_.counts.committed;
    const Verdict& verdict = record_.judgement.verdict;
    LogReport(ToString(record_.decision.handling), ToString(verdict.disposition),
              record_.decision.handling == Handling::kDecided ? MainReason(verdict)
                                                              : record_.decision.reason);
    return Taken();
  }

  // The decision is on stable storage.
  Answer Taken() const {
    if (!PassesOn()) return Discard();
    if (arrival_.reserved.count() > ReservedHeaders::kMost) {
      Log(Severity::kError, "not-passed-on",
          {{"queue_id", record_.channel.queue_id},
           {"tenant", record_.tenant},
           {"report", ToHex(record_.report_digest)},
           {"why", "too many X-Clawback- header fields came in with it"}});
      return Discard();
    }
    std::vector<HeaderEdit> edits = arrival_.reserved.Removals();
    for (HeaderEdit& mark : MarksOf(record_.decision, record_.judgement.verdict)) {
      edits.push_back(std::move(mark));
    }
    return Accept(std::move(edits));
  }

  Answer Repeat() {
    ++intake_.counts.repeated;
    intake_.queue.Count({record_.tenant, FlowKind::kRepeat}, record_.received);
    LogReport("repeat", "", "");
    return Taken();
  }

  // The text of the reply names no cause: it goes to the other side.
  Answer Defer(const Error& error) {
    ++intake_.counts.deferred;
    LogReport("deferred", "", error.what, Severity::kWarning);
    return TempFail("4.3.0", "the report could not be settled now, send again");
  }

  void LogReport(std::string_view handling, std::string_view disposition, std::string_view reason,
                 Severity severity = Severity::kInfo) const {
    Log(severity, "report",
        {{"queue_id", record_.channel.queue_id},
         {"tenant", record_.tenant},
         {"report", ToHex(record_.report_digest)},
         {"bytes", std::to_string(record_.report_bytes)},
         {"handling", handling},
         {"disposition", disposition},
         {"reason", reason},
         {"ms", std::to_string(Elapsed().count())}});
  }

  milliseconds Elapsed() const {
    return std::chrono::duration_cast<milliseconds>(intake_.clock.Monotonic() - begin_);
  }

  Intake& intake_;
  Arrival arrival_;
  const std::chrono::steady_clock::time_point begin_;
  std::string_view view_;
  DecisionRecord record_;
};

}  // namespace

Answer Settle(Intake& intake, Arrival arrival) {
  return Settlement(intake, std::move(arrival)).Run();
}

}  // namespace clawback
