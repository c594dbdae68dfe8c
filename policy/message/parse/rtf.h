// SPDX-License-Identifier: Apache-2.0
// The compressed RTF that TNEF carries a body in ([MS-OXRTFCP]), and the text or HTML
// inside of it ([MS-OXRTFEX]).
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_RTF_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_RTF_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace clawback {

// Nullopt where it is no such stream, ends too early, or unpacks to more than max bytes.
std::optional<std::string> UnpackRtf(std::string_view packed, std::size_t max);

struct RtfText {
  std::string text;   // UTF-8
  bool html = false;  // text is the HTML that the RTF was made of
  bool whole = true;  // false: embedded data or nesting that was not followed
};
// Linear, no recursion, whatever the input.
RtfText ReadRtf(std::string_view rtf);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_RTF_H_
