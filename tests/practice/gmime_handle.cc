// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/gmime_handle.h"

#include <mutex>

#include "policy/base/text.h"

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

std::string ToUtf8(std::string_view text, const char* charset) {
  if (!charset || EqualIgnoringCase(charset, "utf-8") || EqualIgnoringCase(charset, "us-ascii")) {
    return RepairUtf8(text);
  }
  char fallback[] = "?";
  gsize written = 0;
  const GString_ converted(g_convert_with_fallback(text.data(), static_cast<gssize>(text.size()),
                                                   "UTF-8", charset, fallback, nullptr, &written,
                                                   nullptr));
  return converted ? std::string(converted.get(), written) : RepairUtf8(text);
}

}  // namespace clawback::practice
