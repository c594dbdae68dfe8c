// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/prescan.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "policy/base/text.h"
#include "policy/message/parse/header_block.h"

namespace clawback {
namespace {

// 20 million comparisons take GMime a tenth of a second.
constexpr std::uint64_t kMaxComparisons = 20'000'000;
// GMime opens no more levels than this (MAX_LEVEL in its parser).
constexpr std::uint64_t kGMimeLevels = 1024;
constexpr std::size_t kMaxBoundary = 256;  // RFC 2046 allows 70
// GMime opens a group, a level of recursion, at a colon in an address list.
constexpr std::ptrdiff_t kMaxColons = 512;
// Encoded words of one address list cost GMime their square: these many 0.4 s.
constexpr int kMaxAddressWords = 4000;

unsigned char LowerByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 'A' && byte <= 'Z' ? static_cast<unsigned char>(byte + 32) : byte;
}

bool IsWordAt(std::string_view bytes, std::size_t at, std::string_view word) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (LowerByte(bytes[at + i]) != static_cast<unsigned char>(word[i])) return false;
  }
  return true;
}

// Calls found(offset after the word) for every place of a lower-case word, in any
// case (Horspool's search: looks at about one byte in eight).
template <typename Found>
void FindWord(std::string_view bytes, std::string_view word, Found found) {
  std::array<std::size_t, 256> skip;
  skip.fill(word.size());
  for (std::size_t i = 0; i + 1 < word.size(); ++i) {
    skip[static_cast<unsigned char>(word[i])] = word.size() - 1 - i;
  }
  for (std::size_t at = 0; at + word.size() <= bytes.size();) {
    if (IsWordAt(bytes, at, word)) found(at + word.size());
    at += skip[LowerByte(bytes[at + word.size() - 1])];
  }
}

// Every boundary that any header could declare, found without knowing which lines
// are headers: a larger set only makes the scan more careful.
struct Boundaries {
  std::unordered_set<std::string> values;
  std::uint64_t words = 0;  // no message can have more multiparts than this
  bool unreadable = false;  // RFC 2231 forms: any "--" line may be a boundary
};

void TakeBoundary(std::string_view after, Boundaries* boundaries) {
  ++boundaries->words;
  const std::size_t sign = after.find_first_not_of(" \t\r\n");
  if (sign == std::string_view::npos) return;
  if (after[sign] == '*' || after[sign] == '(') boundaries->unreadable = true;
  if (after[sign] != '=') return;
  after = after.substr(sign + 1);
  after.remove_prefix(std::min(after.find_first_not_of(" \t\r\n"), after.size()));
  const bool quoted = !after.empty() && after[0] == '"';
  if (quoted) after.remove_prefix(1);
  const std::string_view value =
      after.substr(0, after.find_first_of(quoted ? "\"\r\n" : "; \t\r\n"));
  if (value.find_first_of("\\(=") != std::string_view::npos && !quoted)
    boundaries->unreadable = true;
  if (value.find('\\') != std::string_view::npos) boundaries->unreadable = true;
  boundaries->values.emplace(Trim(value));
}

Boundaries FindBoundaries(std::string_view bytes) {
  constexpr std::size_t kReach = 2 * kMaxBoundary;
  Boundaries boundaries;
  FindWord(bytes, "boundary",
           [&](std::size_t after) { TakeBoundary(bytes.substr(after, kReach), &boundaries); });
  return boundaries;
}

// Follows the lines as a parser would, counting.
class Walk {
 public:
  Walk(std::string_view bytes, const MessageLimits& limits)
      : bytes_(bytes), limits_(limits), boundaries_(FindBoundaries(bytes)) {}

  Prescan Run() {
    std::size_t at = 0;
    StartBlock(0);
    while (at < bytes_.size()) {
      const Line line = LineAt(bytes_, at);
      ++scan_.lines;
      Look(line);
      if (!scan_.limit.empty()) break;
      at = line.next;
    }
    scan_.safe_bytes = std::min(at, bytes_.size());
    return scan_;
  }

 private:
  void Exceed(std::string_view limit) { scan_.limit = std::string(limit); }

  void StartBlock(std::size_t at) {
    in_header_ = true;
    block_begin_ = at;
    fields_ = 0;
    parameters_ = 0;
    in_content_field_ = holds_message_ = has_type_ = false;
  }

  void Look(const Line& line) {
    if (line.text.substr(0, 2) == "--") {
      scan_.comparisons += std::min(boundaries_.words, kGMimeLevels);
      if (scan_.comparisons > kMaxComparisons) return Exceed("boundary-lines");
      if (IsBoundary(line.text)) {
        if (++parts_ > static_cast<std::uint64_t>(limits_.parts)) return Exceed("parts");
        return StartBlock(line.next);
      }
    }
    if (in_header_) LookAtHeader(line);
  }

  bool IsBoundary(std::string_view line) const {
    if (boundaries_.words == 0) return false;
    if (boundaries_.unreadable) return true;
    line = line.substr(2);
    if (line.size() > kMaxBoundary) return false;
    line = line.substr(0, line.find_last_not_of(" \t") + 1);
    if (boundaries_.values.count(std::string(line)) != 0) return true;
    if (line.size() < 2 || line.substr(line.size() - 2) != "--") return false;
    return boundaries_.values.count(std::string(line.substr(0, line.size() - 2))) != 0;
  }

  void LookAtHeader(const Line& line) {
    if (line.text.empty()) return EndBlock(line);
    if (line.next - block_begin_ > limits_.header_block_bytes) return Exceed("header-block");
    const bool folded = line.text[0] == ' ' || line.text[0] == '\t';
    if (!folded && ++fields_ > limits_.headers_per_part) return Exceed("headers");
    if (!folded) {
      in_content_field_ = line.text.size() > 8 && IsWordAt(line.text, 0, "content-");
      parameters_ = 0;
      colons_ = 0;
      in_address_field_ = IsAddressField(line.text);
    }
    if (in_address_field_) {
      colons_ += std::count(line.text.begin(), line.text.end(), ':');
      if (colons_ > kMaxColons) return Exceed("address-groups");
      FindWord(line.text, "=?", [&](std::size_t) { ++address_words_; });
      if (address_words_ > kMaxAddressWords) return Exceed("address-words");
    }
    if (in_content_field_) LookAtContentField(line.text);
  }

  static bool IsAddressField(std::string_view line) {
    if (line.size() > 7 && IsWordAt(line, 0, "resent-")) line.remove_prefix(7);
    for (const std::string_view name : {"from", "sender", "reply-to", "to", "cc", "bcc"}) {
      if (line.size() > name.size() && IsWordAt(line, 0, name)) return true;
    }
    return false;
  }

  void LookAtContentField(std::string_view text) {
    parameters_ += std::count(text.begin(), text.end(), ';');
    if (parameters_ > limits_.parameters_per_field) scan_.too_many_parameters = true;
    if (text.size() > 12 && IsWordAt(text, 0, "content-type")) has_type_ = true;
    FindWord(text, "message/", [&](std::size_t) { holds_message_ = true; });
    FindWord(text, "digest", [&](std::size_t) { digest_ = true; });
  }

  // A message begins behind the header of a message/rfc822 part, and of a part
  // without a type in a digest (RFC 2046 5.1.5).
  void EndBlock(const Line& line) {
    const bool opens_message = holds_message_ || (digest_ && !has_type_);
    in_header_ = false;
    if (opens_message) StartBlock(line.next);
  }

  const std::string_view bytes_;
  const MessageLimits& limits_;
  const Boundaries boundaries_;
  Prescan scan_;
  std::uint64_t parts_ = 0;
  bool in_header_ = false;
  std::size_t block_begin_ = 0;
  int fields_ = 0;
  std::ptrdiff_t parameters_ = 0;
  std::ptrdiff_t colons_ = 0;
  int address_words_ = 0;  // of all fields
  bool in_address_field_ = false;
  bool in_content_field_ = false;
  bool holds_message_ = false;
  bool has_type_ = false;
  bool digest_ = false;
};

}  // namespace

Prescan ScanBeforeParsing(std::string_view bytes, const MessageLimits& limits) {
  return Walk(bytes, limits).Run();
}

}  // namespace clawback
