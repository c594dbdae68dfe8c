// SPDX-License-Identifier: Apache-2.0
// Files of the test data, and the large corpus where there is one.
#ifndef CLAWBACK_TESTS_POLICY_JUDGING_SAMPLES_H_
#define CLAWBACK_TESTS_POLICY_JUDGING_SAMPLES_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "policy/judge/judgement.h"

namespace clawback {

std::string ReadFile(const std::filesystem::path& path);
// A file of tests/data/journal, by the beginning of its name.
std::string JournalSample(std::string_view prefix);
std::filesystem::path JournalSamples();
// $CLAWBACK_CORPUS, or the folder that stands beside the checkout.
std::optional<std::filesystem::path> LargeCorpus();

JudgeRequest ProvenRequest();
// JudgeBytes over a proven channel.
Judgement Judge(std::string_view bytes);
// A message in the journal report that Exchange would send about it, stamped or not.
std::string ReportAbout(std::string_view message, std::string_view message_id);
// The finding of that reason, or null.
const Finding* FindReason(const Judgement& judgement, std::string_view reason);

}  // namespace clawback

#endif  // CLAWBACK_TESTS_POLICY_JUDGING_SAMPLES_H_
