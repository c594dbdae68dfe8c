// SPDX-License-Identifier: Apache-2.0
// The direct children of a multipart (RFC 2046 5.1.1), as views. Only what a journal
// report's wrapper needs: no nesting, no limit to hit, one pass.
#ifndef CLAWBACK_POLICY_JOURNAL_PARSE_OUTER_PARTS_H_
#define CLAWBACK_POLICY_JOURNAL_PARSE_OUTER_PARTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "policy/message/parse/transfer_encoding.h"

namespace clawback {

struct OuterPart {
  std::string type;     // media type, lower case; "text/plain" by default
  std::string charset;  // as declared
  TransferEncoding encoding = TransferEncoding::kIdentity;
  std::string_view body;
  bool closed = false;  // a boundary line follows: the part was not cut off

  // A whole message; the second name is that of one with UTF-8 in its header (RFC 6532 3.7).
  bool IsMessage() const { return type == "message/rfc822" || type == "message/global"; }
};

// At most max parts; what follows them is not looked at.
std::vector<OuterPart> DirectParts(std::string_view body, std::string_view boundary,
                                   std::size_t max);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JOURNAL_PARSE_OUTER_PARTS_H_
