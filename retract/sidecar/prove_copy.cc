// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/prove_copy.h"

#include <fmt/format.h>

#include "policy/base/text.h"
#include "policy/judge/judgement.h"
#include "retract/sidecar/backoff.h"
#include "retract/sidecar/error_meaning.h"

namespace clawback {
namespace {

// As many judges may die over one copy before a person has to see it.
constexpr int kMaxStrikes = 3;

Step FetchFailed(Attempt& attempt, const Copy& copy, const Error& error) {
  if (IsMissing(error)) {
    attempt.Vanish(copy);
    return std::nullopt;
  }
  if (error.kind == ErrorKind::kInvalid) {
    return Held{
        attempt.About(copy, OutcomeKind::kFailed, "the copy cannot be read: " + error.what)};
  }
  return attempt.Fail(error, "reading the copy");
}

Step FingerprintFailed(const Attempt& attempt, const Copy& copy, const Error& error) {
  constexpr std::string_view kDoing = "judging the copy";
  const bool struck = error.kind == ErrorKind::kRefused;
  if (struck && attempt.claim.attempts + 1 < kMaxStrikes) {
    return attempt.Fail({ErrorKind::kTransient, error.what}, kDoing);
  }
  if (error.kind == ErrorKind::kTransient || error.kind == ErrorKind::kThrottled) {
    return attempt.Fail(error, kDoing);
  }
  return Held{
      attempt.About(copy, OutcomeKind::kFailed, "the copy cannot be judged: " + error.what)};
}

// What a person compares.
std::string SideOf(const Fingerprint& print) {
  const Time date{std::chrono::seconds(print.date)};
  return fmt::format(
      "from {}, {}, subject \"{}\", {} word triples, {} attachments",
      print.from.empty() ? "nobody" : print.from, print.date == 0 ? "undated" : FormatTime(date),
      RepairUtf8(CutUtf8(print.subject, 200)), print.text_triples, print.attachments.size());
}

std::string WithBothSides(const std::string& why, const Fingerprint& report,
                          const Fingerprint& copy) {
  return fmt::format("{}; report: {}; copy: {}", why, SideOf(report), SideOf(copy));
}

// A person has seen this copy, and it is still what they saw.
bool IsAccepted(const ClaimedRetraction& claim, const Copy& copy, const Fingerprint& print) {
  return claim.accepted && claim.accepted_item == copy.item.item_id && *claim.accepted == print;
}

Step Judge(const Attempt& attempt, Copy& copy, const Fingerprint& print) {
  if (IsAccepted(attempt.claim, copy, print)) return std::nullopt;
  const Comparison comparison =
      Compare(attempt.claim.fingerprint, print, FinalityOf(attempt.claim.action));
  if (comparison.agreement == Agreement::kMatch) return std::nullopt;
  copy.print = ToJson(print);
  if (comparison.agreement == Agreement::kMismatch) {
    copy.standing = Standing::kOtherMessage;
    copy.why = WithBothSides(comparison.why, attempt.claim.fingerprint, print);
    return std::nullopt;
  }
  // That is for a person to decide, and a person has. What is final still needs proof.
  if (attempt.claim.origin == Origin::kByHand && !attempt.IsHard()) return std::nullopt;
  return Held{attempt.About(copy, OutcomeKind::kMismatch,
                            "the copy may be the message: " +
                                WithBothSides(comparison.why, attempt.claim.fingerprint, print))};
}

}  // namespace

Step ProveCopy(Attempt& attempt, Copy& copy) {
  if (copy.standing == Standing::kLeftAlone || copy.standing == Standing::kMoved) {
    return std::nullopt;
  }
  if (auto ending = attempt.CheckTime()) return ending;
  const auto mime = attempt.tools.mailboxes.Fetch(attempt.mailbox, copy.item.item_id);
  if (!mime) return FetchFailed(attempt, copy, mime.error());
  const auto print = attempt.tools.fingerprint(*mime);
  if (!print) return FingerprintFailed(attempt, copy, print.error());
  return Judge(attempt, copy, *print);
}

}  // namespace clawback
