// SPDX-License-Identifier: Apache-2.0
#include "policy/decide.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "policy/base/names.h"
#include "policy/base/text.h"
#include "policy/json.h"
#include "policy/mailbox_spelling.h"
#include "policy/source_checks.h"

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

// Exchange's own names, as they are ("/o=First Organization/ou=.../cn=user", "EX:/o=...")
// or wrapped into the form of an SMTP address ([MS-OXOABK] "IMCEAEX-_o=...@domain"):
// what looks like the domain of the latter says nothing about a mailbox.
bool IsDistinguishedName(std::string_view address) {
  if (EqualIgnoringCase(address.substr(0, 3), "ex:")) return true;
  if (EqualIgnoringCase(address.substr(0, 5), "x400:")) return true;
  if (EqualIgnoringCase(address.substr(0, 5), "imcea")) return true;
  return !address.empty() && address[0] == '/' && address.find('=') != std::string_view::npos;
}

// How the local part of an SMTP address ends: behind a quoted string, or before the
// first "@" of plain characters (RFC 5321 4.1.2, and UTF-8 as in RFC 6531).
std::size_t EndOfLocalPart(std::string_view address) {
  if (!address.empty() && address[0] == '"') {
    for (std::size_t i = 1; i < address.size(); ++i) {
      if (address[i] == '\\')
        ++i;
      else if (address[i] == '"')
        return i + 1;
    }
    return std::string_view::npos;
  }
  return address.find('@');
}

// One address, and nothing else that a reader in a hurry could take for another one.
bool IsOneAddress(std::string_view address) {
  constexpr std::string_view kNever = " \t,;:<>()[]\\\"";
  const std::size_t at = EndOfLocalPart(address);
  if (at == 0 || at >= address.size() || address[at] != '@') return false;
  const std::string_view domain = address.substr(at + 1);
  if (domain.empty() || domain.find_first_of(kNever) != std::string_view::npos ||
      domain.find('@') != std::string_view::npos) {
    return false;
  }
  return address[0] == '"' || address.substr(0, at).find_first_of(kNever) == std::string_view::npos;
}

// What is to be done with the message, before anybody asks in whose mailbox.
struct Chosen {
  Action action;
  std::string reason;
  std::string entry{};
};

// What blocks the message, as the decision's reason names it, and the entry; reason "": none.
// What links lead to and what is attached was looked up where it was read, in the judge.
struct Blocking {
  std::string_view reason{};
  std::string entry{};
};

Blocking BlockedBy(const Tenant& tenant, const Judgement& judgement) {
  for (const std::string* sender : {&judgement.sender.address, &judgement.report.sender}) {
    const std::string* entry = tenant.EntryFor(ListName::kBlockedSenders, *sender);
    if (entry != nullptr) return {"blocked-sender", *entry};
  }
  for (const std::string_view reason : {"blocked-hash", "blocked-host"}) {
    for (const Finding& finding : judgement.verdict.findings) {
      if (finding.reason != reason) continue;
      return {reason, finding.place + (finding.place.empty() ? "" : ": ") + finding.evidence};
    }
  }
  return {};
}

// A list is named only where it made a difference. Blocked goes before trusted; what is
// MALICIOUS is acted on whoever sent it, and trust is worth something only for a sender
// that Exchange itself authenticated.
Chosen Choose(const Tenant& tenant, const Judgement& judgement) {
  const Disposition disposition = judgement.verdict.disposition;
  const Action action = tenant.actions.For(disposition);
  const MessageSender& sender = judgement.sender;
  if (Blocking blocking = BlockedBy(tenant, judgement); !blocking.reason.empty()) {
    const Action blocked = std::max(action, tenant.actions.For(Disposition::kSpam));
    if (blocked == action) return {action, "disposition"};
    return {blocked, std::string(blocking.reason), std::move(blocking.entry)};
  }
  const bool may_trust = sender.authenticated && disposition != Disposition::kMalicious;
  const std::string* trusted =
      may_trust ? tenant.EntryFor(ListName::kTrustedSenders, sender.address) : nullptr;
  if (trusted != nullptr && action != Action::kNone) {
    return {Action::kNone, "trusted-sender", *trusted};
  }
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
  if (!IsOneAddress(address)) return {address, Action::kNone, "not-an-address"};
  if (!tenant.Accepts(address)) return {address, Action::kNone, "outside-accepted-domains"};
  return {address, chosen.action, chosen.reason, chosen.entry};
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
    if (decided.action == Action::kNone || exempt.empty()) continue;
    for (const std::string& spelling : SpellingsOf(recipient.address)) {
      if (exempt.count(spelling) == 0) continue;
      decided.action = Action::kNone;
      decided.reason = "exempt-recipient";
      decided.entry = spelling;
    }
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
      return Undecided(tenant, Handling::kPlainMessage,
                       ReasonOr(problem, "a bare copy or other mail, not a journal report"));
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
    if (!recipient.entry.empty()) PutText(&entry, "entry", recipient.entry);
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
      entry.Text("entry", &recipient.entry);
    });
  });
  if (!read.ok()) return Within("decision", read.error());
  return decision;
}

}  // namespace clawback
