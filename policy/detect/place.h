// SPDX-License-Identifier: Apache-2.0
// Where in the message what a finding speaks of stands (Finding::place), for all detectors in
// one small grammar:
//
//   place  = spot *("; " spot)
//   spot   = "header " NAME / "envelope" / "text" / part [" > " inside]
//   part   = [within " > "] "part " NUMBER " " TYPE [" " QUOTED]    with its file name
//   within = "part " NUMBER [" " QUOTED]                the document that it came out of
//   inside = QUOTED / "link" / "qr-code"                QUOTED: a path in an archive
//
// Parts are counted depth first, and 0 is the message itself; what came out of a PDF document
// is counted behind them. "text" is what a reader sees of several parts, where what was found
// stands in more than one of them. A QUOTED has no quotation mark in it, and of a long one its
// begin and its end. All of it is UTF-8, a spot at most kMostPlace bytes.
#ifndef CLAWBACK_POLICY_DETECT_PLACE_H_
#define CLAWBACK_POLICY_DETECT_PLACE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "policy/message/message.h"

namespace clawback {

inline constexpr std::size_t kMostPlace = 256;  // bytes
inline constexpr std::string_view kEnvelopePlace = "envelope";

std::string PlaceOfField(std::string_view name);                         // header From
std::string PlaceOfPart(const Message& message, std::size_t index);      // part 2 text/html
std::string PlaceOfLink(const Message& message, const Link& link);       // part 2 text/html > link
std::string PlaceInside(std::string_view place, std::string_view path);  // ... > "a/b.exe"
std::string Places(std::string_view one, std::string_view other);        // one; other

// The part that Message::html_text or plain_text or SeenText is of, "text" if several are.
std::string PlaceOfHtmlText(const Message& message);
std::string PlaceOfPlainText(const Message& message);
std::string PlaceOfSeenText(const Message& message);

// Of the parts that text (one of these three, whole) is of: the only one there is, or else the
// only one that holds what was found; "text" if there is none such.
using HoldsIt = std::function<bool(const MessagePart&)>;
std::string PlaceInText(const Message& message, std::string_view text, const HoldsIt& holds);
// The one that byte is of.
std::string PlaceInText(const Message& message, std::string_view text, std::size_t byte);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_PLACE_H_
