// SPDX-License-Identifier: Apache-2.0
#include "retract/command/judge_one.h"

#include <utility>

#include "milter/engine/engines.h"
#include "policy/engine_answer.h"
#include "policy/lists/list_shelf.h"
#include "policy/relay.h"
#include "retract/command/classify_input.h"
#include "retract/command/engine_options.h"
#include "retract/command/sidecar_access.h"

namespace clawback {
namespace {

// Longer than a judge's own limits: only those speak.
constexpr std::chrono::milliseconds kWait{60'000};

// As --model says, else the relay's own; empty: the shipped one.
Result<std::string> ModelFile(const Options& options) {
  if (const auto file = options.Value("--model")) return *file;
  Result<RelaysOwn> own = RelaysOwnOf(options);
  if (!own) return own.error();
  return std::move(own->model);
}

Result<std::unique_ptr<JudgePool>> StartPool(const Options& options) {
  const auto given = options.Value("--judge");
  Result<std::string> judge = given ? Result<std::string>(*given) : FindJudgeProgram();
  if (!judge) return judge.error();
  const Result<std::string> file = ModelFile(options);
  if (!file) return file.error();
  std::string model;
  if (!file->empty()) {
    Result<std::string> read = ReadModelFile(*file);
    if (!read) return read.error();
    model = std::move(*read);
  }
  return JudgePool::Start(
      {.program = std::move(*judge), .workers = 1, .limits = {}, .model = std::move(model)});
}

// What is asked of it, beside where it is, is the relay's own.
void AskAs(const std::optional<EngineSettings>& relays, std::optional<EngineSettings>* engine) {
  if (!relays || !*engine) return;
  (*engine)->required = relays->required;
  (*engine)->settings_id = relays->settings_id;
}

Result<EnginesSettings> EnginesAsked(const Options& options) {
  Result<EnginesSettings> engines = EnginesIn(options);
  if (!engines) return engines;
  const Result<RelaysOwn> relay = RelaysOwnOf(options);
  if (!relay) return relay.error();
  AskAs(relay->engines.clamd, &engines->clamd);
  AskAs(relay->engines.rspamd, &engines->rspamd);
  return engines;
}

}  // namespace

Result<RelaysOwn> RelaysOwnOf(const Options& options) {
  Result<RelayConfig> relay = RelayOf(options);
  if (relay) {
    return RelaysOwn{std::move(relay->judge.model), std::move(relay->list_files),
                     std::move(relay->engines), options.ValueOr("--config", kDefaultConfig)};
  }
  if (options.Has("--config")) return relay.error();
  return RelaysOwn{"", {}, {}, "none (" + relay.error().what + ")"};
}

std::vector<std::string> EnginesNotAsked(const RelaysOwn& relay, const Options& options) {
  std::vector<std::string> names;
  if (relay.engines.clamd && !options.Has(kClamdOption.name)) names.emplace_back(kClamd);
  if (relay.engines.rspamd && !options.Has(kRspamdOption.name)) names.emplace_back(kRspamd);
  return names;
}

Result<JudgeRequest> RequestFor(const Tenant& tenant, const ListFiles& relays) {
  Result<std::vector<JudgeLists>> lists = ReadLists(tenant, relays);
  if (!lists) return lists.error();
  return JudgeRequest{.tenant = tenant.Profile(), .lists = std::move(*lists)};
}

Result<JudgedFile> JudgeOne(const std::string& file, const JudgeRequest& request,
                            const Options& options) {
  const Result<ReportBytes> bytes = ReadReportFile(file);
  if (!bytes) return Within(file, bytes.error());
  const Result<std::string_view> view = bytes->View();
  if (!view) return Within(file, view.error());
  const Result<EnginesSettings> engines = EnginesAsked(options);
  if (!engines) return engines.error();
  const Result<std::unique_ptr<JudgePool>> pool = StartPool(options);
  if (!pool) return pool.error();
  Result<Judgement> judgement = (*pool)->Judge(*bytes, request, kWait);
  if (!judgement) return Within(file, judgement.error());
  Engines::Make(*engines)->Consult(*view, kWait, &*judgement);
  return JudgedFile{{JudgedWithOf(request), std::move(*judgement)}, Sha256Of(*view)};
}

}  // namespace clawback
