// SPDX-License-Identifier: Apache-2.0
// The ledger: the durable record of every retraction, its outcome and the trace of
// every report. Written by the sidecar alone. SQLite serves one relay; every
// implementation passes tests/contract/ledger_contract.
#ifndef CLAWBACK_RETRACT_LEDGER_LEDGER_H_
#define CLAWBACK_RETRACT_LEDGER_LEDGER_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "policy/decide.h"
#include "policy/settings.h"
#include "retract/ledger/audit.h"
#include "retract/ledger/decision_queue.h"

namespace clawback {

// What became of a retraction. The first three are not final.
enum class RetractionState {
  kArmed,    // due now or later
  kClaimed,  // a worker holds a lease on it
  kHeld,     // waits for a person
  kFinal,    // has an outcome
};
std::string_view ToString(RetractionState state);  // "armed", "claimed", ...
std::optional<RetractionState> RetractionStateFrom(std::string_view text);

// What is to be done in the mailbox.
enum class Task {
  kRetract,
  kUndo,  // put back what was retracted
};
std::string_view ToString(Task task);  // "retract", "undo"
std::optional<Task> TaskFrom(std::string_view text);

// Who wanted it.
enum class Origin {
  kAutomatic,  // a decision
  kByHand,     // a person
};
std::string_view ToString(Origin origin);  // "automatic", "by-hand"
std::optional<Origin> OriginFrom(std::string_view text);

enum class OutcomeKind {
  kMoved,           // by us, read back
  kAlreadyThere,    // stood in the destination or deeper before we came
  kWouldHaveMoved,  // observe mode: everything but the act
  kGone,            // was there, is not any more, not by us
  kNotFound,        // never seen within the time allowed
  kNotAMailbox,     // group, contact, guest, on-premises, unknown address
  kNotPermitted,    // Microsoft says 403
  kOnHold,          // a hold or retention keeps it where it is
  kMismatch,        // the copy is not the message reported
  kThrottledOut,    // given up while Microsoft still asked us to wait
  kFailed,          // final error, in words
  kUndone,          // put back where it came from, read back
  kElsewhere,       // not put back: somebody has moved it on since
  kBlocked,         // left alone: an undo keeps automatic work away from it
  kProtected,       // held: the mailbox is that of somebody on the list of protected people
  kBraked,          // held: the tenant's breaker has tripped
  kDiscarded,       // a person decided against it before it was done
};
std::string_view ToString(OutcomeKind kind);  // "moved", "already-there", ...
std::optional<OutcomeKind> OutcomeKindFrom(std::string_view text);

struct Outcome {
  OutcomeKind kind = OutcomeKind::kFailed;
  std::string detail;         // in words
  std::string mailbox_id;     // Entra object id
  std::string item_ids;       // immutable ids acted on, comma separated
  std::string folder_before;  // display path or well-known name of the first item
  std::string folder_before_id;
  std::string folder_after;
  std::string request_id;  // Microsoft's, of the act
  Time at{};
  // Immutable ids of what was moved or put back, whatever became of the rest; comma
  // separated. For the audit and for what can be undone; not read back.
  std::string moved_ids{};
  // The fingerprint, as JSON, of the copy that is in doubt: what a person compares. Not
  // read back with the rest: Holding shows it.
  std::string copy_print{};
};

// One retraction as a worker gets it.
struct ClaimedRetraction {
  std::int64_t id = 0;
  std::int64_t fence = 0;  // grows with every claim; a stale holder cannot write
  Task task = Task::kRetract;
  Origin origin = Origin::kAutomatic;
  std::string tenant;
  std::string recipient;
  Action action = Action::kNone;
  Mode mode = Mode::kObserve;
  std::string message_id;
  Fingerprint fingerprint;
  Time armed{};          // when it entered the ledger
  Time received{};       // end of message at the relay
  int attempts = 0;      // claims before this one
  int conflicts = 0;     // of those, how many another change was in the way of
  int failures = 0;      // attempts in a row, up to now, that an error ended which may pass
  std::int64_t job = 0;  // 0: of none
  // An item that a person took for the message, and what it was then: it needs no proof
  // while it is still that. Empty: there is none.
  std::string accepted_item{};
  std::optional<Fingerprint> accepted{};
};

// What kept a claim from its end, as far as that counts.
enum class Obstacle {
  kNone,      // nothing but that its time has not come: ends a row of failures
  kConflict,  // another change
  kFailure,   // an error that may pass
  kPause,     // the other side wants to be left alone: says nothing about failures
};

// What is about to be done to one item, recorded before it is done: a crash between
// act and outcome finds it again.
struct ActIntent {
  std::string mailbox_id;
  std::string item_id;  // immutable
  std::string from_folder_id;
  std::string from_folder;
  Time at{};
  Action action = Action::kNone;  // what is done to it: says where it was put
  bool shared = false;            // read back: only of another recipient of the same message
};

enum class Intended {
  kRecorded,
  kBlocked,  // an undo keeps automatic work away from this message in this mailbox
  kBraked,   // the tenant's breaker has tripped, with this one or before: hold it
};

// What a person asks to be done with one message, and why.
struct ByHand {
  std::int64_t trace_id = 0;
  std::string recipient;  // empty: every mailbox that the report names
  Actor who;              // the peer, as the kernel names it
  std::string reason;
};

// What became of the asking.
struct Asked {
  std::vector<std::int64_t> armed;  // retractions
  int under_way = 0;                // asked for before and not finished yet
  int called_off = 0;               // of an undo: automatic ones that had not begun
  std::string note;                 // what cannot be done, and what to do instead
};

// How the trace is searched; empty members do not restrict. Newest first.
// after: only rows newer than the one with this id.
struct TraceQuery {
  std::string tenant, message_id, sender, recipient, subject_part, report_digest;
  std::optional<Disposition> disposition;
  std::optional<Handling> handling;
  std::optional<Time> since, until;
  int limit = 50;           // 1 to 1000
  std::int64_t before = 0;  // id of the last row of the page before, 0: first page
  std::int64_t after = 0;
  // What messages have in common, of those that came since it is kept (policy/message/
  // hunt_features.h). host: of a link, or its organisational domain. url: an address of the
  // web, or its key in 16 hexadecimal digits. file: SHA-256 in hexadecimal. subject_key: also
  // a subject without letters beyond ASCII.
  std::string host{}, url{}, file{}, subject_key{};
  std::int64_t like = 0;  // a row: its text is this one's to at least a half; 0: any
  static constexpr std::size_t kMostAlike = 1000;  // of them, the newest
};

struct TraceRow {
  std::int64_t id = 0;
  Time received{};
  std::string tenant, relay, region, report_digest, message_id, sender, subject;
  Handling handling = Handling::kDecided;
  Disposition disposition = Disposition::kNone;
  double score = 0;
  std::string main_reason;  // of the heaviest finding
  int recipients = 0;
};

struct RetractionRow {
  std::int64_t id = 0;
  std::string recipient;
  Action action = Action::kNone;
  Mode mode = Mode::kObserve;
  RetractionState state = RetractionState::kArmed;
  int attempts = 0;
  Time due{};
  std::string last_error;  // why it waits, if it does
  std::optional<Outcome> outcome{};
  Task task = Task::kRetract;
  Origin origin = Origin::kAutomatic;
  std::string asked_by{}, reason{};  // of one by hand
  std::int64_t job = 0;              // 0: of none
  std::string held_for{};  // of what is held: "doubt", "protected", "breaker", "job" (paused)
};

// A message's whole story.
struct TraceStory {
  TraceRow row;
  DecisionRecord record;
  std::vector<RetractionRow> retractions;
};

// Where the reports of a stretch of time were handled, and whose regions those were.
struct RegionQuery {
  Time from{}, until{};  // from counts, until does not
  std::string tenant{};  // empty: all
};

// So many reports of one kind. policy: of the tenant when they came, "" where it was not
// recorded.
struct RegionCount {
  std::string tenant, relay, region, address_region, policy;
  RegionStanding standing = RegionStanding::kUnproven;
  std::int64_t reports = 0;
};

// A report that was handled where its tenant's rule does not allow it.
struct RegionViolation {
  std::int64_t trace_id = 0;
  Time received{};
  std::string tenant, relay, region, address_region, policy, report_digest, message_id;
};

struct RegionAccount {
  std::vector<RegionCount> counts;          // by tenant, region, relay, address's region
  std::vector<RegionViolation> violations;  // oldest first, the first kMostViolations
  Time pruned_until{};  // of what was received up to then there may have been more; 0: all is there
  static constexpr std::size_t kMostViolations = 1000;
};

struct LedgerCounts {
  std::int64_t reports = 0, armed = 0, claimed = 0, held = 0, final = 0;
};

// What subscribers are told of.
enum class ChangeKind {
  kRow,       // a report's row of the trace
  kOutcome,   // a retraction ended or is held; or a person settled what was held
  kSettings,  // a new version of the settings
  kAudit,     // an entry of the audit
};
std::string_view ToString(ChangeKind kind);  // "row", "outcome", "settings", "audit"
std::optional<ChangeKind> ChangeKindFrom(std::string_view text);

// A version of the settings: that it came, not what is in it.
struct SettingsChange {
  std::int64_t version = 0;
  Time at{};
  std::string who, why;
};

// What became of one retraction. Its state is that of the change, its outcome the
// newest.
struct OutcomeChange {
  RetractionRow retraction;
  std::optional<TraceRow> row;  // of the report that armed it
};

struct LedgerChange {
  std::int64_t position = 0;  // 1, 2, ...: visible in this order, none comes in between later
  ChangeKind kind = ChangeKind::kRow;
  std::string tenant;  // may be empty: of none
  // What changed; an Error where it is not there any more or cannot be read.
  std::variant<TraceRow, OutcomeChange, SettingsChange, AuditEntry, Error> what;
};

struct ChangeQuery {
  std::int64_t after = 0;           // position
  std::string tenant{};             // empty: of all, and of none
  std::vector<ChangeKind> kinds{};  // empty: all
};

// looked_to: everything up to there was looked at; ask on from it.
struct ChangePage {
  std::vector<LedgerChange> changes;
  std::int64_t looked_to = 0;
};

// An administrator's consent that somebody asked for; its one-use word ("state") is kept as
// a digest only.
struct AskedConsent {
  std::string tenant;
  Actor asker;
  Time ends{};
};
// More than people ask for in the life of one; the oldest goes first.
inline constexpr std::size_t kMostConsents = 200;

class Holding;       // retract/ledger/holding.h
class Jobs;          // retract/ledger/jobs.h
struct PruneCursor;  // retract/ledger/pruning.h
struct PruneStep;

// Whose mailboxes have as much work under way as they take, by tenant: the recipients as
// claims name them.
using BusyRecipients = std::map<std::string, std::vector<std::string>>;

// What is not to be claimed now, though it is due.
struct PassedOver {
  BusyRecipients recipients{};
  std::set<std::string> tenants{};  // which have all that they may have under way
};

// Safe from any thread.
class Ledger {
 public:
  virtual ~Ledger() = default;

  // The follower's side. Ingest is one transaction: traces, retractions and the new
  // position, or nothing. Ingesting the same records again changes nothing. A
  // retraction is one per (tenant, message id, network message id or fingerprint
  // key, recipient); actions other than none are armed, each once.
  virtual Result<SegmentPosition> FollowedTo(std::string_view relay) = 0;
  virtual Status Ingest(std::string_view relay, std::span<const FollowedRecord> records) = 0;

  // The same for counts: added to the flow with the new position, each once.
  virtual Result<SegmentPosition> CountsFollowedTo(std::string_view relay) = 0;
  virtual Status IngestCounts(std::string_view relay, std::span<const FollowedCount> counts) = 0;

  // The workers' side. Claim is fair: what is of no job goes first, then the jobs fill what
  // is left of limit. Tenants take turns: next is that of whoever has the least claimed at
  // the moment, then that which is due longest; so it is within one tenant. Of a tenant's
  // running jobs the one with the fewest mailboxes left to begin goes first. What is passed
  // over stays due.
  virtual Result<std::vector<ClaimedRetraction>> Claim(Time now, milliseconds lease,
                                                       std::size_t limit,
                                                       const PassedOver& passed_over) = 0;
  Result<std::vector<ClaimedRetraction>> Claim(Time now, milliseconds lease, std::size_t limit) {
    return Claim(now, lease, limit, {});
  }
  // kRefused when the claim's fence is stale: stop, another worker has it. The first
  // intent of an item says where it came from, until it has been put back. The first one of
  // an automatic retraction passes the tenant's breaker here, in the same transaction: of
  // workers side by side none gets past its bounds.
  virtual Result<Intended> RecordIntent(const ClaimedRetraction& claim,
                                        const ActIntent& intent) = 0;
  // Of a retraction: its own, and those of the same message's other retractions, for
  // two recipients may be one mailbox. Of an undo: what it is to put back.
  virtual Result<std::vector<ActIntent>> IntentsOf(std::int64_t retraction_id) = 0;
  virtual Status Finish(const ClaimedRetraction& claim, const Outcome& outcome) = 0;
  virtual Status Hold(const ClaimedRetraction& claim, const Outcome& why) = 0;
  virtual Status Postpone(const ClaimedRetraction& claim, Time due, std::string_view why,
                          Obstacle obstacle) = 0;
  // What is armed is due at longest_wait from now, and a lease ends at lease from now, unless
  // they come sooner: nobody waits for a clock that was set back to come there again.
  virtual Status LimitWaits(Time now, milliseconds longest_wait, milliseconds lease) = 0;
  // When the next armed retraction is due, or a lease ends; nullopt: none.
  virtual Result<std::optional<Time>> NextDue() = 0;

  // A person's side: each arms work for the workers, in one transaction with its note
  // in the audit of who asked and why. kNotFound: no such trace, or nothing to undo;
  // kRefused: not for this message, with what to do instead; kInvalid: wrong asking.
  //
  // One retraction for each recipient, in whatever mode the tenant is. An automatic
  // one that waits for a person ends with it: the person has come. kRefused for a
  // hard-delete, and above what one person may do in an hour: that takes a job.
  virtual Result<Asked> RetractByHand(const ByHand& asked, Action action, Time now) = 0;
  // One undo for each recipient whose copies were retracted. From now on, and for
  // ever, automatic work leaves (tenant, mailbox, Message-ID) alone.
  virtual Result<Asked> UndoByHand(const ByHand& asked, Time now) = 0;

  // What is held, by the breaker or for a person; and work in bulk.
  virtual Holding& holding() = 0;
  virtual Jobs& jobs() = 0;

  // Reading.
  virtual Result<std::vector<TraceRow>> Search(const TraceQuery& query) = 0;
  virtual Result<TraceStory> Story(std::int64_t trace_id) = 0;
  virtual Result<LedgerCounts> Counts() = 0;
  virtual Result<RegionAccount> Regions(const RegionQuery& query) = 0;
  // The flow of a tenant's reports by the hour: the hours from since on, and of each kind
  // and detail the newest, however old. An empty name: what is no tenant's.
  virtual Result<FlowCounts> Flow(std::string_view tenant, Time since) = 0;
  // Drops the hours before, but for the newest of each kind and detail.
  virtual Status ForgetFlow(Time before) = 0;

  // The audit. A change made through the ledger takes its note along and appends it in
  // its own transaction; this is for what changes nothing here.
  virtual Status AppendAudit(const AuditNote& note) = 0;
  virtual Result<std::vector<AuditEntry>> FindAudit(const AuditQuery& query) = 0;
  virtual Result<AuditCheck> CheckAudit() = 0;

  // What happened since a position, oldest first, in pages of bounded size; nothing new:
  // an empty page. Positions outlive a restart. The newest is 0 before the first.
  virtual Result<std::int64_t> NewestChange() = 0;
  virtual Result<ChangePage> Changes(const ChangeQuery& query) = 0;

  virtual Status KeepConsent(const Digest& state, const AskedConsent& asked, Time now) = 0;
  // Takes it out of use. kNotFound: never asked for, taken before, or ended.
  virtual Result<AskedConsent> TakeConsent(const Digest& state, Time now) = 0;

  // Stays the ledger's writer until then. kRefused: another process has taken over, and
  // all that is written here is refused from now on.
  virtual Status KeepTenure(Time ends) = 0;

  // One step of a pass over what is about messages received before and not needed any more,
  // in one transaction that takes away about so many rows at most, of whatever table
  // (retract/ledger/pruning.h). A pass is for one thread, and of one before.
  virtual Result<PruneStep> Prune(const PruneCursor& from, Time before, std::size_t most) = 0;

  // Settings that live; version 0 before the first change. next is the version after
  // the current one, else kTransient: somebody else was faster.
  virtual Result<Settings> CurrentSettings() = 0;
  virtual Status ChangeSettings(const Settings& next, const AuditNote& note) = 0;
};

// Opens or makes the ledger in folder (0700, its files 0600), migrating an older
// schema forward; kInvalid for a newer one, kRefused for looser modes, kConflict while
// another opener is its writer: one that ended is relieved at once, one that lives when it
// has not kept its tenure for that long.
inline constexpr milliseconds kTenure = std::chrono::seconds(10);
Result<std::unique_ptr<Ledger>> OpenSqliteLedger(const std::string& folder,
                                                 milliseconds tenure = kTenure);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_LEDGER_H_
