// SPDX-License-Identifier: Apache-2.0
#include "retract/command/undo_in_bulk.h"

#include <boost/json.hpp>
#include <ostream>

#include "retract/command/job_output.h"
#include "retract/command/job_request.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/trace_query.h"

namespace clawback {
namespace {

namespace json = boost::json;

// "acted" of docs/api.md.
Result<json::object> Acted(const Options& options) {
  const auto query = ReadTraceQuery(options, SystemClock().Now());
  if (!query) return query.error();
  if (!query->since) return Error{ErrorKind::kInvalid, "--since: from when on?"};
  json::object acted{{"since", FormatTime(*query->since)}};
  if (query->until) acted["until"] = FormatTime(*query->until);
  if (!query->tenant.empty()) acted["tenant"] = query->tenant;
  if (query->disposition) acted["disposition"] = ToString(*query->disposition);
  if (const auto finding = options.Value("--finding")) acted["finding"] = *finding;
  return acted;
}

Result<json::object> Wanted(const Options& options) {
  json::object wanted{{"task", "undo"}, {"reason", options.ValueOr("--reason", "")}};
  const auto job = options.Value("--job");
  const bool judged = options.Has("--finding") || options.Has("--disposition");
  if (job.has_value() == judged || !options.operands().empty() || options.Has("--recipient")) {
    return Error{ErrorKind::kInvalid,
                 "expected an ID, or --job, or --finding or --disposition with --since"};
  }
  if (job) {
    const auto id = RowId(*job);
    if (!id) return Error{ErrorKind::kInvalid, "--job: expected the ID of a job"};
    wanted["undo_of"] = *id;
    return wanted;
  }
  auto acted = Acted(options);
  if (!acted) return acted.error();
  wanted["acted"] = *std::move(acted);
  return wanted;
}

}  // namespace

bool IsInBulk(const Options& options) {
  return options.Has("--job") || options.Has("--finding") || options.Has("--disposition") ||
         options.Has("--since") || options.Has("--until");
}

int UndoInBulk(const Options& options, const Terminal& terminal) {
  const auto wanted = Wanted(options);
  if (!wanted) return Misused(terminal, "undo", wanted.error().what);
  auto sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "undo", sidecar.error().what);
  const auto preview = AskPreview(*sidecar, *wanted, "", {});
  if (!preview) return Fail(terminal, "undo", preview.error().what);
  const json::object& job = preview->at("job").as_object();
  if (!options.Has("--yes") || job.at("needs_approval").as_bool()) {
    PrintPreview(*preview, options, terminal);
    return options.Has("--yes") ? kExitFailed : kExitDone;
  }
  const json::object start{{"job", job.at("id")},
                           {"digest", job.at("digest")},
                           {"reason", options.ValueOr("--reason", "")}};
  const auto started = sidecar->Ask(kJobStart, json::serialize(start));
  if (!started) return Fail(terminal, "undo", started.error().what);
  PrintJob(json::parse(*started).as_object(), options, terminal);
  return kExitDone;
}

}  // namespace clawback
