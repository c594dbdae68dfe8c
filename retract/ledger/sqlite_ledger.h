// SPDX-License-Identifier: Apache-2.0
// The ledger of one relay: one SQLite file, one connection that writes, one that reads
// and one that reads changes, so that a search never waits for a commit, nor a worker or
// a subscriber for a search.
#ifndef CLAWBACK_RETRACT_LEDGER_SQLITE_LEDGER_H_
#define CLAWBACK_RETRACT_LEDGER_SQLITE_LEDGER_H_

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "retract/ledger/holding.h"
#include "retract/ledger/jobs.h"
#include "retract/ledger/ledger.h"
#include "retract/ledger/old_messages.h"
#include "retract/ledger/pruning.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

// What tells two messages with one Message-ID apart: the Network-Message-Id, or else
// the fingerprint's key.
std::string MessageInstance(const Judgement& judgement);

// Every address by which somebody may ask for this message, folded, each once.
std::set<std::string> AddressesOf(const DecisionRecord& record);

// The message row of record, made if absent; inside a transaction.
Result<std::int64_t> MessageOf(Database& database, const DecisionRecord& record);

// Where a relay's following stands, in that table; inside a transaction, but to read.
// It never moves back: what is ingested again was ingested before.
Result<SegmentPosition> PositionOf(Database& database, std::string_view table,
                                   std::string_view relay);
Status MovePosition(Database& database, std::string_view table, std::string_view relay,
                    const SegmentPosition& position);

// What a record that is new to the ledger adds to the flow, by the hour; and adding it.
// Both inside a transaction.
Status CountRecord(Database& database, std::int64_t trace, const DecisionRecord& record,
                   FlowCounts* counts);
Status AddFlow(Database& database, const FlowCounts& counts);

// The columns of a trace row t, or of a retraction r with its outcome o, and their
// reading, which takes them to be the first of the row.
inline constexpr std::string_view kTraceColumns =
    "t.id, t.received, t.tenant, t.relay, t.region, lower(hex(t.report)), t.message_id, t.sender,"
    " t.subject, t.handling, t.disposition, t.score, t.main_reason, t.recipients";
inline constexpr std::string_view kRetractionColumns =
    "r.id, r.recipient, r.action, r.mode, r.state, r.attempts, r.due, r.last_error,"
    " o.kind, o.detail, o.mailbox_id, o.item_ids, o.folder_before, o.folder_before_id,"
    " o.folder_after, o.request_id, o.at, r.task, r.origin, r.asked_by, r.reason, r.job, r.hold";
inline constexpr int kAfterRetraction = 23;  // the column behind those
Result<TraceRow> ReadTrace(const Statement& row);
Result<RetractionRow> ReadRetraction(const Statement& row);

// What a person is told who wants to hard-delete alone.
inline constexpr std::string_view kWantsSecond =
    "a hard-delete by hand needs a second person's approval: clawback job preview --action "
    "hard-delete";

class SqliteLedger final : public Ledger, public Holding, public Jobs {
 public:
  SqliteLedger(FileDescriptor lock, std::string anchor, Database writer, Database reader,
               Database changes)
      : lock_(std::move(lock)),
        anchor_(std::move(anchor)),
        writer_(std::move(writer)),
        reader_(std::move(reader)),
        changes_(std::move(changes)) {}

  Result<SegmentPosition> FollowedTo(std::string_view relay) override;
  Status Ingest(std::string_view relay, std::span<const FollowedRecord> records) override;

  Result<SegmentPosition> CountsFollowedTo(std::string_view relay) override;
  Status IngestCounts(std::string_view relay, std::span<const FollowedCount> counts) override;

  using Ledger::Claim;
  Result<std::vector<ClaimedRetraction>> Claim(Time now, milliseconds lease, std::size_t limit,
                                               const PassedOver& passed_over) override;
  Result<Intended> RecordIntent(const ClaimedRetraction& claim, const ActIntent& intent) override;
  Result<std::vector<ActIntent>> IntentsOf(std::int64_t retraction_id) override;
  Status Finish(const ClaimedRetraction& claim, const Outcome& outcome) override;
  Status Hold(const ClaimedRetraction& claim, const Outcome& why) override;
  Status Postpone(const ClaimedRetraction& claim, Time due, std::string_view why,
                  Obstacle obstacle) override;
  Status LimitWaits(Time now, milliseconds longest_wait, milliseconds lease) override;
  Result<std::optional<Time>> NextDue() override;

  Result<Asked> RetractByHand(const ByHand& asked, Action action, Time now) override;
  Result<Asked> UndoByHand(const ByHand& asked, Time now) override;

  Holding& holding() override { return *this; }
  Jobs& jobs() override { return *this; }

  void UseLimits(LimitsByTenant limits) override;
  TenantLimits LimitsOf(std::string_view tenant) override;
  Result<std::vector<BreakerRow>> Breakers(const std::string& tenant, Time now) override;
  Result<std::int64_t> ReleaseBreaker(const std::string& tenant, const Actor& who,
                                      const std::string& reason, Time now) override;
  Result<std::int64_t> DiscardBreaker(const std::string& tenant, const Actor& who,
                                      const std::string& reason, Time now) override;
  Result<std::vector<HeldRow>> ListHeld(const HeldQuery& query) override;
  Result<HeldStory> ShowHeld(std::int64_t retraction) override;
  Result<std::int64_t> RetractHeld(std::int64_t retraction, Action action, const Actor& who,
                                   const std::string& reason, Time now) override;
  Status LeaveHeld(std::int64_t retraction, const Actor& who, const std::string& reason) override;

  Result<JobPreview> PreviewJob(const JobWanted& wanted, Time now) override;
  Result<JobRow> ApproveJob(const JobStep& step, Time now) override;
  Result<JobRow> StartJob(const JobStep& step, Time now) override;
  Result<JobRow> PauseJob(const JobStep& step, Time now) override;
  Result<JobRow> ResumeJob(const JobStep& step, Time now) override;
  Result<JobRow> CancelJob(const JobStep& step, Time now) override;
  Result<JobRow> ShowJob(std::int64_t job, Time now) override;
  Result<std::vector<JobRow>> ListJobs(const std::string& tenant, std::int64_t before, int limit,
                                       Time now) override;
  Result<std::vector<JobMailbox>> JobMailboxes(std::int64_t job, std::int64_t after,
                                               int limit) override;

  Result<std::vector<TraceRow>> Search(const TraceQuery& query) override;
  Result<TraceStory> Story(std::int64_t trace_id) override;
  Result<LedgerCounts> Counts() override;
  Result<RegionAccount> Regions(const RegionQuery& query) override;
  Result<FlowCounts> Flow(std::string_view tenant, Time since) override;
  Status ForgetFlow(Time before) override;

  Status AppendAudit(const AuditNote& note) override;
  Result<std::vector<AuditEntry>> FindAudit(const AuditQuery& query) override;
  Result<AuditCheck> CheckAudit() override;

  Result<std::int64_t> NewestChange() override;
  Result<ChangePage> Changes(const ChangeQuery& query) override;

  Result<Settings> CurrentSettings() override;
  Status ChangeSettings(const Settings& next, const AuditNote& note) override;

  Status KeepConsent(const Digest& state, const AskedConsent& asked, Time now) override;
  Result<AskedConsent> TakeConsent(const Digest& state, Time now) override;

  Status KeepTenure(Time ends) override;

  Result<PruneStep> Prune(const PruneCursor& from, Time before, std::size_t most) override;

 private:
  // How every change that a person can ask for ends: the note goes in with it, the
  // anchor follows. writing_ is held.
  Status CommitAudited(Transaction& transaction, const AuditNote& note);
  Status End(const ClaimedRetraction& claim, RetractionState state, const Outcome& outcome);
  Result<PruneStep> PruneMessages(const PruneCursor& from, Time before, std::size_t most);
  Result<OldMessages> OldMessagesFrom(const PruneCursor& from, Time before, std::size_t most);
  Result<Intended> Braked(Transaction& transaction, const ClaimedRetraction& claim,
                          const std::string& tripped);
  // The steps of a preview: each takes the locks that it needs.
  Result<std::int64_t> OpenDraft(const JobWanted& wanted, Time now);
  Status DropDraft(std::int64_t draft);
  Status ListWanted(const JobWanted& wanted, std::int64_t job, JobPreview* preview);
  Status ListMatching(const JobWanted& wanted, std::int64_t job, JobPreview* preview);
  template <typename Each, typename Add>
  Status AddByPages(const std::vector<Each>& all, Add add);
  Result<JobRow> Freeze(std::int64_t id, Time now);
  // One audited change of a job; change is called in the transaction.
  template <typename Do>
  Result<JobRow> StepJob(const JobStep& step, std::string_view what, Time now, Do change);
  // Ends what the tripped breaker of a tenant holds, one way or the other.
  Result<std::int64_t> SettleBreaker(std::string_view what, const std::string& tenant,
                                     const Actor& who, const std::string& reason, Time now);

  const FileDescriptor lock_;
  const std::string anchor_;                  // path of audit.head
  std::mutex writing_, reading_, following_;  // one for each connection; never two
  Database writer_, reader_, changes_;
  std::mutex pruning_;  // one pass at a time; before the others
  HalfPruned half_pruned_;
  std::mutex limiting_;
  LimitsByTenant limits_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_SQLITE_LEDGER_H_
