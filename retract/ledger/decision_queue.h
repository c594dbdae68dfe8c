// SPDX-License-Identifier: Apache-2.0
// The durable hand-off between the milter, which alone writes it, and the sidecar,
// which follows it. The one door of the milter into retract/.
#ifndef CLAWBACK_RETRACT_LEDGER_DECISION_QUEUE_H_
#define CLAWBACK_RETRACT_LEDGER_DECISION_QUEUE_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/ledger/decision_record.h"
#include "retract/ledger/flow.h"

namespace clawback {

enum class Committed {
  kNew,     // on stable storage now
  kRepeat,  // the same report was already there: nothing was written
};

// The milter's end. Safe from any thread; Commit may wait for the disk.
class DecisionQueue {
 public:
  virtual ~DecisionQueue() = default;
  // Returns only when the record would survive a power cut, together with whatever
  // other sessions committed meanwhile (one sync for all). An error means that the
  // record may or may not be there: answer 451, the repeat finds out.
  virtual Result<Committed> Commit(const DecisionRecord& record) = 0;
  // Whether that report was committed within the window that is remembered.
  virtual Result<bool> Has(const Digest& report_digest) = 0;
  // One strike more against a report that no judge survives; answers how many it
  // has now. Durable like a commit.
  virtual Result<int> Strike(const Digest& report_digest, Time at) = 0;
  // Keeps raw bytes of a report that could not be used, under the cap: true if
  // kept, false if the cap left only the record. Durable before it returns.
  virtual Result<bool> Park(const Digest& report_digest, std::string_view bytes, Time at) = 0;
  // The same for the bytes of a detection that its tenant wants to be kept: they have a cap
  // and a time of their own.
  virtual Result<bool> KeepBody(const Digest& report_digest, std::string_view bytes, Time at) = 0;
  // Counts an event that leaves no record. Never waits: counts reach the disk with the next
  // commit or by themselves, every count_every; a crash loses those of that time. However
  // many events there are, they stay few rows.
  virtual void Count(FlowKey event, Time at) = 0;
};

// Where a follower stands: everything up to and including this row is in the
// ledger. Segments are ordered by name.
struct SegmentPosition {
  std::string segment;  // file name without folder; empty: before everything
  std::int64_t sequence = 0;
  bool operator==(const SegmentPosition&) const = default;
};

struct FollowedRecord {
  SegmentPosition position;
  DecisionRecord record;
};

struct FollowedCount {
  SegmentPosition position;
  FlowKey key;
  FlowCount counted;
};

// The sidecar's end. One thread at a time.
class DecisionSource {
 public:
  virtual ~DecisionSource() = default;
  // At most limit records after position, in order; empty when there is no more now.
  // A row that cannot be read ends the answer before it; where it is the first after
  // position it is kInvalid and names segment and row.
  virtual Result<std::vector<FollowedRecord>> ReadAfter(const SegmentPosition& position,
                                                        std::size_t limit) = 0;
  // Where the next row after position stands, readable or not: the way past a row
  // that ReadAfter calls kInvalid. kNotFound: there is no more now.
  virtual Result<SegmentPosition> NextAfter(const SegmentPosition& position) = 0;
  // The same for counts, which have an order and a position of their own. Those of a kind
  // that is not known, as a later release may write, are passed by.
  virtual Result<std::vector<FollowedCount>> CountsAfter(const SegmentPosition& position,
                                                         std::size_t limit) = 0;
  // Returns early when something new may be there.
  virtual void Wait(std::chrono::milliseconds at_most) = 0;
};

struct SegmentOptions {
  std::string folder;  // 2750, made if absent; kRefused when it is looser
  std::int64_t parked_bytes = 1LL << 30;
  std::chrono::milliseconds parked_for = std::chrono::hours(24 * 14);
  std::int64_t bodies_bytes = 4LL << 30;
  std::chrono::milliseconds bodies_for = std::chrono::hours(24 * 30);
  // How long repeats are recognised and strikes remembered.
  std::chrono::milliseconds remember = std::chrono::hours(48);
  std::chrono::milliseconds keep = std::chrono::hours(24 * 14);
  // Where the sidecar says how far it has come (FollowedMarkBeside). Empty, absent
  // or unreadable: nothing is passed, no segment is dropped.
  std::string followed_mark;
  // The longest that Commit and Strike wait for the disk before they answer
  // kTransient; the entry itself is still written when the disk comes back.
  std::chrono::milliseconds commit_within = std::chrono::seconds(15);
  std::chrono::milliseconds count_every = std::chrono::seconds(5);
};

// Segments: one SQLite file a UTC day (decisions-YYYYMMDD.db), WAL with
// synchronous=FULL, no index but its own order. The writer of a folder holds a lock
// on it; a second writer is kRefused.
// Drops the segments older than options.keep (never younger than options.remember)
// that the followed mark says are passed. clock must outlive the queue.
Result<std::unique_ptr<DecisionQueue>> OpenSegmentWriter(SegmentOptions options,
                                                         const Clock& clock);

// Reads a folder that another process writes; group read permission is enough. The
// folder may be made later: until then ReadAfter is kNotFound.
Result<std::unique_ptr<DecisionSource>> OpenSegmentFollower(const std::string& folder);

// The followed mark is a file that the sidecar writes and the milter reads. The
// sidecar may not write where the segments are, nor the milter read where the
// ledger is, so it stands beside the sidecar's socket, which both know from
// clawback.yaml. It may be lost with /run: until it is written again nothing is
// dropped. A wrong mark can at worst drop segments that are older than keep.
std::string FollowedMarkBeside(const std::string& sidecar_socket);
// Replaced whole. For the sidecar, after an Ingest; once a minute is often enough.
Status WriteFollowedMark(const std::string& path, const SegmentPosition& position);
// kNotFound where there is none, kInvalid where it says nothing sensible.
Result<SegmentPosition> ReadFollowedMark(const std::string& path);

// In memory, for tests: the same contract but for durability.
std::unique_ptr<DecisionQueue> MakeMemoryDecisionQueue();

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_DECISION_QUEUE_H_
