// SPDX-License-Identifier: Apache-2.0
// The header block of a message or MIME part (RFC 5322 2.2), cut into fields without
// copying and without believing anything: linear, for CRLF and bare LF alike.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_HEADER_BLOCK_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_HEADER_BLOCK_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace clawback {

// One line of text at offset begin. text has no line end; next is where the next
// line begins, size of bytes if there is none.
struct Line {
  std::string_view text;
  std::size_t begin = 0;
  std::size_t next = 0;
};
Line LineAt(std::string_view bytes, std::size_t begin);

// Views into the bytes that were scanned. name is as written, so that "AuthAs "
// (blank before the colon) is another name than "AuthAs"; value is still folded.
struct RawField {
  std::string_view name;
  std::string_view value;
};

struct HeaderEnd {
  std::size_t body = 0;  // offset after the blank line, or the size of bytes
  bool blank_line = false;
};

// Calls visit for every field, in order, until it returns false. Lines that are no
// field ("From " of a mailbox file, no colon) are skipped.
HeaderEnd ForEachField(std::string_view bytes, const std::function<bool(const RawField&)>& visit);

// Without the line ends of folding, and trimmed (RFC 5322 2.2.3).
std::string Unfold(std::string_view value);

// The first field of that name, unfolded.
std::optional<std::string> FindField(std::string_view bytes, std::string_view name);

// The value of a field that may stand only once: nullopt where it is absent, or
// stands there twice with different values and so cannot be believed.
struct SingleField {
  std::optional<std::string> value;
  bool contradicts_itself = false;

  void See(std::string seen);
};

// "type/subtype; name=value": the part before the first ";", trimmed and lower case.
std::string MediaType(std::string_view field_value);
// One parameter of such a field, quotes removed (RFC 2045 5.1); empty if absent.
std::string Parameter(std::string_view field_value, std::string_view name);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_HEADER_BLOCK_H_
