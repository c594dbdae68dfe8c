// SPDX-License-Identifier: Apache-2.0
// A message's top header block as raw fields, byte for byte: for what is done to
// headers (strip, reorder, refold), which a MIME library hides.
#ifndef CLAWBACK_TESTS_PRACTICE_RAW_HEADERS_H_
#define CLAWBACK_TESTS_PRACTICE_RAW_HEADERS_H_

#include <string>
#include <string_view>
#include <vector>

namespace clawback::practice {

struct RawField {
  std::string name;
  std::string bytes;  // the whole field with its line ends
};

struct RawMessage {
  std::vector<RawField> fields;
  std::string rest;  // from the empty line on
};

RawMessage SplitHeaders(std::string_view mime);
std::string Join(const RawMessage& message);
// The field's value: unfolded (RFC 5322 2.2.3), without white space at its ends.
std::string Value(const RawField& field);
// The first field of that name (case ignored), or null.
const RawField* FindField(const RawMessage& message, std::string_view name);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_RAW_HEADERS_H_
