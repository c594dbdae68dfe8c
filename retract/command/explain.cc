// SPDX-License-Identifier: Apache-2.0
// clawback explain: why a message got its disposition, and whether judging it again says
// the same.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ostream>
#include <utility>

#include "policy/relay.h"
#include "retract/command/command.h"
#include "retract/command/engine_options.h"
#include "retract/command/explanation.h"
#include "retract/command/json_text.h"
#include "retract/command/judge_one.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/tenant_in_force.h"

namespace clawback {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--against", "FILE", "judge the report's bytes again and compare; with an ID"},
    kTenantFileOption,
    kTenantOption,
    {"--proven", "",
     "of a report in a FILE: its channel met the tenant's demands; believe Exchange's stamps"},
    kModelOption,
    kClamdOption,
    kRspamdOption,
    {"--json", "", "one JSON object"},
    kJudgeOption,
    kSocketOption,
    kConfigOption};

std::optional<std::int64_t> IdOf(std::string_view text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id < 1) return std::nullopt;
  return id;
}

bool NamesTenant(const Options& options) {
  return options.Has("--tenant-file") || options.Has("--tenant");
}

// What the judge is asked, and where in it the tenant's settings and what is the relay's own
// come from, in words; settings_from is empty where there is no tenant.
struct Asking {
  JudgeRequest request;
  std::string settings_from, relay;
  std::vector<std::string> not_asked;  // engines
};

Result<Asking> AskingOf(const Result<TenantInForce>& tenant, ChannelTrust trust,
                        const Options& options) {
  const Result<RelaysOwn> relay = RelaysOwnOf(options);
  if (!relay) return relay.error();
  Result<JudgeRequest> request = RequestFor(tenant ? tenant->tenant : Tenant{}, relay->list_files);
  if (!request) return request.error();
  request->trust = trust;
  return Asking{std::move(*request), tenant ? tenant->settings_from : "", relay->from,
                EnginesNotAsked(*relay, options)};
}

Result<Asking> AskingOf(const Options& options, ChannelTrust trust) {
  const Result<TenantInForce> tenant = TenantOf(options);
  if (!tenant && NamesTenant(options)) return tenant.error();
  return AskingOf(tenant, trust, options);
}

Result<Explanation> OfFile(const std::string& file, const Options& options) {
  const ChannelTrust trust =
      options.Has("--proven") ? ChannelTrust::kProven : ChannelTrust::kUnproven;
  const Result<Asking> asking = AskingOf(options, trust);
  if (!asking) return asking.error();
  Result<JudgedFile> judged = JudgeOne(file, asking->request, options);
  if (!judged) return judged.error();
  Explanation explanation;
  explanation.of = file;
  explanation.settings_from = asking->settings_from;
  explanation.relay = asking->relay;
  explanation.not_asked = asking->not_asked;
  explanation.judgement = std::move(judged->judged.judgement);
  explanation.with = std::move(judged->judged.with);
  return explanation;
}

// The tenant that the options name, else the recorded one, as it is now: where it changed
// since, the request's digest says so.
Result<Asking> AskingAgain(const DecisionRecord& record, const Options& options) {
  const ChannelTrust trust = record.judged_with->trust;
  if (NamesTenant(options)) return AskingOf(options, trust);
  return AskingOf(TenantNamed(record.tenant, options), trust, options);
}

Result<Replay> ReplayAgainst(const std::string& file, const DecisionRecord& record,
                             const Options& options) {
  if (!record.judged_with) {
    return Error{ErrorKind::kRefused,
                 "recorded by a release that did not keep what it judged with, or no judge"
                 " answered: nothing can be compared"};
  }
  const Result<Asking> asking = AskingAgain(record, options);
  if (!asking) return asking.error();
  Result<JudgedFile> again = JudgeOne(file, asking->request, options);
  if (!again) return again.error();
  // What other scanners said then is an input: none of them is asked again.
  Verdict& verdict = again->judged.judgement.verdict;
  verdict = WithEngines(std::move(verdict), record.judgement.engines);
  return Replay{file,
                asking->settings_from,
                asking->relay,
                again->digest == record.report_digest,
                InputsThatDiffer({*record.judged_with, record.judgement}, again->judged),
                AnswersThatDiffer(record.judgement.verdict, again->judged.judgement.verdict)};
}

// Judges the kept body again where there is one; whoever only asks why gets an answer also
// where that cannot be done.
void ReplayBody(const DecisionRecord& record, const Options& options, Explanation* explanation) {
  if (!record.body_kept || !record.judged_with) return;
  const RelayFile relay = ReadRelayFile(options.ValueOr("--config", kDefaultConfig));
  if (!relay.faults.empty()) {
    explanation->body = "kept; where is not known: " + ToString(relay.faults.front());
    return;
  }
  const std::string file = BodyFile(relay.config.milter, record.report_digest);
  if (::access(file.c_str(), R_OK) != 0) {
    explanation->body = "was kept; not there any more, or not for you to read: " + file;
    return;
  }
  Result<Replay> replay = ReplayAgainst(file, record, options);
  explanation->body = replay ? "kept" : "kept; not judged again: " + replay.error().what;
  if (replay) explanation->replay = std::move(*replay);
}

Result<Explanation> OfTrace(std::int64_t id, const Options& options) {
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return sidecar.error();
  Result<TraceStory> story = sidecar->Story(id);
  if (!story) return story.error();
  Explanation explanation;
  if (const auto against = options.Value("--against")) {
    Result<Replay> replay = ReplayAgainst(*against, story->record, options);
    if (!replay) return replay.error();
    explanation.replay = std::move(*replay);
  } else {
    ReplayBody(story->record, options, &explanation);
  }
  explanation.of = "trace " + std::to_string(id);
  explanation.judgement = std::move(story->record.judgement);
  explanation.with = std::move(story->record.judged_with);
  explanation.decision = std::move(story->record.decision);
  return explanation;
}

int Run(const Options& options, const Terminal& terminal) {
  if (options.operands().size() != 1) return Misused(terminal, "explain", "one ID or FILE");
  const std::string& operand = options.operands().front();
  const auto id = IdOf(operand);
  if (!id && options.Has("--against")) {
    return Misused(terminal, "explain", "--against compares with what a trace ID recorded");
  }
  if (id && options.Has("--proven")) {
    return Misused(terminal, "explain", "--proven is for a FILE; of an ID it is recorded");
  }
  const Result<EnginesSettings> engines = EnginesIn(options);
  if (!engines) return Misused(terminal, "explain", engines.error().what);
  if (id && (engines->clamd || engines->rspamd)) {
    return Misused(terminal, "explain",
                   "--clamd and --rspamd are for a FILE; of an ID what they said is recorded");
  }
  if (options.Has("--tenant") && options.Has("--tenant-file")) {
    return Misused(terminal, "explain", "--tenant and --tenant-file exclude each other");
  }
  const Result<Explanation> explanation = id ? OfTrace(*id, options) : OfFile(operand, options);
  if (!explanation) return Fail(terminal, "explain", explanation.error().what);
  if (options.Has("--json")) {
    terminal.out << JsonText(Fields(*explanation)) << '\n';
  } else {
    PrintExplanation(*explanation, terminal.out);
  }
  return explanation->replay && !explanation->replay->Same() ? kExitFailed : kExitDone;
}

constexpr std::string_view kAbout =
    "Of a message in the trace (ID as clawback trace shows it) or of a FILE: the rule that\n"
    "gave the disposition, each finding with weight and evidence, what did not suffice for\n"
    "worse and by how much, the lists that won, and the versions. A file whose name is a\n"
    "number is written ./17. --against FILE judges that report's bytes again with the\n"
    "recorded trust and the tenant given (else the recorded one), and names what differs;\n"
    "exit status 1 if the answer or the bytes do. A body that is kept (keep_bodies) is\n"
    "judged again without asking.\n";

}  // namespace

const Subcommand kExplainCommand = {"explain", "ID|FILE", "tells why a message got its disposition",
                                    kAbout,    kOptions,  Run};

}  // namespace clawback
