// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/opened_report.h"

#include "tests/practice/gmime_handle.h"
#include "tests/practice/text.h"

namespace clawback::practice {
namespace {

// "Recipient: a@b, Expanded: c@d" → a@b
std::string RecipientOf(std::string_view line) {
  for (const char* type : {"To:", "Cc:", "Bcc:", "Recipient:"}) {
    if (!BeginsWith(line, type)) continue;
    line.remove_prefix(std::string_view(type).size());
    return std::string(Trim(line.substr(0, line.find(','))));
  }
  return {};
}

void ReadFields(GMimePart* part, OpenedReport* out) {
  for (const std::string& line : Split(DecodedContent(part), '\n')) {
    if (std::string address = RecipientOf(line); !address.empty()) {
      out->recipients.push_back(std::move(address));
    }
  }
}

std::string BytesOf(GMimeMessage* message) {
  const GObjectHandle<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_object_write_to_stream(GMIME_OBJECT(message), nullptr, stream.get());
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

}  // namespace

OpenedReport OpenReport(std::string_view bytes) {
  OpenedReport out;
  const auto report = ParseMessage(bytes);
  GMimeObject* body = report ? g_mime_message_get_mime_part(report.get()) : nullptr;
  if (!body || !GMIME_IS_MULTIPART(body)) return out;
  GMimeMultipart* parts = GMIME_MULTIPART(body);
  const int count = g_mime_multipart_get_count(parts);
  for (int i = 0; i < count; ++i) {
    GMimeObject* part = g_mime_multipart_get_part(parts, i);
    if (GMIME_IS_MESSAGE_PART(part) && out.message.empty()) {
      GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
      if (inner) out.message = WithCrLf(BytesOf(inner));
    } else if (GMIME_IS_PART(part) && out.recipients.empty()) {
      ReadFields(GMIME_PART(part), &out);
    }
  }
  return out;
}

}  // namespace clawback::practice
