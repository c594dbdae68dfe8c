// SPDX-License-Identifier: Apache-2.0
#include "retract/command/explanation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "policy/base/text.h"
#include "policy/engine_answer_json.h"
#include "policy/verdict_rules.h"
#include "retract/command/classify_output.h"
#include "retract/command/page.h"

namespace clawback {
namespace {

namespace json = boost::json;

json::object Fields(const Rule& rule) {
  json::object out;
  out["rule"] = rule.name;
  out["disposition"] = ToString(rule.disposition);
  out["holds"] = rule.Holds();
  json::array& conditions = out["conditions"].emplace_array();
  for (const Condition& condition : rule.conditions) {
    conditions.push_back(json::object{{"measure", condition.measure},
                                      {"seen", condition.seen},
                                      {"needed", condition.needed},
                                      {"met", condition.Met()}});
  }
  return out;
}

json::object Fields(const Finding& finding) {
  json::object out;
  PutText(&out, "reason", finding.reason);
  out["indication"] = ToString(finding.indication);
  out["weight"] = finding.weight;
  PutText(&out, "evidence", finding.evidence);
  if (!finding.place.empty()) PutText(&out, "place", finding.place);
  return out;
}

void PutMessage(const Judgement& judgement, json::object* out) {
  PutBytes(out, "sender", judgement.sender.address);
  (*out)["authenticated"] = judgement.sender.authenticated;
  PutBytes(out, "envelope", judgement.report.sender);
  PutText(out, "subject", judgement.report.subject);
  PutBytes(out, "message_id", judgement.report.message_id);
}

json::array Texts(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(RepairUtf8(text));
  return out;
}

// The digests of the fingerprint's files among them, as they are looked up alike.
std::vector<std::string> FilesOf(const Judgement& judgement) {
  std::vector<std::string> files = judgement.fingerprint.attachments;
  files.insert(files.end(), judgement.hunt.files.begin(), judgement.hunt.files.end());
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

json::object HuntFields(const Judgement& judgement) {
  const HuntFeatures& hunt = judgement.hunt;
  json::object out;
  out["hosts"] = Texts(hunt.hosts);
  out["domains"] = Texts(hunt.domains);
  json::array& urls = out["urls"].emplace_array();
  for (const std::uint64_t url : hunt.urls) urls.emplace_back(fmt::format("{:016x}", url));
  out["files"] = Texts(FilesOf(judgement));
  PutText(&out, "subject_key", hunt.subject_key);
  out["more"] = hunt.more;
  return out;
}

void PutFrom(json::object* out, const std::string& settings_from, const std::string& relay) {
  if (!settings_from.empty()) PutText(out, "settings_from", settings_from);
  if (!relay.empty()) PutText(out, "relay", relay);
}

std::string Joined(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, ", "));
}

json::object Fields(const Replay& replay) {
  json::object out;
  PutBytes(&out, "file", replay.file);
  PutFrom(&out, replay.settings_from, replay.relay);
  out["same_bytes"] = replay.same_bytes;
  out["same"] = replay.Same();
  for (const auto& [key, differing] :
       {std::pair("inputs", &replay.inputs), std::pair("answers", &replay.answers)}) {
    json::array& list = out[key].emplace_array();
    for (const std::string& text : *differing) list.emplace_back(text);
  }
  return out;
}

json::object Versions(const Explanation& explanation) {
  json::object out;
  PutText(&out, "model", explanation.judgement.model);
  out["lists"] = Texts(explanation.judgement.lists);
  if (explanation.with) out["judged_with"] = JudgedWithToJson(*explanation.with);
  if (explanation.decision) PutText(&out, "settings", explanation.decision->settings_version);
  PutFrom(&out, explanation.settings_from, explanation.relay);
  if (!explanation.not_asked.empty()) out["not_asked"] = Texts(explanation.not_asked);
  return out;
}

// A report that is no journal report was told what it is before any rule was asked.
bool ByRule(const Judgement& judgement, const Rule& held) {
  return ToldDisposition(judgement) == held.disposition;
}

std::string Amount(const Condition& condition, double amount) {
  return condition.counts ? fmt::format("{:.0f}", amount) : fmt::format("{:.2f}", amount);
}

// What is short by so little that it would be shown as nothing is said to be.
std::string Shortfall(const Condition& condition) {
  const double missing = condition.needed - condition.seen;
  return missing < 0.005 ? "less than 0.01" : Amount(condition, missing);
}

std::string Reached(const Condition& condition) {
  std::string reached =
      fmt::format("{:<52} {} of {}", condition.measure, Amount(condition, condition.seen),
                  Amount(condition, condition.needed));
  if (condition.Met()) return reached;
  return reached + fmt::format(", {} short", Shortfall(condition));
}

void PrintMessage(const Judgement& judgement, Page* page) {
  const MessageSender& sender = judgement.sender;
  if (!sender.address.empty()) {
    page->Line("from", fmt::format("{} ({})", sender.address,
                                   sender.authenticated ? "authenticated" : "not authenticated"));
  }
  page->Line("envelope", judgement.report.sender);
  page->Line("subject", judgement.report.subject);
  page->Line("message id", judgement.report.message_id);
}

void PrintRules(const Judgement& judgement, Page* page) {
  const std::vector<Rule> rules =
      RulesOver(judgement.verdict.findings, judgement.verdict.thresholds);
  const Rule& held = RuleThatHeld(rules);
  if (ByRule(judgement, held)) {
    page->Heading(fmt::format("The rule that held: {}", held.name));
  } else {
    page->Heading(
        fmt::format("No rule of this release: what came is {}{}{}", ToString(judgement.report.kind),
                    judgement.report.problem.empty() ? "" : ", ", judgement.report.problem));
  }
  for (const Condition& condition : held.conditions) page->Item(Reached(condition));
  if (&held == &rules.front()) return;
  page->Heading("What did not suffice for worse");
  for (const Rule& rule : rules) {
    if (&rule == &held) break;
    page->Item(fmt::format("{} ({})", rule.name, ToString(rule.disposition)));
    for (const Condition& condition : rule.conditions) page->Detail(Reached(condition));
  }
}

void PrintDecision(const Decision& decision, Page* page) {
  page->Heading(fmt::format("Decision: {}", ToString(decision.handling)));
  page->Line("because", decision.reason);
  page->Line("mode", ToString(decision.mode));
  page->List(decision.recipients, [&](const RecipientDecision& recipient) {
    page->Item(recipient.address + ": " + InWords(recipient));
  });
}

// Whoever sends a message writes its stamps; only a report's are Exchange's own.
std::string_view ChannelInWords(const Explanation& explanation) {
  if (explanation.with->trust != ChannelTrust::kProven) {
    return "unproven: Exchange's stamps are not believed";
  }
  return explanation.judgement.report.kind == ReportKind::kJournalReport
             ? "proven: Exchange's stamps are believed"
             : "proven, but this is no journal report: Exchange's stamps are not believed";
}

void PrintVersions(const Explanation& explanation, Page* page) {
  page->Heading("Judged with");
  if (explanation.with) {
    page->Line("program", explanation.with->program);
    page->Line("channel", ChannelInWords(explanation));
    page->Line("request", explanation.with->request);
  }
  page->Line("learned model", explanation.judgement.model);
  page->Line("lists", Joined(explanation.judgement.lists));
  if (explanation.decision) page->Line("settings", explanation.decision->settings_version);
  page->Line("settings of", explanation.settings_from);
  page->Line("relay's own", explanation.relay);
  page->List(explanation.judgement.engines,
             [&](const EngineAnswer& answer) { page->Line(answer.engine, InWords(answer)); });
  page->Line("not asked", NotAskedInWords(explanation.not_asked));
  page->Line("body", explanation.body);
}

void PrintHunt(const Judgement& judgement, Page* page) {
  const HuntFeatures& hunt = judgement.hunt;
  if (hunt.empty()) return;
  page->Heading("Kept for hunts");
  page->Line("subject key", hunt.subject_key);
  page->List(hunt.hosts, [&](const std::string& host) { page->Line("host", host); });
  page->List(hunt.urls, [&](std::uint64_t url) { page->Line("url", fmt::format("{:016x}", url)); });
  page->List(FilesOf(judgement), [&](const std::string& file) { page->Line("file", file); });
  if (hunt.more) page->Line("and more", "than are kept of one message");
}

void PrintReplay(const Replay& replay, Page* page) {
  page->Heading(fmt::format("Judged again: {}", replay.Same() ? "the same answer" : "differs"));
  page->Line("file", replay.file);
  page->Line("settings of", replay.settings_from);
  page->Line("relay's own", replay.relay);
  page->Line("bytes", replay.same_bytes ? "those of the report that was recorded"
                                        : "not those of the report that was recorded");
  for (const std::string& text : replay.inputs) page->Item("differing input: " + text);
  for (const std::string& text : replay.answers) page->Item("differing answer: " + text);
}

}  // namespace

std::string NotAskedInWords(const std::vector<std::string>& engines) {
  if (engines.empty()) return "";
  return Joined(engines) + ", which the relay asks too (--clamd, --rspamd)";
}

std::string InWords(const RecipientDecision& recipient) {
  return fmt::format("{} ({}{}{})", ToString(recipient.action), recipient.reason,
                     recipient.entry.empty() ? "" : ": ", recipient.entry);
}

void PrintFindings(const std::vector<Finding>& findings, Page* page) {
  page->List(findings, [&](const Finding& finding) {
    page->Item(fmt::format("{} ({}, weight {:.2f})", finding.reason, ToString(finding.indication),
                           finding.weight));
    if (!finding.place.empty()) page->Detail("at " + finding.place);
    page->Detail(finding.evidence);
  });
}

json::object Fields(const Explanation& explanation) {
  const Verdict& verdict = explanation.judgement.verdict;
  const std::vector<Rule> rules = RulesOver(verdict.findings, verdict.thresholds);
  const Rule& held = RuleThatHeld(rules);
  json::object out;
  PutBytes(&out, "of", explanation.of);
  out["kind"] = ToString(explanation.judgement.report.kind);
  PutMessage(explanation.judgement, &out);
  out["disposition"] = ToString(ToldDisposition(explanation.judgement));
  out["score"] = verdict.score;
  out["rule"] = ByRule(explanation.judgement, held) ? json::value(held.name) : json::value(nullptr);
  json::array& tried = out["rules"].emplace_array();
  for (const Rule& rule : rules) tried.push_back(Fields(rule));
  json::array& findings = out["findings"].emplace_array();
  for (const Finding& finding : verdict.findings) findings.push_back(Fields(finding));
  if (explanation.decision) {
    boost::system::error_code error;
    out["decision"] = json::parse(ToJson(*explanation.decision), error);
  }
  if (!explanation.judgement.engines.empty()) {
    out["engines"] = EngineAnswersToJson(explanation.judgement.engines);
  }
  out["versions"] = Versions(explanation);
  if (!explanation.body.empty()) PutText(&out, "body", explanation.body);
  out["hunt"] = HuntFields(explanation.judgement);
  if (explanation.replay) out["replay"] = Fields(*explanation.replay);
  return out;
}

void PrintExplanation(const Explanation& explanation, std::ostream& out) {
  Page page(out);
  page.Item(fmt::format("{}: {}, score {:.2f}", explanation.of,
                        ToString(ToldDisposition(explanation.judgement)),
                        explanation.judgement.verdict.score));
  PrintMessage(explanation.judgement, &page);
  PrintRules(explanation.judgement, &page);
  const std::vector<Finding>& findings = explanation.judgement.verdict.findings;
  page.Heading(fmt::format("Findings: {}", findings.size()));
  PrintFindings(findings, &page);
  if (explanation.decision) PrintDecision(*explanation.decision, &page);
  PrintVersions(explanation, &page);
  PrintHunt(explanation.judgement, &page);
  if (explanation.replay) PrintReplay(*explanation.replay, &page);
}

}  // namespace clawback
