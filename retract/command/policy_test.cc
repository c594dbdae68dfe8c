// SPDX-License-Identifier: Apache-2.0
// clawback policy test: which list or rule wins for a message, recipient by recipient.
// The decision is Decide's, the milter's own; nothing is recorded and nothing done.
#include <fmt/format.h>

#include <ostream>
#include <utility>

#include "policy/config_checks.h"
#include "policy/decide.h"
#include "policy/lists/list_index.h"
#include "policy/verdict_rules.h"
#include "retract/command/classify_output.h"
#include "retract/command/command.h"
#include "retract/command/engine_options.h"
#include "retract/command/explanation.h"
#include "retract/command/json_text.h"
#include "retract/command/judge_one.h"
#include "retract/command/page.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/tenant_in_force.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr OptionSpec kOptions[] = {
    kTenantOption,
    kTenantFileOption,
    {"--recipient", "ADDRESS", "decide for this recipient; needed where FILE is no report"},
    {"--from", "ENVELOPE", "the envelope sender; else the one that the report names"},
    {"--proven", "", "the report's channel met the tenant's demands: believe Exchange's stamps"},
    kModelOption,
    kClamdOption,
    kRspamdOption,
    {"--json", "", "one JSON object"},
    kJudgeOption,
    kSocketOption,
    kConfigOption};

// One list that names somebody of this message, whether it wins or not.
struct Naming {
  ListName list;
  std::string whom, entry;
};

// What a list of things made the judge find in the message.
struct Listed {
  std::string_view list;
  std::string place, evidence;
};

struct Tested {
  TenantInForce in_force;
  std::string relay;                   // whose model and list files it was judged with
  std::vector<std::string> not_asked;  // engines that the relay asks
  Judgement judgement;
  bool assumed = false;  // FILE is no report: decided as if a sound one had brought it
  Decision decision{};
  std::vector<Naming> namings{};

  const Tenant& tenant() const { return in_force.tenant; }
};

// A plain message is decided as if it came in a report that met every demand.
void AssumeReport(Tested* tested) {
  tested->assumed = true;
  tested->judgement.report.kind = ReportKind::kJournalReport;
  Demands& demands = tested->in_force.tenant.demands;
  demands.originator_org = "";
  demands.tenant_id_mark = demands.processed_tenant = demands.organization_id = false;
}

std::vector<Naming> NamingsOf(const Tested& tested) {
  std::vector<std::string> people = {tested.judgement.sender.address,
                                     tested.judgement.report.sender};
  if (people[0] == people[1]) people.pop_back();
  const std::size_t senders = people.size();
  for (const RecipientDecision& decided : tested.decision.recipients) {
    people.push_back(decided.address);
  }
  std::vector<Naming> namings;
  for (const ListName list : kAllLists) {
    // Of what stands in the message, see ListedIn: its sender's domain is none of it.
    if (list == ListName::kBlockedHosts || list == ListName::kBlockedHashes) continue;
    const bool of_mailboxes =
        list == ListName::kExemptRecipients || list == ListName::kProtectedPeople;
    const std::size_t first = of_mailboxes ? senders : 0;
    const std::size_t end = of_mailboxes ? people.size() : senders;
    for (std::size_t i = first; i < end; ++i) {
      const std::string* entry = tested.tenant().EntryFor(list, people[i]);
      if (entry != nullptr) namings.push_back({list, people[i], *entry});
    }
  }
  return namings;
}

std::vector<Listed> ListedIn(const Judgement& judgement) {
  constexpr std::pair<std::string_view, ListKind> kReasons[] = {
      {"blocked-host", ListKind::kBlockedHosts},
      {"blocked-hash", ListKind::kBlockedHashes},
      {"new-domain-sender", ListKind::kNewDomains},
      {"new-domain-link", ListKind::kNewDomains}};
  std::vector<Listed> all;
  for (const Finding& finding : judgement.verdict.findings) {
    for (const auto& [reason, kind] : kReasons) {
      if (finding.reason != reason) continue;
      all.push_back({ToString(kind), finding.place, finding.evidence});
    }
  }
  return all;
}

Result<Tested> Test(const std::string& file, const Options& options) {
  Result<TenantInForce> in_force = TenantOf(options);
  if (!in_force) return in_force.error();
  Result<RelaysOwn> relay = RelaysOwnOf(options);
  if (!relay) return relay.error();
  Result<JudgeRequest> request = RequestFor(in_force->tenant, relay->list_files);
  if (!request) return request.error();
  if (options.Has("--proven")) request->trust = ChannelTrust::kProven;
  Result<JudgedFile> judged = JudgeOne(file, *request, options);
  if (!judged) return judged.error();
  Tested tested{.in_force = std::move(*in_force),
                .relay = std::move(relay->from),
                .not_asked = EnginesNotAsked(*relay, options),
                .judgement = std::move(judged->judged.judgement)};
  JournalReport& report = tested.judgement.report;
  const auto recipient = options.Value("--recipient");
  if (report.kind == ReportKind::kMessage && !recipient) {
    return Error{ErrorKind::kInvalid,
                 file + ": a message, no journal report: --recipient ADDRESS says whose mailbox"};
  }
  if (report.kind == ReportKind::kMessage) AssumeReport(&tested);
  if (const auto from = options.Value("--from")) report.sender = *from;
  if (recipient) report.recipients = {{RecipientType::kRecipient, *recipient, {}, ""}};
  tested.decision = Decide(tested.tenant(), tested.judgement);
  tested.namings = NamingsOf(tested);
  return tested;
}

// What would come of it in the mailbox; the breaker is not asked.
std::string_view Effect(const Tested& tested, const RecipientDecision& decided) {
  if (decided.action == Action::kNone) return "left alone";
  if (tested.tenant().mode == Mode::kObserve) return "recorded only: the tenant observes";
  if (tested.tenant().Names(ListName::kProtectedPeople, decided.address)) {
    return "held for a person: the recipient is protected";
  }
  return "retracted";
}

std::string_view Remark(const Tested& tested, const Naming& naming) {
  if (naming.list != ListName::kTrustedSenders) return "";
  if (naming.whom != tested.judgement.sender.address) return ", which counts for a From only";
  return tested.judgement.sender.authenticated ? ", authenticated"
                                               : ", not authenticated: does not count";
}

json::object Fields(const Tested& tested) {
  boost::system::error_code error;
  const Verdict& verdict = tested.judgement.verdict;
  json::object out;
  PutText(&out, "tenant", tested.tenant().name);
  out["live"] = tested.in_force.live;
  PutText(&out, "settings_from", tested.in_force.settings_from);
  PutText(&out, "relay", tested.relay);
  if (!tested.not_asked.empty()) out["not_asked"] = TextsToJson(tested.not_asked);
  out["assumed_report"] = tested.assumed;
  out["disposition"] = ToString(ToldDisposition(tested.judgement));
  out["score"] = verdict.score;
  out["rule"] = RuleThatHeld(RulesOver(verdict.findings, verdict.thresholds)).name;
  PutBytes(&out, "sender", tested.judgement.sender.address);
  out["authenticated"] = tested.judgement.sender.authenticated;
  PutBytes(&out, "envelope", tested.judgement.report.sender);
  json::object decision = json::parse(ToJson(tested.decision), error).as_object();
  json::array& recipients = decision["recipients"].as_array();
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    recipients[i].as_object()["effect"] = Effect(tested, tested.decision.recipients[i]);
  }
  out["decision"] = std::move(decision);
  json::array& namings = out["lists"].emplace_array();
  for (const Naming& naming : tested.namings) {
    json::object entry{{"list", ToString(naming.list)}};
    PutBytes(&entry, "names", naming.whom);
    PutText(&entry, "entry", naming.entry);
    namings.push_back(std::move(entry));
  }
  json::array& listed = out["listed"].emplace_array();
  for (const Listed& each : ListedIn(tested.judgement)) {
    json::object entry{{"list", each.list}};
    PutText(&entry, "place", each.place);
    PutText(&entry, "evidence", each.evidence);
    listed.push_back(std::move(entry));
  }
  return out;
}

void PrintRecipients(const Tested& tested, Page* page) {
  page->Heading(fmt::format("Decision: {}", ToString(tested.decision.handling)));
  page->Line("because", tested.decision.reason);
  page->Line("mode", ToString(tested.decision.mode));
  page->Line("settings", tested.decision.settings_version);
  page->Line("of", tested.in_force.settings_from);
  page->Line("relay's own", tested.relay);
  page->Line("not asked", NotAskedInWords(tested.not_asked));
  page->List(tested.decision.recipients, [&](const RecipientDecision& decided) {
    page->Item(decided.address + ": " + InWords(decided));
    page->Detail(Effect(tested, decided));
  });
}

void Print(const Tested& tested, std::string_view file, std::ostream& out) {
  Page page(out);
  const Judgement& judgement = tested.judgement;
  const Disposition told = ToldDisposition(judgement);
  page.Item(fmt::format("{}: {}, score {:.2f}", file, ToString(told), judgement.verdict.score));
  page.Line("rule",
            RuleThatHeld(RulesOver(judgement.verdict.findings, judgement.verdict.thresholds)).name);
  page.Line("tenant", tested.tenant().name);
  page.Line("action",
            fmt::format("{} for {}", ToString(tested.tenant().actions.For(told)), ToString(told)));
  page.Line("from",
            fmt::format("{} ({})", judgement.sender.address,
                        judgement.sender.authenticated ? "authenticated" : "not authenticated"));
  page.Line("envelope", judgement.report.sender);
  if (tested.assumed) page.Line("assumed", "a journal report that meets the tenant's demands");
  PrintRecipients(tested, &page);
  page.Heading(fmt::format("Lists that name somebody: {}", tested.namings.size()));
  page.List(tested.namings, [&](const Naming& naming) {
    page.Item(fmt::format("{} names {} ({}){}", ToString(naming.list), naming.whom, naming.entry,
                          Remark(tested, naming)));
  });
  const std::vector<Listed> listed = ListedIn(judgement);
  page.Heading(fmt::format("Lists that name something in it: {}", listed.size()));
  page.List(listed, [&](const Listed& each) {
    page.Item(fmt::format("{} at {}", each.list, each.place));
    page.Detail(each.evidence);
  });
}

int Run(const Options& options, const Terminal& terminal) {
  const auto& operands = options.operands();
  if (operands.size() != 2 || operands.front() != "test") {
    return Misused(terminal, "policy", "expected: test FILE");
  }
  if (options.Has("--tenant") == options.Has("--tenant-file")) {
    return Misused(terminal, "policy", "one of --tenant NAME and --tenant-file FILE is needed");
  }
  for (const std::string_view name : {"--recipient", "--from"}) {
    const auto address = options.Value(name);
    const bool null_sender = name == "--from" && address == "<>";
    if (address && !null_sender && !IsAddress(*address)) {
      return Misused(terminal, "policy", std::string(name) + ": expected an address, local@domain");
    }
  }
  if (const auto engines = EnginesIn(options); !engines) {
    return Misused(terminal, "policy", engines.error().what);
  }
  const Result<Tested> tested = Test(operands.back(), options);
  if (!tested) return Fail(terminal, "policy", tested.error().what);
  if (options.Has("--json")) {
    terminal.out << JsonText(Fields(*tested)) << '\n';
  } else {
    Print(*tested, operands.back(), terminal.out);
  }
  return kExitDone;
}

constexpr std::string_view kAbout =
    "Judges FILE, a journal report or a message, and tells for each recipient what would be\n"
    "done and which list or rule says so, without doing or recording anything. A message is\n"
    "decided as if a report that meets the tenant's demands had brought it. The breaker is\n"
    "not asked: it counts retractions, and none is made. Without a running sidecar the\n"
    "files alone say what the tenant wants; the answer says so.\n";

}  // namespace

const Subcommand kPolicyCommand = {"policy", "test FILE", "tells which list or rule wins",
                                   kAbout,   kOptions,    Run};

}  // namespace clawback
