// SPDX-License-Identifier: Apache-2.0
// HTML as a reader sees it: its visible text and its links. A tokenizer, not a tree:
// one pass, no recursion, whatever the input.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_HTML_TEXT_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_HTML_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

#include "policy/message/message.h"

namespace clawback {

struct HtmlText {
  std::string text;  // visible, entities decoded, a line a block
  // Letters that a reader sees, and those that none does: hidden by style, or so faint or in
  // the colour that they stand on, which are in text all the same.
  std::size_t seen_letters = 0;
  std::size_t hidden_letters = 0;
  std::size_t off_page_letters = 0;  // of the hidden: beside the page, behind it, or cut to nothing
  std::vector<Link> links;           // a, area, form, its buttons and meta refresh; Link::part: 0
};

// html is UTF-8. Scripts, styles, comments and what the page hides by style are no
// text. At most max_links links are kept.
HtmlText ReadHtml(std::string_view html, std::size_t max_links);

// "&amp;", "&#38;", "&#x26;" → "&"; what is no entity stays.
std::string DecodeEntities(std::string_view text);

// http:, https: and www. addresses in plain text.
std::vector<Link> LinksInText(std::string_view text, std::size_t max_links);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_HTML_TEXT_H_
