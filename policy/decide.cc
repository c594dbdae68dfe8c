// SPDX-License-Identifier: Apache-2.0
#include "policy/decide.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "policy/base/names.h"
#include "policy/base/text.h"
#include "policy/json.h"

namespace clawback {
namespace {

constexpr Name<Handling> kHandlings[] = {{Handling::kDecided, "decided"},
                                         {Handling::kUnauthentic, "unauthentic"},
                                         {Handling::kMalformed, "malformed"},
                                         {Handling::kParked, "parked"},
                                         {Handling::kConnectorValidation, "connector-validation"},
                                         {Handling::kPlainMessage, "plain-message"},
                                         {Handling::kUndeliverableReport, "undeliverable-report"},
                                         {Handling::kUnsupported, "unsupported"}};

Decision Undecided(const Tenant& tenant, Handling handling, std::string reason) {
  Decision decision;
  decision.handling = handling;
  decision.reason = std::move(reason);
  decision.mode = tenant.mode;
  decision.settings_version = tenant.settings_version;
  return decision;
}

std::string ReasonOr(const std::string& problem, std::string_view otherwise) {
  return problem.empty() ? std::string(otherwise) : problem;
}

// Exchange's legacy form, "/o=First Organization/ou=.../cn=Recipients/cn=user".
bool IsDistinguishedName(std::string_view address) {
  return EqualIgnoringCase(address.substr(0, 3), "/o=") ||
         EqualIgnoringCase(address.substr(0, 3), "ex:");
}

// What is to be done with the message, before anybody asks in whose mailbox.
struct Chosen {
  Action action;
  std::string reason;
};

// A list is named only where it made a difference. Blocked goes before trusted; what is
// MALICIOUS is acted on whoever sent it, and trust is worth something only for a sender
// that Exchange itself authenticated.
Chosen Choose(const Tenant& tenant, const Judgement& judgement) {
  const Disposition disposition = judgement.verdict.disposition;
  const Action action = tenant.actions.For(disposition);
  const MessageSender& sender = judgement.sender;
  if (tenant.Names(ListName::kBlockedSenders, sender.address) ||
      tenant.Names(ListName::kBlockedSenders, judgement.report.sender)) {
    const Action blocked = std::max(action, tenant.actions.For(Disposition::kSpam));
    return {blocked, blocked == action ? "disposition" : "blocked-sender"};
  }
  const bool trusted = sender.authenticated && disposition != Disposition::kMalicious &&
                       tenant.Names(ListName::kTrustedSenders, sender.address);
  if (trusted && action != Action::kNone) return {Action::kNone, "trusted-sender"};
  return {action, "disposition"};
}

std::unordered_set<std::string> ExemptOf(const Tenant& tenant) {
  const auto list = tenant.lists.find(ListName::kExemptRecipients);
  if (list == tenant.lists.end()) return {};
  return {list->second.begin(), list->second.end()};
}

RecipientDecision DecideRecipient(const Tenant& tenant, const Chosen& chosen,
                                  const std::string& address) {
  if (IsDistinguishedName(address)) return {address, Action::kNone, "distinguished-name"};
  if (address.find('@') == std::string::npos) return {address, Action::kNone, "not-an-address"};
  if (!tenant.Accepts(address)) return {address, Action::kNone, "outside-accepted-domains"};
  return {address, chosen.action, chosen.reason};
}

// A report can carry 100,000 recipients, so no quadratic step.
std::vector<RecipientDecision> DecideRecipients(const Tenant& tenant, const Judgement& judgement) {
  const Chosen chosen = Choose(tenant, judgement);
  const std::unordered_set<std::string> exempt = ExemptOf(tenant);
  std::unordered_set<std::string> seen;
  std::vector<RecipientDecision> decisions;
  for (const Recipient& recipient : judgement.report.recipients) {
    const std::string folded = LowerAscii(recipient.address);
    if (!seen.insert(folded).second) continue;
    decisions.push_back(DecideRecipient(tenant, chosen, recipient.address));
    RecipientDecision& decided = decisions.back();
    if (decided.action == Action::kNone || exempt.count(folded) == 0) continue;
    decided.action = Action::kNone;
    decided.reason = "exempt-recipient";
  }
  return decisions;
}

Decision DecideReport(const Tenant& tenant, const Judgement& judgement) {
  if (auto unmet = UnmetByMarks(tenant, judgement.report.marks)) {
    return Undecided(tenant, Handling::kUnauthentic, std::move(*unmet));
  }
  Decision decision = Undecided(tenant, Handling::kDecided, "");
  decision.recipients = DecideRecipients(tenant, judgement);
  return decision;
}

}  // namespace

std::string_view ToString(Handling handling) { return NameOf(kHandlings, handling); }
std::optional<Handling> HandlingFrom(std::string_view text) { return ValueOf(kHandlings, text); }

Decision Decide(const Tenant& tenant, const Judgement& judgement) {
  const std::string& problem = judgement.report.problem;
  switch (judgement.report.kind) {
    case ReportKind::kJournalReport:
      return DecideReport(tenant, judgement);
    case ReportKind::kMessage:
      return Undecided(tenant, Handling::kPlainMessage, ReasonOr(problem, "not a journal report"));
    case ReportKind::kMalformed:
      return Undecided(tenant, Handling::kMalformed,
                       ReasonOr(problem, "not usable as a journal report"));
    case ReportKind::kConnectorValidation:
      return Undecided(tenant, Handling::kConnectorValidation,
                       ReasonOr(problem, "Exchange validated its connector"));
    case ReportKind::kUndeliverableReport:
      return Undecided(tenant, Handling::kUndeliverableReport,
                       ReasonOr(problem, "non-delivery notice of a report"));
    case ReportKind::kUnsupported:
      return Undecided(tenant, Handling::kUnsupported,
                       ReasonOr(problem, "a form of report that is not supported"));
  }
  return Undecided(tenant, Handling::kMalformed, "unknown kind of report");
}

Decision ParkedDecision(const Tenant& tenant, std::string why) {
  return Undecided(tenant, Handling::kParked, std::move(why));
}

std::string ToJson(const Decision& decision) {
  boost::json::object value;
  value["handling"] = ToString(decision.handling);
  PutText(&value, "reason", decision.reason);
  value["mode"] = ToString(decision.mode);
  PutText(&value, "settings_version", decision.settings_version);
  boost::json::array recipients;
  recipients.reserve(decision.recipients.size());
  for (const RecipientDecision& recipient : decision.recipients) {
    boost::json::object entry;
    PutBytes(&entry, "address", recipient.address);
    entry["action"] = ToString(recipient.action);
    PutText(&entry, "reason", recipient.reason);
    recipients.emplace_back(std::move(entry));
  }
  value["recipients"] = std::move(recipients);
  return boost::json::serialize(value);
}

Result<Decision> DecisionFromJson(std::string_view json) {
  Decision decision;
  const Status read = ReadJson(json, [&](const JsonReader& reader) {
    reader.Named("handling", &decision.handling, HandlingFrom);
    reader.Text("reason", &decision.reason);
    reader.Named("mode", &decision.mode, ModeFrom);
    reader.Text("settings_version", &decision.settings_version);
    reader.Objects("recipients", [&](const JsonReader& entry) {
      RecipientDecision& recipient = decision.recipients.emplace_back();
      entry.Bytes("address", &recipient.address);
      entry.Named("action", &recipient.action, ActionFrom);
      entry.Text("reason", &recipient.reason);
    });
  });
  if (!read.ok()) return Within("decision", read.error());
  return decision;
}

}  // namespace clawback
