// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/answers_jobs.h"

#include <boost/json.hpp>

#include "retract/ledger/jobs.h"
#include "retract/sidecar/known_tenant.h"
#include "retract/sidecar/protocol_fields.h"

namespace clawback {
namespace {

namespace json = boost::json;

json::object Counts(const std::map<std::string, std::int64_t>& counts) {
  json::object out;
  for (const auto& [name, count] : counts) out[name] = count;
  return out;
}

json::object Fields(const JobRow& job) {
  json::object out{{"id", job.id},
                   {"task", ToString(job.task)},
                   {"action", ToString(job.action)},
                   {"state", ToString(job.state)},
                   {"made", FormatTime(job.made)},
                   {"expires", FormatTime(job.expires)},
                   {"messages", job.messages},
                   {"mailboxes", job.mailboxes},
                   {"dispositions", Counts(job.dispositions)},
                   {"digest", job.digest},
                   {"needs_approval", job.needs_approval},
                   {"begun", job.begun},
                   {"under_way", job.under_way},
                   {"held", job.held},
                   {"outcomes", Counts(job.outcomes)}};
  PutText(&out, "tenant", job.tenant);
  PutText(&out, "asked_by", ToString(job.asked_by));
  PutText(&out, "reason", job.reason);
  if (job.approved_by) {
    PutText(&out, "approved_by", ToString(*job.approved_by));
    PutText(&out, "approval_reason", job.approval_reason);
  }
  if (job.started) out["started"] = FormatTime(*job.started);
  if (job.ended) out["ended"] = FormatTime(*job.ended);
  return out;
}

json::object Fields(const JobMailbox& mailbox) {
  json::object out{{"number", mailbox.number}, {"trace", mailbox.trace}, {"note", mailbox.note}};
  PutBytes(&out, "message_id", mailbox.message_id);
  PutBytes(&out, "recipient", mailbox.recipient);
  if (mailbox.retraction) out["retraction"] = json::parse(ToJson(*mailbox.retraction));
  return out;
}

std::string ToText(const JobPreview& preview) {
  json::array examples;
  for (const LeftOut& one : preview.examples) {
    json::object fields;
    PutText(&fields, "what", one.what);
    PutText(&fields, "why", one.why);
    examples.push_back(std::move(fields));
  }
  return json::serialize(json::object{{"job", Fields(preview.job)},
                                      {"left_out", preview.left_out},
                                      {"examples", std::move(examples)}});
}

void ReadActed(const JsonReader& in, ActedQuery* acted) {
  in.Text("tenant", &acted->tenant);
  in.Text("finding", &acted->finding);
  if (in.Has("disposition")) {
    in.Named("disposition", &acted->disposition.emplace(), DispositionFrom);
  }
  ReadTime(in, "since", &acted->since);
  ReadTime(in, "until", &acted->until);
  const bool judged = !acted->finding.empty() || acted->disposition;
  if (!judged || !acted->since) in.Fault("since", "expected it, with finding or disposition");
  const bool empty = acted->since && acted->until && *acted->until <= *acted->since;
  if (empty) in.Fault("until", "expected a time after since");
}

Status ReadIds(const json::object& arguments, std::vector<std::int64_t>* ids) {
  const json::value* list = arguments.if_contains("ids");
  if (list == nullptr) return {};
  const Error wrong{ErrorKind::kInvalid, "ids: expected whole numbers"};
  if (!list->is_array()) return wrong;
  for (const json::value& id : list->get_array()) {
    if (!id.is_int64()) return wrong;
    ids->push_back(id.get_int64());
  }
  return {};
}

Result<JobWanted> ReadWanted(const std::string& text) {
  const auto unknown =
      UnknownField(text, {"task", "action", "recipient", "recipient_hex", "reason", "job", "more",
                          "ids", "tenant", "message_ids", "matching", "undo_of", "acted"});
  if (unknown) return Error{ErrorKind::kInvalid, *unknown + ": no such argument"};
  JobWanted wanted;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    Require(in, {"task", "reason"});
    in.Named("task", &wanted.task, TaskFrom);
    if (in.Has("action")) in.Named("action", &wanted.action, ActionFrom);
    in.Bytes("recipient", &wanted.recipient);
    in.Text("reason", &wanted.reason);
    in.Integer("job", &wanted.draft);
    in.Bool("more", &wanted.more);
    in.Text("tenant", &wanted.tenant);
    in.Texts("message_ids", &wanted.message_ids);
    in.Integer("undo_of", &wanted.undo_of);
    in.Object("acted", [&](const JsonReader& acted) { ReadActed(acted, &wanted.acted.emplace()); });
  });
  if (!read) return read.error();
  const json::object arguments = json::parse(text).as_object();
  if (Status ids = ReadIds(arguments, &wanted.ids); !ids) return ids.error();
  const json::value* matching = arguments.if_contains("matching");
  if (matching == nullptr) return wanted;
  auto query = TraceQueryFromJson(json::serialize(*matching));
  if (!query) return Within("matching", query.error());
  wanted.matching = *std::move(query);
  return wanted;
}

// Why the tenant's cloud cannot do what job is about; nullopt where it can.
std::optional<std::string> WhyNotInItsCloud(const JobRow& job, const AnswerSources& sources) {
  if (job.action != Action::kHardDelete || sources.settings == nullptr) return std::nullopt;
  const auto tenant = sources.settings->Find(job.tenant);
  return tenant ? WhyNoHardDelete(tenant->graph.cloud) : std::nullopt;
}

Result<std::string> Preview(const std::string& text, const Actor& who,
                            const AnswerSources& sources) {
  auto wanted = ReadWanted(text);
  if (!wanted) return wanted.error();
  wanted->who = who;
  for (const std::string& tenant :
       {wanted->tenant, wanted->matching ? wanted->matching->tenant : "",
        wanted->acted ? wanted->acted->tenant : ""}) {
    const Status known = CheckTenantKnown(tenant, sources.settings, sources.ledger);
    if (!known) return known.error();
  }
  Jobs& jobs = sources.ledger.jobs();
  const auto preview = jobs.PreviewJob(*wanted, SystemClock().Now());
  if (!preview) return preview.error();
  if (const auto why = WhyNotInItsCloud(preview->job, sources)) {
    // What can never be carried out must not stand there to be approved.
    const auto over = jobs.CancelJob({preview->job.id, who, *why}, SystemClock().Now());
    return over ? Error{ErrorKind::kRefused, *why} : over.error();
  }
  return ToText(*preview);
}

// nullptr: not a step of a job.
using StepOfJob = Result<JobRow> (Jobs::*)(const JobStep&, Time);
StepOfJob StepOf(std::string_view operation) {
  if (operation == kJobApprove) return &Jobs::ApproveJob;
  if (operation == kJobStart) return &Jobs::StartJob;
  if (operation == kJobPause) return &Jobs::PauseJob;
  if (operation == kJobResume) return &Jobs::ResumeJob;
  if (operation == kJobCancel) return &Jobs::CancelJob;
  return nullptr;
}

Result<std::string> Step(const ProtocolRequest& request, const Actor& who,
                         const AnswerSources& sources) {
  const bool wants_digest = request.operation == kJobApprove || request.operation == kJobStart;
  if (const auto unknown = UnknownField(request.arguments, {"job", "reason", "digest"})) {
    return Error{ErrorKind::kInvalid, *unknown + ": no such argument"};
  }
  JobStep step;
  step.who = who;
  const Status read = ReadJson(request.arguments, [&](const JsonReader& in) {
    Require(in, {"job", "reason"});
    if (wants_digest) Require(in, {"digest"});
    in.Integer("job", &step.job);
    in.Text("reason", &step.reason);
    in.Text("digest", &step.digest);
  });
  if (!read) return read.error();
  Jobs& jobs = sources.ledger.jobs();
  const auto job = (jobs.*StepOf(request.operation))(step, SystemClock().Now());
  if (!job) return job.error();
  sources.armed();
  return json::serialize(Fields(*job));
}

struct JobQuery {
  std::int64_t job = 0, before = 0, after = 0;
  std::string tenant;
  int limit = 50;
};
Result<JobQuery> ReadQuery(const std::string& text, std::initializer_list<std::string_view> known,
                           std::initializer_list<std::string_view> required) {
  if (const auto unknown = UnknownField(text, known)) {
    return Error{ErrorKind::kInvalid, *unknown + ": no such argument"};
  }
  JobQuery query;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    Require(in, required);
    in.Integer("job", &query.job);
    in.Integer("before", &query.before);
    in.Integer("after", &query.after);
    in.Text("tenant", &query.tenant);
    in.Integer("limit", &query.limit);
    if (query.limit < 1 || query.limit > 1000) in.Fault("limit", "expected 1 to 1000");
  });
  if (!read) return read.error();
  return query;
}

template <typename Row>
std::string RowsOf(const std::vector<Row>& rows) {
  json::array out;
  for (const Row& row : rows) out.push_back(Fields(row));
  return json::serialize(json::object{{"rows", std::move(out)}});
}

Result<std::string> List(const std::string& text, const AnswerSources& sources) {
  const auto query = ReadQuery(text, {"tenant", "before", "limit"}, {});
  if (!query) return query.error();
  const Status known = CheckTenantKnown(query->tenant, sources.settings, sources.ledger);
  if (!known) return known.error();
  Jobs& jobs = sources.ledger.jobs();
  const auto rows = jobs.ListJobs(query->tenant, query->before, query->limit, SystemClock().Now());
  if (!rows) return rows.error();
  return RowsOf(*rows);
}

Result<std::string> Show(const std::string& text, Jobs& jobs) {
  const auto query = ReadQuery(text, {"job"}, {"job"});
  if (!query) return query.error();
  const auto job = jobs.ShowJob(query->job, SystemClock().Now());
  if (!job) return job.error();
  return json::serialize(Fields(*job));
}

Result<std::string> Mailboxes(const std::string& text, Jobs& jobs) {
  const auto query = ReadQuery(text, {"job", "after", "limit"}, {"job"});
  if (!query) return query.error();
  const auto rows = jobs.JobMailboxes(query->job, query->after, query->limit);
  if (!rows) return rows.error();
  return RowsOf(*rows);
}

}  // namespace

std::optional<Result<std::string>> JobResult(const ProtocolRequest& request, const Actor& who,
                                             const AnswerSources& sources) {
  const std::string& operation = request.operation;
  const std::string& arguments = request.arguments;
  Jobs& jobs = sources.ledger.jobs();
  if (operation == kJobPreview) return Preview(arguments, who, sources);
  if (operation == kJobList) return List(arguments, sources);
  if (operation == kJobShow) return Show(arguments, jobs);
  if (operation == kJobMailboxes) return Mailboxes(arguments, jobs);
  if (StepOf(operation) != nullptr) return Step(request, who, sources);
  return std::nullopt;
}

}  // namespace clawback
