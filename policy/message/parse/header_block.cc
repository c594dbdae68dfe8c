// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/header_block.h"

#include <algorithm>
#include <utility>

#include "policy/base/text.h"

namespace clawback {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool Continues(std::string_view bytes, std::size_t at) {
  return at < bytes.size() && IsBlank(bytes[at]) &&
         !LineAt(bytes, at).text.empty();  // a line of nothing but CR is the block's end
}

// One parameter at the front of rest: reads past its ";".
std::pair<std::string_view, std::string> TakeParameter(std::string_view* rest) {
  const std::size_t name_end = rest->find_first_of("=;");
  const std::string_view name = Trim(rest->substr(0, name_end));
  if (name_end == std::string_view::npos || (*rest)[name_end] == ';') {
    rest->remove_prefix(name_end == std::string_view::npos ? rest->size() : name_end + 1);
    return {name, {}};
  }
  std::size_t at = rest->find_first_not_of(" \t\r\n", name_end + 1);
  std::string value;
  if (at != std::string_view::npos && (*rest)[at] == '"') {
    for (++at; at < rest->size() && (*rest)[at] != '"'; ++at) {
      if ((*rest)[at] == '\\' && at + 1 < rest->size()) ++at;
      value += (*rest)[at];
    }
    at = rest->find(';', at);
  } else if (at != std::string_view::npos) {
    const std::size_t end = rest->find(';', at);
    value = Trim(rest->substr(at, end == std::string_view::npos ? end : end - at));
    at = end;
  }
  rest->remove_prefix(at == std::string_view::npos ? rest->size() : at + 1);
  return {name, std::move(value)};
}

}  // namespace

Line LineAt(std::string_view bytes, std::size_t begin) {
  const std::size_t newline = bytes.find('\n', begin);
  const std::size_t next = newline == std::string_view::npos ? bytes.size() : newline + 1;
  std::size_t end = newline == std::string_view::npos ? bytes.size() : newline;
  while (end > begin && bytes[end - 1] == '\r') --end;
  return {bytes.substr(begin, end - begin), begin, next};
}

HeaderEnd ForEachField(std::string_view bytes, const std::function<bool(const RawField&)>& visit) {
  std::size_t at = 0;
  bool visiting = true;
  while (at < bytes.size()) {
    const Line line = LineAt(bytes, at);
    if (line.text.empty()) return {line.next, true};
    std::size_t next = line.next;
    while (Continues(bytes, next)) next = LineAt(bytes, next).next;
    const std::size_t colon = line.text.find(':');
    if (visiting && colon != std::string_view::npos && colon > 0 && !IsBlank(line.text[0]) &&
        line.text.substr(0, 5) != "From ") {
      const std::size_t value = at + colon + 1;
      visiting = visit({line.text.substr(0, colon), bytes.substr(value, next - value)});
    }
    at = next;
  }
  return {bytes.size(), false};
}

std::string Unfold(std::string_view value) {
  static constexpr ByteSet kLineEnd("\r\n");
  value = Trim(value);
  std::string unfolded;
  unfolded.reserve(value.size());
  while (!value.empty()) {
    const std::size_t end = kLineEnd.FirstIn(value);
    unfolded.append(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return unfolded;
}

std::optional<std::string> FindField(std::string_view bytes, std::string_view name) {
  std::optional<std::string> found;
  ForEachField(bytes, [&](const RawField& field) {
    if (EqualIgnoringCase(field.name, name)) found = Unfold(field.value);
    return !found.has_value();
  });
  return found;
}

void SingleField::See(std::string seen) {
  if (contradicts_itself) return;
  if (value && *value != seen) {
    contradicts_itself = true;
    value.reset();
    return;
  }
  value = std::move(seen);
}

std::string MediaType(std::string_view field_value) {
  return LowerAscii(Trim(field_value.substr(0, field_value.find(';'))));
}

std::string Parameter(std::string_view field_value, std::string_view name) {
  const std::size_t first = field_value.find(';');
  if (first == std::string_view::npos) return {};
  std::string_view rest = field_value.substr(first + 1);
  while (!rest.empty()) {
    auto [found, value] = TakeParameter(&rest);
    if (EqualIgnoringCase(found, name)) return std::move(value);
  }
  return {};
}

}  // namespace clawback
