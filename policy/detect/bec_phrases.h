// SPDX-License-Identifier: Apache-2.0
// What those write who give themselves out as somebody's superior, colleague or supplier
// and want money moved, in seven languages. Data of this release.
#ifndef CLAWBACK_POLICY_DETECT_BEC_PHRASES_H_
#define CLAWBACK_POLICY_DETECT_BEC_PHRASES_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "policy/detect/phrase_runs.h"

namespace clawback {

enum class BecPhrase {
  kReached,   // whether the reader can be reached now
  kPressure,  // now, quietly, without a call
  kGiftCard,
  kAccount,   // other bank details, of a supplier or for a salary
  kTransfer,  // a payment to be made
  kRecords,   // lists of employees, their tax forms, what customers owe
  kChange,    // other bank details for a salary or payments, in words of one's own
};
inline constexpr std::size_t kBecPhrases = 7;

// Whether, within a few words (as WordsOfText makes them), something is to be changed, and it
// is where a salary or a payment goes to: the words that say so, or empty.
std::string ChangeOfAccount(std::span<const std::string> words);

// The kind that exactly these words (WordsOfText, a blank between) belong to.
KnownRun<BecPhrase> BecPhraseOf(std::string_view words);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_BEC_PHRASES_H_
