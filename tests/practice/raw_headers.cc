// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/raw_headers.h"

#include "policy/base/text.h"

namespace clawback::practice {

RawMessage SplitHeaders(std::string_view mime) {
  RawMessage message;
  size_t at = 0;
  while (at < mime.size()) {
    const size_t end = mime.find('\n', at);
    const size_t next = end == mime.npos ? mime.size() : end + 1;
    const std::string_view line = mime.substr(at, next - at);
    if (Trim(line).empty() && (line[0] == '\r' || line[0] == '\n')) break;
    const bool continues = line[0] == ' ' || line[0] == '\t';
    const size_t colon = line.find(':');
    if (continues && !message.fields.empty()) {
      message.fields.back().bytes += line;
    } else if (colon != line.npos) {
      message.fields.push_back({std::string(Trim(line.substr(0, colon))), std::string(line)});
    } else {
      break;  // no header field: the body begins without an empty line
    }
    at = next;
  }
  message.rest = mime.substr(at);
  return message;
}

std::string Join(const RawMessage& message) {
  std::string mime;
  for (const RawField& field : message.fields) mime += field.bytes;
  return mime + message.rest;
}

std::string Value(const RawField& field) {
  std::string value;
  for (const char c : field.bytes.substr(field.bytes.find(':') + 1)) {
    if (c != '\r' && c != '\n') value += c;
  }
  return std::string(Trim(value));
}

const RawField* FindField(const RawMessage& message, std::string_view name) {
  for (const RawField& field : message.fields) {
    if (EqualIgnoringCase(field.name, name)) return &field;
  }
  return nullptr;
}

}  // namespace clawback::practice
