// SPDX-License-Identifier: Apache-2.0
// Text cut into words as the learned model and the lures compare them: lower case,
// digits alike, addresses and links each one word, what nobody sees left out.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_WORDS_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_WORDS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace clawback {

// What is no letter and is written between letters to hide words from filters, or as a
// filler behind a preview: zero-width and joining characters, soft hyphens, strokes laid
// over a letter, which no language writes so.
bool IsInvisible(char32_t code);

// The ASCII letter (small) or digit that a reader sees in a styled one: of the mathematical
// alphabets, in a circle, box or brackets, of full width; 0 for any other character.
char PlainOf(char32_t styled);

// The first max words. A run of letters is a word, and so is a pair of characters in
// scripts without blanks; "@" stands for an address, "#" in place of each digit. Links
// are left out. Latin, Greek and Cyrillic capitals become small, styled
// letters plain.
std::vector<std::string> WordsOfText(std::string_view utf8, std::size_t max);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_WORDS_H_
