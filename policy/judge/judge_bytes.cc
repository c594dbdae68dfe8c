// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <exception>
#include <functional>
#include <map>
#include <new>
#include <optional>
#include <utility>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/hunt_features_of.h"
#include "policy/detect/place.h"
#include "policy/journal/unwrap.h"
#include "policy/judge/judgement.h"
#include "policy/judge/prepare.h"
#include "policy/message/fingerprint_of.h"
#include "policy/message/message.h"
#include "policy/message/open/open_content.h"
#include "policy/model/parse/features_of.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxEvidence = 512;
constexpr double kCertain = 1.0;

Finding Limit(std::string reason, const std::string& evidence) {
  return {std::move(reason), Indication::kLimit, kCertain,
          std::string(CutUtf8(RepairUtf8(evidence), kMaxEvidence))};
}

// A detector that fails has looked at nothing: that is said, and no silence.
void Inspect(const Detector& detector, const Message& message, const DetectionContext& context,
             std::vector<Finding>* findings) {
  const std::size_t before = findings->size();
  try {
    detector.Inspect(message, context, findings);
  } catch (const std::exception& error) {
    findings->resize(before);
    findings->push_back(
        Limit("detector-failed", std::string(detector.name()) + ": " + error.what()));
  }
}

// Ten thousand programs in one archive are one observation; people see the first few.
void KeepFewOfEach(std::vector<Finding>* findings) {
  constexpr int kOfOneReason = 5;
  std::map<std::string, int> seen;
  const auto surplus = [&](const Finding& f) { return ++seen[f.reason] > kOfOneReason; };
  findings->erase(std::remove_if(findings->begin(), findings->end(), surplus), findings->end());
}

std::vector<Finding> FindingsOf(const Message& message, const JudgeRequest& request,
                                ChannelTrust trust, const JournalReport& report,
                                FileDigests* digests) {
  std::vector<Finding> findings;
  for (const LimitHit& hit : message.limits_hit) {
    findings.push_back(Limit("limit-" + hit.name, hit.what));
    const auto part = static_cast<std::size_t>(hit.part);
    if (part < message.parts.size()) findings.back().place = PlaceOfPart(message, part);
  }
  const DetectionContext context{request.tenant, trust, report.sender, request.lists, *digests};
  for (const auto& detector : AllDetectors()) Inspect(*detector, message, context, &findings);
  KeepFewOfEach(&findings);
  return findings;
}

void ShortenTexts(std::vector<Finding>* findings) {
  for (Finding& finding : *findings) {
    finding.evidence = CutUtf8(RepairUtf8(finding.evidence), kMaxEvidence);
    finding.place = CutUtf8(finding.place, kMostPlace);
  }
}

std::string FromAsPeopleSeeIt(const Message& message) {
  if (message.from.empty()) return {};
  const Address& from = message.from.front();
  if (from.display_name.empty()) return from.address;
  return from.display_name + " <" + from.address + ">";
}

// compauth is Exchange's own sum; it decides where it is there, as among the detectors.
MessageSender SenderOf(const Message& message, ChannelTrust trust) {
  if (message.from.empty()) return {};
  MessageSender sender{LowerAscii(message.from.front().address), false};
  const ExchangeStamps& stamps = message.stamps;
  const std::string& result = stamps.compauth.empty() ? stamps.dmarc : stamps.compauth;
  const std::size_t at = sender.address.rfind('@');
  sender.authenticated = trust == ChannelTrust::kProven && message.from.size() == 1 &&
                         result == "pass" && at != std::string::npos &&
                         !stamps.header_from.empty() &&
                         EqualIgnoringCase(sender.address.substr(at + 1), stamps.header_from);
  return sender;
}

// Where inside stands in bytes; nullopt where it is a decoded copy.
std::optional<std::uint64_t> OffsetIn(std::string_view bytes, std::string_view inside) {
  const std::less_equal<const char*> before;
  const bool within = before(bytes.data(), inside.data()) &&
                      before(inside.data() + inside.size(), bytes.data() + bytes.size());
  if (!within) return std::nullopt;
  return static_cast<std::uint64_t>(inside.data() - bytes.data());
}

// Nothing in it was looked at, whatever the reason.
Verdict NotScanned(const JournalReport& report) {
  return WeighFindings({Limit(std::string(ToString(report.kind)), report.problem)});
}

void JudgeMessage(std::string_view bytes, const std::string& limit, const JudgeRequest& request,
                  const LinearModel& model, Judgement* judgement) {
  const JournalReport& report = judgement->report;
  Message message = ParseMessage(bytes);
  const bool kept = request.question == Question::kJudge;
  if (kept) judgement->fingerprint = FingerprintOf(message);
  const std::size_t parsed = message.parts.size();
  OpenContent(&message);  // after the fingerprint, which is of the parts as they came
  judgement->from = FromAsPeopleSeeIt(message);
  judgement->message_bytes = bytes.size();
  // Stamps in anything but a report are whatever its sender wrote.
  const bool stamped = report.kind == ReportKind::kJournalReport;
  const ChannelTrust trust = stamped ? request.trust : ChannelTrust::kUnproven;
  judgement->sender = SenderOf(message, trust);
  FileDigests digests(message, kept ? kMostArchivedDigests : 0);
  auto findings = FindingsOf(message, request, trust, report, &digests);
  if (request.question == Question::kFeatures) {
    judgement->features = FeaturesOf(message, findings);
    return;
  }
  if (kept) judgement->hunt = HuntFeaturesOf(message, parsed, &digests);
  judgement->model = model.version();
  for (const JudgeLists& lists : request.lists) judgement->lists.push_back(lists.index.version());
  const OpinionWords words = kept ? OpinionWords::kHeaviest : OpinionWords::kNone;
  if (auto opinion = OpinionOn(message, findings, model, words)) {
    findings.push_back(std::move(*opinion));
  }
  ShortenTexts(&findings);
  if (!limit.empty())
    findings.push_back(Limit("limit-" + limit, "the report has more than is read: " + limit));
  judgement->verdict = WeighFindings(std::move(findings), request.tenant.thresholds);
}

}  // namespace

Judgement JudgeBytes(std::string_view bytes, const JudgeRequest& request,
                     const LinearModel& model) {
  PrepareJudging();
  Judgement judgement;
  if (request.question == Question::kFingerprint) {
    judgement.report.kind = ReportKind::kMessage;
    judgement.fingerprint = FingerprintOf(ParseMessage(bytes));
    judgement.message_bytes = bytes.size();
    return judgement;
  }
  Unwrapped unwrapped = Unwrap(bytes);
  judgement.report = std::move(unwrapped.report);
  judgement.message_bytes = bytes.size();
  switch (judgement.report.kind) {
    case ReportKind::kMalformed:
    case ReportKind::kUnsupported:
      judgement.verdict = NotScanned(judgement.report);
      return judgement;
    case ReportKind::kConnectorValidation:
      return judgement;
    case ReportKind::kJournalReport:
    case ReportKind::kMessage:
    case ReportKind::kUndeliverableReport:
      break;
  }
  judgement.message_offset = OffsetIn(bytes, unwrapped.message);
  JudgeMessage(unwrapped.message, unwrapped.limit, request, model, &judgement);
  return judgement;
}

}  // namespace clawback
