// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/gmime_handle.h"

#include <mutex>

#include "policy/base/text.h"
#include "tests/practice/text.h"

namespace clawback::practice {

void StartGMime() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

GObjectHandle<GMimeMessage> ParseMessage(std::string_view mime) {
  StartGMime();
  const GObjectHandle<GMimeStream> stream(
      g_mime_stream_mem_new_with_buffer(mime.data(), mime.size()));
  const GObjectHandle<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  return GObjectHandle<GMimeMessage>(g_mime_parser_construct_message(parser.get(), nullptr));
}

std::string DecodedContent(GMimePart* part) {
  GMimeDataWrapper* content = g_mime_part_get_content(part);
  if (!content) return {};
  const GObjectHandle<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, stream.get());
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

namespace {

void AppendUtf8(unsigned code, std::string* out) {
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
  } else {
    *out += {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
             static_cast<char>(0x80 | (code & 0x3F))};
  }
}

// What nobody declared, or declared wrongly: UTF-8 where it is, else windows-1252. Nothing is
// thrown away: bytes that this code page leaves open keep their number.
std::string Guessed(std::string_view text) {
  constexpr char16_t kHigh[] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  if (RepairUtf8(text) == text) return std::string(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    AppendUtf8(byte >= 0x80 && byte < 0xA0 ? kHigh[byte - 0x80] : byte, &out);
  }
  return out;
}

}  // namespace

std::string ToUtf8(std::string_view text, const char* charset) {
  if (!charset || EqualIgnoringCase(charset, "utf-8") || EqualIgnoringCase(charset, "us-ascii")) {
    return Guessed(text);
  }
  // Microsoft's name of its code page 949, which iconv does not know.
  if (BeginsWith(charset, "ks_c_5601")) charset = "CP949";
  char fallback[] = "?";
  gsize written = 0;
  const GString_ converted(g_convert_with_fallback(text.data(), static_cast<gssize>(text.size()),
                                                   "UTF-8", charset, fallback, nullptr, &written,
                                                   nullptr));
  return converted ? std::string(converted.get(), written) : Guessed(text);
}

}  // namespace clawback::practice
