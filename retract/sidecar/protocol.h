// SPDX-License-Identifier: Apache-2.0
// The protocol of the sidecar's Unix socket, version 1: what the command (and the
// console) may ask. One JSON object a line each way; docs/api.md describes it. The
// peer's uid is taken from the kernel and recorded, never from the request.
#ifndef CLAWBACK_RETRACT_SIDECAR_PROTOCOL_H_
#define CLAWBACK_RETRACT_SIDECAR_PROTOCOL_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/c_handle.h"
#include "policy/base/result.h"
#include "retract/ledger/ledger.h"

namespace clawback {

inline constexpr int kProtocolVersion = 1;
inline constexpr std::size_t kMaxProtocolLine = 64UL << 20;  // an answer
inline constexpr std::size_t kMaxRequestLine = 64UL << 10;

// The operations of version 1.
inline constexpr std::string_view kHello = "hello";
inline constexpr std::string_view kTraceSearch = "trace.search";
inline constexpr std::string_view kTraceStory = "trace.story";
inline constexpr std::string_view kStatus = "status";
inline constexpr std::string_view kAuditList = "audit.list";
inline constexpr std::string_view kAuditVerify = "audit.verify";
inline constexpr std::string_view kTenantList = "tenant.list";
inline constexpr std::string_view kTenantShow = "tenant.show";
inline constexpr std::string_view kTenantSettings = "tenant.settings";
inline constexpr std::string_view kTenantFlow = "tenant.flow";
inline constexpr std::string_view kTenantSet = "tenant.set";
inline constexpr std::string_view kTenantReload = "tenant.reload";
inline constexpr std::string_view kTenantStatus = "tenant.status";
inline constexpr std::string_view kConsentBegin = "tenant.consent-begin";
inline constexpr std::string_view kConsentEnd = "tenant.consent-end";
inline constexpr std::string_view kListAdd = "tenant.list-add";
inline constexpr std::string_view kListRemove = "tenant.list-remove";
inline constexpr std::string_view kPersonAdd = "tenant.person-add";
inline constexpr std::string_view kPersonRemove = "tenant.person-remove";
inline constexpr std::string_view kBrandAdd = "tenant.brand-add";
inline constexpr std::string_view kBrandRemove = "tenant.brand-remove";
inline constexpr std::string_view kAddressList = "address.list";
inline constexpr std::string_view kAddressAdd = "address.add";
inline constexpr std::string_view kAddressRotate = "address.rotate";
inline constexpr std::string_view kAddressRetire = "address.retire";
inline constexpr std::string_view kRegionReport = "region.report";
inline constexpr std::string_view kRetractByHand = "retract";
inline constexpr std::string_view kUndoByHand = "undo";
inline constexpr std::string_view kBreakerShow = "breaker.show";
inline constexpr std::string_view kBreakerRelease = "breaker.release";
inline constexpr std::string_view kBreakerDiscard = "breaker.discard";
inline constexpr std::string_view kHeldList = "held.list";
inline constexpr std::string_view kHeldShow = "held.show";
inline constexpr std::string_view kHeldRetract = "held.retract";
inline constexpr std::string_view kHeldLeave = "held.leave";
inline constexpr std::string_view kJobPreview = "job.preview";
inline constexpr std::string_view kJobApprove = "job.approve";
inline constexpr std::string_view kJobStart = "job.start";
inline constexpr std::string_view kJobPause = "job.pause";
inline constexpr std::string_view kJobResume = "job.resume";
inline constexpr std::string_view kJobCancel = "job.cancel";
inline constexpr std::string_view kJobShow = "job.show";
inline constexpr std::string_view kJobList = "job.list";
inline constexpr std::string_view kJobMailboxes = "job.mailboxes";
inline constexpr std::string_view kSubscribe = "subscribe";

// A tenant whose breaker has tripped, and what waits for a person because of it.
struct TrippedBreaker {
  std::string tenant, why;
  Time at{};
  std::int64_t held = 0;
};

// What one engine did for the reports of the last day.
struct EngineActivity {
  std::string engine;
  std::int64_t answered = 0, refused = 0, unavailable = 0;
  Time last_answered{}, last_unavailable{};  // 0: never
};

// How far the ledger is pruned of what is older than the retention.
struct PruneProgress {
  milliseconds retention{0};    // 0: of an earlier release, nothing is pruned
  std::int64_t messages = 0;    // pruned since the sidecar started
  std::int64_t needed = 0;      // of the last whole pass: older ones that stay
  std::int64_t unreadable = 0;  // of the last whole pass: older ones that cannot be pruned
  Time passed{};                // the last whole pass ended; 0: none yet
};

struct SidecarStatus {
  std::string relay, region, version;
  LedgerCounts counts;
  SegmentPosition followed_to;
  std::string last_error;
  std::vector<TrippedBreaker> tripped{};
  std::vector<EngineActivity> engines{};
  PruneProgress pruned{};
};

std::string ToJson(const TraceQuery& query);
Result<TraceQuery> TraceQueryFromJson(std::string_view json);
std::string ToJson(const TraceRow& row);
Result<TraceRow> TraceRowFromJson(std::string_view json);
std::string ToJson(const RetractionRow& row);
Result<RetractionRow> RetractionRowFromJson(std::string_view json);
std::string ToJson(const TraceStory& story);
Result<TraceStory> TraceStoryFromJson(std::string_view json);
std::string ToJson(const SidecarStatus& status);
Result<SidecarStatus> SidecarStatusFromJson(std::string_view json);

// {"rows":[...]}, the answer to a search.
std::string ToJson(const std::vector<TraceRow>& rows);
Result<std::vector<TraceRow>> TraceRowsFromJson(std::string_view json);
// {"id":17}, what a story is asked by.
std::string StoryArguments(std::int64_t trace_id);
Result<std::int64_t> TraceIdFromArguments(std::string_view json);

// What a person asks for: ids are of trace rows, at most kMostByHand.
inline constexpr std::size_t kMostByHand = 200;
struct RetractRequest {
  std::vector<std::int64_t> ids;
  Action action = Action::kNone;
  std::string recipient;  // empty: all
  std::string reason;
};
struct UndoRequest {
  std::int64_t id = 0;
  std::string recipient;  // empty: all
  std::string reason;
};
std::string ToJson(const RetractRequest& request);
Result<RetractRequest> RetractRequestFromJson(std::string_view json);
std::string ToJson(const UndoRequest& request);
Result<UndoRequest> UndoRequestFromJson(std::string_view json);

// What became of each id.
struct RefusedByHand {
  std::int64_t id = 0;
  std::string what;
};
struct RetractAnswer {
  std::vector<std::int64_t> armed;  // retractions
  int under_way = 0;                // asked for before and not finished
  std::vector<RefusedByHand> refused;
};
std::string ToJson(const RetractAnswer& answer);
Result<RetractAnswer> RetractAnswerFromJson(std::string_view json);
std::string ToJson(const Asked& answer);
Result<Asked> AskedFromJson(std::string_view json);

// What a subscriber wants to be told.
struct SubscribeRequest {
  std::optional<std::int64_t> after;   // position; absent: from now on
  std::string tenant;                  // empty: of all, and of none
  std::vector<ChangeKind> kinds;       // empty: all
  std::optional<TraceQuery> matching;  // messages; limit, before and after do not count
};
std::string ToJson(const SubscribeRequest& request);
Result<SubscribeRequest> SubscribeRequestFromJson(std::string_view json);

// The answer to it, {"position":812,"heartbeat_ms":10000}, and the lines of the stream,
// without their line ends. audit: the JSON of the entry that an audit change tells of.
std::string SubscribedJson(std::int64_t position, milliseconds heartbeat);
std::string EventLine(const LedgerChange& change, std::string_view audit);
std::string HeartbeatLine(std::int64_t position);
std::string EndLine(std::string_view reason);

struct ProtocolEvent {
  std::int64_t position = 0;  // of an end: 0
  std::string kind;           // of a change, "heartbeat" or "end"; to be passed over if unknown
  std::string tenant;
  std::string reason;  // of an end, or why a change cannot be told
  std::optional<TraceRow> row;
  std::optional<RetractionRow> retraction;
  std::string json;  // the event as it came
};
Result<ProtocolEvent> ProtocolEventFromJson(std::string_view line);

// One line of the asking end, without its line end.
struct ProtocolRequest {
  int version = kProtocolVersion;
  std::string operation;
  std::string arguments = "{}";  // a JSON object
};
std::string ToJson(const ProtocolRequest& request);
Result<ProtocolRequest> ProtocolRequestFromJson(std::string_view line);

// One line of the answering end, without its line end: a result or an error.
std::string AnswerLine(std::string_view result_json);
std::string AnswerLine(const Error& error);
// The result's JSON, or the error that the sidecar answered.
Result<std::string> ReadAnswerLine(std::string_view line);

// The asking end. One call at a time. After an error that is not the sidecar's own
// answer (kTransient) connect anew.
class SidecarClient {
 public:
  // Connects and agrees on the protocol. kNotFound or kTransient: the sidecar does
  // not run; kRefused: no permission, or it speaks another version.
  static Result<SidecarClient> Connect(const std::string& socket_path);
  Result<std::vector<TraceRow>> Search(const TraceQuery& query);
  Result<TraceStory> Story(std::int64_t trace_id);
  Result<SidecarStatus> AskStatus();
  // Any operation; arguments and result are JSON objects as docs/api.md says.
  Result<std::string> Ask(std::string_view operation, std::string_view arguments_json);
  Result<RetractAnswer> Retract(const RetractRequest& request);
  Result<Asked> Undo(const UndoRequest& request);
  // Answers the position that the stream begins at; from then on only NextEvent. That
  // waits for the next line; one that says end is the last. kTransient: connect anew.
  Result<std::int64_t> Subscribe(const SubscribeRequest& request);
  Result<ProtocolEvent> NextEvent();

 private:
  explicit SidecarClient(FileDescriptor socket) : socket_(std::move(socket)) {}
  FileDescriptor socket_;
  std::string received_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_PROTOCOL_H_
