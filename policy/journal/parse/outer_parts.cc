// SPDX-License-Identifier: Apache-2.0
#include "policy/journal/parse/outer_parts.h"

#include "policy/base/text.h"
#include "policy/message/parse/header_block.h"

namespace clawback {
namespace {

enum class Delimiter { kNone, kNext, kClose };

Delimiter DelimiterIn(std::string_view line, std::string_view boundary) {
  if (line.size() < boundary.size() + 2 || line.substr(0, 2) != "--") return Delimiter::kNone;
  if (line.substr(2, boundary.size()) != boundary) return Delimiter::kNone;
  const std::string_view rest = Trim(line.substr(2 + boundary.size()));
  if (rest.empty()) return Delimiter::kNext;
  return rest == "--" ? Delimiter::kClose : Delimiter::kNone;
}

// The line end before a delimiter belongs to the delimiter.
std::string_view WithoutLastLineEnd(std::string_view text) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

OuterPart PartFrom(std::string_view bytes, bool closed) {
  OuterPart part;
  part.type = "text/plain";
  part.closed = closed;
  const HeaderEnd end = ForEachField(bytes, [&](const RawField& field) {
    if (EqualIgnoringCase(field.name, "Content-Type")) {
      const std::string value = Unfold(field.value);
      part.type = MediaType(value);
      part.charset = Parameter(value, "charset");
    } else if (EqualIgnoringCase(field.name, "Content-Transfer-Encoding")) {
      part.encoding = TransferEncodingFrom(Unfold(field.value));
    }
    return true;
  });
  part.body = bytes.substr(end.body);
  return part;
}

}  // namespace

std::vector<OuterPart> DirectParts(std::string_view body, std::string_view boundary,
                                   std::size_t max) {
  std::vector<OuterPart> parts;
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t begin = kNone;
  for (std::size_t at = 0; at < body.size() && parts.size() < max;) {
    const Line line = LineAt(body, at);
    const Delimiter delimiter = DelimiterIn(line.text, boundary);
    if (delimiter != Delimiter::kNone) {
      if (begin != kNone) {
        parts.push_back(PartFrom(WithoutLastLineEnd(body.substr(begin, at - begin)), true));
      }
      begin = line.next;
      if (delimiter == Delimiter::kClose) return parts;
    }
    at = line.next;
  }
  if (begin != kNone && begin < body.size() && parts.size() < max) {
    parts.push_back(PartFrom(body.substr(begin), false));
  }
  return parts;
}

}  // namespace clawback
