// SPDX-License-Identifier: Apache-2.0
// TNEF ("winmail.dat", application/ms-tnef): what Outlook and Exchange wrap a message
// into that MIME cannot say ([MS-OXTNEF]). Its texts and attachments, as views; an own
// reader, because what hostile mail carries is to be read within bounds.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_TNEF_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_TNEF_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace clawback {

struct TnefLimits {
  int depth = 10;                // messages in attachments of messages
  int attributes = 10'000;       // of all streams together
  int properties = 50'000;       // likewise
  std::size_t text = 8UL << 20;  // bytes that a compressed body may unpack to
};

struct TnefPart {
  std::string type;          // "text/plain", "text/html", or what the attachment says
  std::string charset;       // of a text; empty: to be guessed
  std::string file_name;     // UTF-8; empty for a body
  std::string_view content;  // lives as long as the call
  bool attachment = false;
  int depth = 0;  // 0: of the message itself, 1: of a message attached to it, ...
};

// Whether bytes begin as such a stream does.
bool IsTnefStream(std::string_view bytes);

// Tells sink every body and attachment; sink answers false to hear no more. Total and
// linear. True if all of it was read; else something is hidden from sink.
bool ReadTnef(std::string_view stream, const TnefLimits& limits,
              const std::function<bool(const TnefPart&)>& sink);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_TNEF_H_
