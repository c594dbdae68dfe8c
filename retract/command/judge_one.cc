// SPDX-License-Identifier: Apache-2.0
#include "retract/command/judge_one.h"

#include <utility>

#include "policy/lists/list_shelf.h"
#include "policy/relay.h"
#include "retract/command/classify_input.h"
#include "retract/command/sidecar_access.h"

namespace clawback {
namespace {

// Longer than a judge's own limits: only those speak.
constexpr std::chrono::milliseconds kWait{60'000};

// As --model says, else the relay's own; empty: the shipped one.
std::string ModelFile(const Options& options) {
  if (const auto file = options.Value("--model")) return *file;
  const RelayFile relay = ReadRelayFile(options.ValueOr("--config", kDefaultConfig));
  return relay.faults.empty() ? relay.config.judge.model : std::string();
}

Result<std::unique_ptr<JudgePool>> StartPool(const Options& options) {
  const auto given = options.Value("--judge");
  Result<std::string> judge = given ? Result<std::string>(*given) : FindJudgeProgram();
  if (!judge) return judge.error();
  std::string model;
  if (const std::string file = ModelFile(options); !file.empty()) {
    Result<std::string> read = ReadModelFile(file);
    if (!read) return read.error();
    model = std::move(*read);
  }
  return JudgePool::Start(
      {.program = std::move(*judge), .workers = 1, .limits = {}, .model = std::move(model)});
}

}  // namespace

JudgeRequest RequestFor(const Tenant& tenant) {
  JudgeRequest request{.tenant = tenant.Profile()};
  request.lists = ListShelf().Stock(TenantDirectory({tenant})).tenants().front().judge_lists;
  return request;
}

Result<JudgedFile> JudgeOne(const std::string& file, const JudgeRequest& request,
                            const Options& options) {
  const Result<ReportBytes> bytes = ReadReportFile(file);
  if (!bytes) return Within(file, bytes.error());
  const Result<std::string_view> view = bytes->View();
  if (!view) return Within(file, view.error());
  const Result<std::unique_ptr<JudgePool>> pool = StartPool(options);
  if (!pool) return pool.error();
  Result<Judgement> judgement = (*pool)->Judge(*bytes, request, kWait);
  if (!judgement) return Within(file, judgement.error());
  return JudgedFile{{JudgedWithOf(request), std::move(*judgement)}, Sha256Of(*view)};
}

}  // namespace clawback
