// SPDX-License-Identifier: Apache-2.0
// Words that are put beside a borrowed name to make a domain: "contoso-login", "paypal-konto".
#ifndef CLAWBACK_POLICY_DETECT_BAIT_WORDS_H_
#define CLAWBACK_POLICY_DETECT_BAIT_WORDS_H_

#include <string_view>

namespace clawback {

// word: small letters of ASCII, as domains have them; in eight languages.
bool IsBaitWord(std::string_view word);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_BAIT_WORDS_H_
