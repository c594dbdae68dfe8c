// SPDX-License-Identifier: Apache-2.0
// What those write who give themselves out as somebody's superior, colleague or supplier
// and want money moved, in seven languages. Data of this release.
#ifndef CLAWBACK_POLICY_DETECT_BEC_PHRASES_H_
#define CLAWBACK_POLICY_DETECT_BEC_PHRASES_H_

#include <cstddef>
#include <string_view>

#include "policy/detect/phrase_runs.h"

namespace clawback {

enum class BecPhrase {
  kReached,   // whether the reader can be reached now
  kPressure,  // now, quietly, without a call
  kGiftCard,
  kAccount,   // other bank details, of a supplier or for a salary
  kTransfer,  // a payment to be made
};
inline constexpr std::size_t kBecPhrases = 5;

// The kind that exactly these words (WordsOfText, a blank between) belong to.
KnownRun<BecPhrase> BecPhraseOf(std::string_view words);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_BEC_PHRASES_H_
