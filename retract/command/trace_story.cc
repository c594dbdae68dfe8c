// SPDX-License-Identifier: Apache-2.0
#include "retract/command/trace_story.h"

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <string_view>

#include "retract/command/explanation.h"
#include "retract/command/page.h"

namespace clawback {
namespace {

void PrintMessage(const TraceStory& story, Page* page) {
  const JournalReport& report = story.record.judgement.report;
  page->Line("message id", report.message_id);
  page->Line("subject", report.subject);
  page->Line("sender", report.sender);
  page->Line("on behalf of", report.on_behalf_of);
  page->Line("from", story.record.judgement.from);
  page->Line("network id", report.network_message_id);
  page->Line("problem", report.problem);
}

// Nothing for a record of before regions were recorded.
std::string RegionLine(const DecisionRecord& record) {
  const std::string& region = record.channel.address_region;
  if (region.empty()) return "";
  const RegionStanding standing =
      StandingOf(record.relay, record.region, region, record.region_rule);
  return fmt::format("address of region {}, policy {}: {}", region,
                     ToString(record.region_rule.policy), ToString(standing));
}

void PrintArrival(const DecisionRecord& record, Page* page) {
  const Channel& channel = record.channel;
  page->Heading("Arrived");
  page->Line("at", FormatTime(record.received));
  page->Line("relay", fmt::format("{} (region {})", record.relay, record.region));
  page->Line("tenant", record.tenant);
  page->Line("address", channel.service_address);
  page->Line("regions", RegionLine(record));
  if (!channel.replayed_by.empty()) {
    page->Line("replayed by",
               channel.replayed_by +
                   (channel.stamps_vouched_for ? ", who vouches for Exchange's stamps" : ""));
  } else {
    page->Line("from host",
               channel.client_name.empty()
                   ? channel.client_address
                   : fmt::format("{} [{}]", channel.client_name, channel.client_address));
    page->Line("TLS", channel.tls_version.empty() ? "none" : channel.tls_version);
  }
  page->Line("certificate", channel.certificate_subject);
  page->Line("queue id", channel.queue_id);
  page->Line("kind", ToString(record.judgement.report.kind));
  page->Line("report",
             fmt::format("{} bytes, {}", record.report_bytes, ToHex(record.report_digest)));
  if (record.parked_bytes_kept) page->Line("parked", "the report's bytes are kept");
  if (record.body_kept) page->Line("body", "kept for a while: clawback explain judges it again");
}

void PrintSource(const std::vector<SourceCheck>& checks, Page* page) {
  if (checks.empty()) return;
  page->Heading("Source");
  for (const SourceCheck& check : checks) {
    page->Item(fmt::format(
        "{:<20} {:<8} {:<13} {}{}", ToString(check.proof), check.met ? "met" : "not met",
        check.demanded ? "demanded" : "not demanded", check.seen.empty() ? "none" : check.seen,
        check.met ? "" : ", expected " + check.expected));
  }
}

void PrintVerdict(const Verdict& verdict, Page* page) {
  page->Heading(
      fmt::format("Verdict: {}, score {:.2f}", ToString(verdict.disposition), verdict.score));
  page->Line("attributes", JoinWords(verdict.attributes));
  PrintFindings(verdict.findings, page);
  if (verdict.findings.empty()) page->Item("no findings");
}

void PrintDecision(const Decision& decision, Page* page) {
  page->Heading(fmt::format("Decision: {}", ToString(decision.handling)));
  page->Line("because", decision.reason);
  page->Line("mode", ToString(decision.mode));
  page->Line("settings", decision.settings_version);
  page->List(decision.recipients, [&](const RecipientDecision& recipient) {
    page->Item(fmt::format("{}: {} ({})", recipient.address, ToString(recipient.action),
                           recipient.reason));
  });
}

std::string FolderChange(const Outcome& outcome) {
  if (outcome.folder_before.empty() && outcome.folder_after.empty()) return {};
  return fmt::format("folder {} -> {}", outcome.folder_before.empty() ? "?" : outcome.folder_before,
                     outcome.folder_after.empty() ? "?" : outcome.folder_after);
}

void PrintRetraction(const RetractionRow& row, Page* page) {
  const std::string_view task = row.task == Task::kUndo ? ToString(row.task) : ToString(row.action);
  const std::string_view why =
      row.origin == Origin::kByHand ? ToString(row.origin) : ToString(row.mode);
  const std::string what = fmt::format("{}: {} ({}), ", row.recipient, task, why);
  const auto asked = [&] {
    if (!row.asked_by.empty()) page->Detail("asked for by " + row.asked_by + ": " + row.reason);
  };
  if (!row.outcome) {
    page->Item(what + fmt::format("{}, due {}, {} {} so far", ToString(row.state),
                                  FormatTime(row.due), row.attempts,
                                  row.attempts == 1 ? "attempt" : "attempts"));
    page->Detail(row.last_error);
    asked();
    return;
  }
  const Outcome& outcome = *row.outcome;
  page->Item(what + fmt::format("{} at {}{}", ToString(outcome.kind), FormatTime(outcome.at),
                                row.state == RetractionState::kHeld ? ", held" : ""));
  page->Detail(outcome.detail);
  page->Detail(FolderChange(outcome));
  if (!outcome.request_id.empty()) page->Detail("Graph request " + outcome.request_id);
  asked();
}

}  // namespace

void PrintStory(const TraceStory& story, std::ostream& out) {
  Page page(out);
  out << "Trace " << story.row.id << '\n';
  PrintMessage(story, &page);
  PrintArrival(story.record, &page);
  PrintSource(story.record.source, &page);
  page.Heading(fmt::format("Recipients: {}", story.record.judgement.report.recipients.size()));
  page.List(story.record.judgement.report.recipients, [&](const Recipient& recipient) {
    std::string line = fmt::format("{}: {}", ToString(recipient.type), recipient.address);
    if (recipient.redirect) {
      line += fmt::format(" ({} from {})", ToString(*recipient.redirect), recipient.original);
    }
    page.Item(line);
  });
  PrintVerdict(story.record.judgement.verdict, &page);
  PrintDecision(story.record.decision, &page);
  page.Heading(fmt::format("Retractions: {}", story.retractions.size()));
  page.List(story.retractions, [&](const RetractionRow& row) { PrintRetraction(row, &page); });
}

}  // namespace clawback
