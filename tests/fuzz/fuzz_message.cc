// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message: parsed, inspected and fingerprinted without a crash, within
// the limits, and the same every time.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/base/text.h"
#include "policy/judge/judgement.h"
#include "policy/judge/prepare.h"
#include "policy/message/fingerprint_of.h"
#include "policy/message/message.h"

namespace {

void Require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clawback::PrepareJudging();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const clawback::MessageLimits limits;
  const clawback::Message message = clawback::ParseMessage(bytes, limits);
  Require(message.parts.size() <= static_cast<std::size_t>(limits.parts));
  std::size_t decoded = 0;
  for (const clawback::MessagePart& part : message.parts) {
    Require(part.depth <= limits.depth);
    decoded += part.content.size();
  }
  Require(decoded <= size * static_cast<std::size_t>(limits.decoded_per_raw) + (64UL << 10));
  Require(clawback::IsUtf8(message.plain_text) && clawback::IsUtf8(message.html_text));
  const clawback::Fingerprint fingerprint = clawback::FingerprintOf(message);
  Require(fingerprint == clawback::FingerprintOf(message));
  clawback::JudgeRequest request;
  request.trust = clawback::ChannelTrust::kProven;
  request.tenant = {"contoso", {"contoso.example"}, {{"Alice Moreau", {"a@b.example"}}}};
  const clawback::Judgement judgement = clawback::JudgeBytes(bytes, request);
  Require(judgement.verdict.score >= 0 && judgement.verdict.score <= 1);
  Require(clawback::JudgementFromJson(clawback::ToJson(judgement)).ok());
  return 0;
}
