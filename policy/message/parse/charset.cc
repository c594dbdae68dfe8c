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

#include "policy/base/c_handle.h"
#include "policy/base/text.h"

namespace clawback {
namespace {

using Converter = CHandle<UConverter, ucnv_close>;

bool IsAscii(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Charsets in which ASCII bytes may mean something else.
bool KeepsAscii(const std::string& charset) {
  constexpr std::string_view kPlain[] = {"us-ascii", "ascii", "utf-8", "utf8"};
  return std::find(std::begin(kPlain), std::end(kPlain), charset) != std::end(kPlain) ||
         charset.rfind("iso-8859-", 0) == 0 || charset.rfind("windows-125", 0) == 0;
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

std::string Normalize(const icu::Normalizer2* form, std::string_view utf8) {
  if (form == nullptr || utf8.size() > INT_MAX) return std::string(utf8);
  std::string out;
  icu::StringByteSink<std::string> sink(&out, static_cast<int32_t>(utf8.size()));
  UErrorCode error = U_ZERO_ERROR;
  form->normalizeUTF8(0, icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())), sink,
                      nullptr, error);
  return U_SUCCESS(error) ? out : std::string(utf8);
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
  const std::string name = LowerAscii(Trim(charset));
  if (name.empty() || name.size() > 64 || name.find('\0') != std::string::npos) {
    return Guess(bytes);
  }
  if (KeepsAscii(name) && IsAscii(bytes)) return std::string(bytes);
  if (name == "utf-8" || name == "utf8") return RepairUtf8(bytes);
  if (name == "us-ascii" || name == "ascii") return Guess(bytes);
  // What senders call Latin-1 is windows-1252 (WHATWG Encoding Standard).
  if (name == "iso-8859-1") return Convert(bytes, "windows-1252").value_or(Guess(bytes));
  const auto converted = Convert(bytes, name);
  return converted ? *converted : Guess(bytes);
}

std::string FoldForComparison(std::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  return Normalize(icu::Normalizer2::getNFKCCasefoldInstance(error), utf8);
}

std::string NormalizeCompatibility(std::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  return Normalize(icu::Normalizer2::getNFKCInstance(error), utf8);
}

}  // namespace clawback
