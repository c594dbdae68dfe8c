// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/charset.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/ucnv.h>

#include <algorithm>
#include <array>
#include <climits>
#include <iterator>
#include <utility>

#include "policy/base/c_handle.h"
#include "policy/base/text.h"

namespace clawback {
namespace {

using Converter = CHandle<UConverter, ucnv_close>;

// Charsets in which ASCII bytes may mean something else.
bool KeepsAscii(const std::string& charset) {
  return charset == "ascii" || charset == "utf-8" || charset.rfind("iso-8859-", 0) == 0 ||
         charset.rfind("windows-125", 0) == 0;
}

// What senders say and what they mean: the larger charset that Windows writes under the
// name of the standard one (WHATWG Encoding Standard 4.2).
struct Meant {
  std::string_view said, meant;
};
constexpr Meant kMeant[] = {
    {"iso-8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"iso-8859-11", "windows-874"},
    {"tis-620", "windows-874"},
    {"gb2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"x-gbk", "gb18030"},
    {"euc-kr", "windows-949"},
    {"ks_c_5601-1987", "windows-949"},
    {"us-ascii", "ascii"},
    {"ansi_x3.4-1968", "ascii"},
    {"iso646-us", "ascii"},
    {"unicode-1-1-utf-8", "utf-8"},
    {"utf8", "utf-8"},
};

std::string MeantBy(std::string name) {
  const auto* const found = std::find_if(std::begin(kMeant), std::end(kMeant),
                                         [&](const Meant& each) { return each.said == name; });
  return found == std::end(kMeant) ? std::move(name) : std::string(found->meant);
}

std::string Guess(std::string_view bytes) {
  if (IsUtf8(bytes)) return std::string(bytes);
  return Convert(bytes, "windows-1252").value_or(RepairUtf8(bytes));
}

// Converts through UTF-16 in small pieces, so that memory beside the result is fixed.
std::string Pump(UConverter* from, UConverter* utf8, std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  std::array<UChar, 4096> pivot;
  UChar* pivot_source = pivot.data();
  UChar* pivot_target = pivot.data();
  std::array<char, 8192> piece;
  const char* source = bytes.data();
  const char* const source_end = source + bytes.size();
  bool reset = true;
  UErrorCode error = U_ZERO_ERROR;
  do {
    error = U_ZERO_ERROR;
    char* target = piece.data();
    ucnv_convertEx(utf8, from, &target, piece.data() + piece.size(), &source, source_end,
                   pivot.data(), &pivot_source, &pivot_target, pivot.data() + pivot.size(),
                   static_cast<UBool>(reset), /*flush=*/1, &error);
    reset = false;
    out.append(piece.data(), target);
  } while (error == U_BUFFER_OVERFLOW_ERROR);
  return out;
}

// No script puts more marks upon a letter (UAX #15 section 13). ICU brings them into their
// order one by one, which costs the square of how many there are.
constexpr int kMostMarks = 30;

// Without the marks beyond these.
std::string WithFewMarks(const icu::Normalizer2& form, std::string_view utf8) {
  std::string out;
  int marks = 0;
  std::size_t kept = 0;  // what stands before is in out, or left out
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t ascii = AsciiSize(utf8.substr(at));
    at += ascii;
    if (ascii != 0) marks = 0;
    if (at == utf8.size()) break;
    const Character c = FirstCharacter(utf8.substr(at));
    const std::size_t end = at + std::max<std::size_t>(c.bytes, 1);
    const bool mark = c.bytes > 0 && form.hasBoundaryBefore(static_cast<UChar32>(c.code)) == 0;
    marks = mark ? marks + 1 : 0;
    if (marks > kMostMarks) {
      out.append(utf8.substr(kept, at - kept));
      kept = end;
    }
    at = end;
  }
  return out.append(utf8.substr(kept));
}

std::string Normalize(const icu::Normalizer2* form, std::string_view text) {
  if (form == nullptr || text.size() > INT_MAX) return std::string(text);
  const std::string utf8 = WithFewMarks(*form, text);
  std::string out;
  icu::StringByteSink<std::string> sink(&out, static_cast<int32_t>(utf8.size()));
  UErrorCode error = U_ZERO_ERROR;
  form->normalizeUTF8(0, icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())), sink,
                      nullptr, error);
  return U_SUCCESS(error) ? out : utf8;
}

}  // namespace

std::optional<std::string> Convert(std::string_view bytes, const std::string& charset) {
  UErrorCode error = U_ZERO_ERROR;
  const Converter from(ucnv_open(charset.c_str(), &error));
  const Converter utf8(ucnv_open("UTF-8", &error));
  if (U_FAILURE(error)) return std::nullopt;
  return Pump(from.get(), utf8.get(), bytes);
}

std::string ToUtf8(std::string_view bytes, std::string_view charset) {
  const std::string name = MeantBy(LowerAscii(Trim(charset)));
  if (name.empty() || name.size() > 64 || name.find('\0') != std::string::npos) {
    return Guess(bytes);
  }
  if (KeepsAscii(name) && IsAscii(bytes)) return std::string(bytes);
  if (name == "utf-8") return RepairUtf8(bytes);
  if (name == "ascii") return Guess(bytes);
  const auto converted = Convert(bytes, name);
  return converted ? *converted : Guess(bytes);
}

std::string FoldForComparison(std::string_view utf8) {
  if (IsAscii(utf8)) return LowerAscii(utf8);
  UErrorCode error = U_ZERO_ERROR;
  return Normalize(icu::Normalizer2::getNFKCCasefoldInstance(error), utf8);
}

std::string NormalizeCompatibility(std::string_view utf8) {
  if (IsAscii(utf8)) return std::string(utf8);
  UErrorCode error = U_ZERO_ERROR;
  return Normalize(icu::Normalizer2::getNFKCInstance(error), utf8);
}

std::string WithoutMarks(std::string_view utf8) {
  if (IsAscii(utf8)) return std::string(utf8);
  UErrorCode error = U_ZERO_ERROR;
  const std::string apart = Normalize(icu::Normalizer2::getNFDInstance(error), utf8);
  std::string out;
  for (std::string_view rest = apart; !rest.empty();) {
    const Character c = FirstCharacter(rest);
    const std::size_t bytes = std::max<std::size_t>(c.bytes, 1);
    if (c.code < 0x300 || c.code > 0x36F) out.append(rest.substr(0, bytes));
    rest.remove_prefix(bytes);
  }
  return out;
}

}  // namespace clawback
