// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/judged_with.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "policy/base/digest.h"
#include "policy/base/version.h"

namespace clawback {
namespace {

std::string_view InWords(ChannelTrust trust) {
  return trust == ChannelTrust::kProven ? "proven" : "unproven";
}

void Compare(std::string_view what, std::string_view recorded, std::string_view again,
             std::vector<std::string>* differing) {
  if (recorded == again) return;
  const auto shown = [](std::string_view text) { return text.empty() ? "none" : text; };
  differing->push_back(fmt::format("{}: {} then, {} now", what, shown(recorded), shown(again)));
}

std::string Joined(const std::vector<std::string>& versions) {
  return fmt::format("{}", fmt::join(versions, " "));
}

// Weights come back from JSON as the same doubles.
bool SameFinding(const Finding& a, const Finding& b) {
  return a.reason == b.reason && a.indication == b.indication && a.weight == b.weight &&
         a.evidence == b.evidence && a.place == b.place;
}

// The findings of one that the other has not.
void AddMissing(const std::vector<Finding>& from, const std::vector<Finding>& in,
                std::string_view when, std::vector<std::string>* differing) {
  for (const Finding& finding : from) {
    const bool there = std::any_of(in.begin(), in.end(),
                                   [&](const Finding& f) { return SameFinding(f, finding); });
    if (there) continue;
    differing->push_back(fmt::format("finding {} only: {} ({}, weight {:.2f}) {}{}{}", when,
                                     finding.reason, ToString(finding.indication), finding.weight,
                                     finding.place, finding.place.empty() ? "" : ": ",
                                     finding.evidence));
  }
}

}  // namespace

JudgedWith JudgedWithOf(const JudgeRequest& request) {
  return {std::string(kVersion), request.trust, ToHex(Sha256Of(ToJson(request)))};
}

boost::json::object JudgedWithToJson(const JudgedWith& with) {
  boost::json::object value;
  PutText(&value, "program", with.program);
  value["channel_proven"] = with.trust == ChannelTrust::kProven;
  PutText(&value, "request", with.request);
  return value;
}

JudgedWith JudgedWithFromJson(const JsonReader& reader) {
  JudgedWith with;
  reader.Text("program", &with.program);
  bool proven = false;
  reader.Bool("channel_proven", &proven);
  with.trust = proven ? ChannelTrust::kProven : ChannelTrust::kUnproven;
  reader.Text("request", &with.request);
  return with;
}

std::vector<std::string> InputsThatDiffer(const Judged& recorded, const Judged& again) {
  std::vector<std::string> differing;
  Compare("program", recorded.with.program, again.with.program, &differing);
  Compare("learned model", recorded.judgement.model, again.judgement.model, &differing);
  Compare("lists", Joined(recorded.judgement.lists), Joined(again.judgement.lists), &differing);
  Compare("channel", InWords(recorded.with.trust), InWords(again.with.trust), &differing);
  Compare("tenant as judges know it", recorded.with.request, again.with.request, &differing);
  return differing;
}

std::vector<std::string> AnswersThatDiffer(const Verdict& recorded, const Verdict& again) {
  std::vector<std::string> differing;
  Compare("disposition", ToString(recorded.disposition), ToString(again.disposition), &differing);
  if (std::fabs(recorded.score - again.score) > 1e-12) {
    differing.push_back(fmt::format("score: {} then, {} now", recorded.score, again.score));
  }
  AddMissing(recorded.findings, again.findings, "then", &differing);
  AddMissing(again.findings, recorded.findings, "now", &differing);
  return differing;
}

}  // namespace clawback
