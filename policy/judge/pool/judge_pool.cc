// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/judge_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "policy/base/log.h"
#include "policy/judge/pool/worker_process.h"
#include "policy/judge/pool/worker_roster.h"

namespace clawback {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct JudgePool::State {
  State(const JudgePoolOptions& options, int workers, std::optional<ReportBytes> model_bytes)
      : limits(options.limits),
        model(std::move(model_bytes)),
        roster({options.program, model ? model->fd() : -1}, workers) {}

  const JudgeLimits limits;
  const std::optional<ReportBytes> model;  // judges that start later get it too
  std::atomic<std::uint64_t> judged{0}, died{0}, killed{0};
  WorkerRoster roster;

  Result<WorkerProcess> TakeLivingWorker(Deadline give_up);
  void Release(WorkerProcess worker, ExchangeEnd end);
  Error Bury(WorkerProcess worker, ExchangeEnd end, milliseconds had);
};

namespace {

int WorkersOr(int asked) {
  if (asked > 0) return asked;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Result<std::optional<ReportBytes>> ModelInMemory(const std::string& model) {
  if (model.empty()) return std::optional<ReportBytes>();
  if (Result<LinearModel> opened = LinearModel::Open(model); !opened) return opened.error();
  ReportBytes bytes;
  if (Status added = bytes.Append(model); !added) return added.error();
  if (Status sealed = bytes.Seal(ReportBytes::Place::kFile); !sealed) return sealed.error();
  return std::optional<ReportBytes>(std::move(bytes));
}

Status CheckRequest(const ReportBytes& bytes, const JudgeRequest& request,
                    const std::string& json) {
  const auto shared = [](const JudgeLists& lists) { return lists.memory != nullptr; };
  if (!bytes.sealed()) return Error{ErrorKind::kInvalid, "judge: the bytes are not sealed"};
  if (json.size() > kMaxRequestBytes) {
    return Error{ErrorKind::kInvalid, fmt::format("judge: request of {} bytes, at most {}",
                                                  json.size(), kMaxRequestBytes)};
  }
  if (request.lists.size() > kMostJudgeLists ||
      !std::all_of(request.lists.begin(), request.lists.end(), shared)) {
    return Error{ErrorKind::kInvalid,
                 fmt::format("judge: {} lists, expected at most {}, all in shared memory",
                             request.lists.size(), kMostJudgeLists)};
  }
  return {};
}

bool IsSentAlong(const ReportBytes& bytes) { return bytes.fd() < 0; }

// The report's first, where it has one, then those of the lists.
std::vector<int> DescriptorsFor(const ReportBytes& bytes, const JudgeRequest& request) {
  std::vector<int> descriptors;
  if (!IsSentAlong(bytes)) descriptors.push_back(bytes.fd());
  for (const JudgeLists& lists : request.lists) descriptors.push_back(lists.memory->fd());
  return descriptors;
}

RequestHeader HeaderFor(const ReportBytes& bytes, const JudgeRequest& request,
                        std::string_view json, const JudgeLimits& limits) {
  RequestHeader header;
  for (const JudgeLists& lists : request.lists) {
    header.list_bytes[header.lists] = lists.memory->size();
    header.list_ids[header.lists++] = lists.index.id();
  }
  header.json_bytes = static_cast<std::uint32_t>(json.size());
  header.message_bytes = bytes.size();
  header.flags = IsSentAlong(bytes) ? kReportFollows : kReportInFile;
  header.memory_beyond = limits.memory_beyond_message;
  header.cpu_ms = static_cast<std::uint32_t>(limits.cpu.count());
  return header;
}

bool IsAnswer(ExchangeEnd end) {
  return end == ExchangeEnd::kAnswered || end == ExchangeEnd::kLast;
}

// Why a judge that we ended ourselves had to go.
std::string Describe(ExchangeEnd end, milliseconds had) {
  switch (end) {
    case ExchangeEnd::kTooLate:
      return fmt::format("judge killed: no answer within {} ms", had.count());
    case ExchangeEnd::kTooLarge:
      return fmt::format("judge killed: answer over {} MiB", kMaxAnswerBytes >> 20U);
    default:
      return "judge killed: its answer is not of the protocol";
  }
}

}  // namespace

Result<std::unique_ptr<JudgePool>> JudgePool::Start(const JudgePoolOptions& options) {
  Result<std::optional<ReportBytes>> model = ModelInMemory(options.model);
  if (!model) return model.error();
  auto state = std::make_unique<State>(options, WorkersOr(options.workers), std::move(*model));
  if (Status opened = state->roster.Open(); !opened) return opened.error();
  return std::unique_ptr<JudgePool>(new JudgePool(std::move(state)));
}

JudgePool::JudgePool(std::unique_ptr<State> state) : state_(std::move(state)) {}
JudgePool::~JudgePool() = default;

Result<Judgement> JudgePool::Judge(const ReportBytes& bytes, const JudgeRequest& request,
                                   milliseconds wait) {
  const Deadline give_up = steady_clock::now() + wait;
  const std::string json = ToJson(request);
  if (Status fits = CheckRequest(bytes, request, json); !fits) return fits.error();
  const Result<std::string_view> along =
      IsSentAlong(bytes) ? bytes.View() : Result<std::string_view>(std::string_view());
  if (!along) return along.error();
  Result<WorkerProcess> worker = state_->TakeLivingWorker(give_up);
  if (!worker) return worker.error();

  const Deadline begun = steady_clock::now();
  const Deadline deadline = std::min(give_up, begun + state_->limits.wall);
  const Exchange exchange = worker->Ask(HeaderFor(bytes, request, json, state_->limits), json,
                                        *along, DescriptorsFor(bytes, request), deadline);
  if (IsAnswer(exchange.end)) {
    if (Result<Judgement> judgement = JudgementFromJson(exchange.json)) {
      state_->Release(std::move(*worker), exchange.end);
      return judgement;
    }
  }
  const auto had = std::chrono::duration_cast<milliseconds>(deadline - begun);
  const Error error = state_->Bury(std::move(*worker), exchange.end, had);
  // A judge that got little of the caller's time because others were before it says
  // nothing about this report.
  if (exchange.end == ExchangeEnd::kTooLate && deadline == give_up && had < wait / 2) {
    return Error{ErrorKind::kTransient, "no judge was free early enough"};
  }
  return error;
}

// A judge may have ended since its last answer; that is not this report's fault.
Result<WorkerProcess> JudgePool::State::TakeLivingWorker(Deadline give_up) {
  while (true) {
    Result<WorkerProcess> worker = roster.Take(give_up);
    if (!worker || worker->Waits()) return worker;
    const std::string why = Describe(worker->End(), limits);
    Log(Severity::kWarning, "judge-ended-idle", {{"why", why}});
    ++died;
    roster.Lost(WorkerRoster::Loss::kIdle);
  }
}

void JudgePool::State::Release(WorkerProcess worker, ExchangeEnd end) {
  ++judged;
  if (end == ExchangeEnd::kAnswered) {
    roster.GiveBack(std::move(worker));
    return;
  }
  worker.End();
  roster.Lost(WorkerRoster::Loss::kInService);
}

// Ends a judge that did not answer, and says whose doing that was.
Error JudgePool::State::Bury(WorkerProcess worker, ExchangeEnd end, milliseconds had) {
  const ProcessEnd ended = worker.End();
  roster.Lost(WorkerRoster::Loss::kInService);
  const bool by_itself = end == ExchangeEnd::kGone;
  ++(by_itself && !IsLimit(ended) ? died : killed);
  return {ErrorKind::kRefused, by_itself ? Describe(ended, limits) : Describe(end, had)};
}

JudgePool::Counts JudgePool::counts() const {
  return {state_->judged, state_->died, state_->killed, state_->roster.restarted()};
}

}  // namespace clawback
