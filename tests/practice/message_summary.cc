// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/message_summary.h"

#include "policy/base/text.h"
#include "tests/practice/gmime_handle.h"
#include "tests/practice/raw_headers.h"

namespace clawback::practice {
namespace {

std::string Text(const char* text) { return text ? RepairUtf8(text) : std::string(); }

std::vector<MailAddress> Addresses(InternetAddressList* list) {
  std::vector<MailAddress> out;
  const int count = list ? internet_address_list_length(list) : 0;
  for (int i = 0; i < count; ++i) {
    InternetAddress* address = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
      const std::string where =
          Text(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)));
      const std::string name = Text(internet_address_get_name(address));
      out.push_back({name.empty() ? where : name, where});
    } else {
      const auto members =
          Addresses(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)));
      out.insert(out.end(), members.begin(), members.end());
    }
  }
  return out;
}

void ReadBody(GMimeMessage* message, MessageSummary* summary) {
  GMimeObject* body = g_mime_message_get_body(message);
  if (!body || !GMIME_IS_PART(body)) return;
  GMimeContentType* type = g_mime_object_get_content_type(body);
  summary->body_is_html = g_mime_content_type_is_type(type, "text", "html") != 0;
  summary->body = ToUtf8(DecodedContent(GMIME_PART(body)),
                         g_mime_object_get_content_type_parameter(body, "charset"));
}

void NoteAttachment(GMimeObject*, GMimeObject* part, gpointer found) {
  const bool is_attachment = GMIME_IS_MESSAGE_PART(part) ||
                             (GMIME_IS_PART(part) && g_mime_part_is_attachment(GMIME_PART(part)));
  if (is_attachment) *static_cast<bool*>(found) = true;
}

}  // namespace

MessageSummary Summarise(std::string_view mime) {
  MessageSummary summary;
  const RawMessage raw = SplitHeaders(mime);
  for (const RawField& field : raw.fields) {
    summary.headers.emplace_back(RepairUtf8(field.name), RepairUtf8(Value(field)));
  }
  // GMime drops the brackets and mends broken ids; the mailbox keeps what came.
  if (const RawField* id = FindField(raw, "Message-ID")) {
    summary.internet_message_id = RepairUtf8(Value(*id));
  }
  const auto message = ParseMessage(mime);
  if (!message) return summary;
  summary.subject = Text(g_mime_message_get_subject(message.get()));
  summary.from = Addresses(g_mime_message_get_from(message.get()));
  summary.sender = Addresses(g_mime_message_get_sender(message.get()));
  if (summary.sender.empty()) summary.sender = summary.from;
  summary.to = Addresses(g_mime_message_get_to(message.get()));
  summary.cc = Addresses(g_mime_message_get_cc(message.get()));
  summary.bcc = Addresses(g_mime_message_get_bcc(message.get()));
  summary.reply_to = Addresses(g_mime_message_get_reply_to(message.get()));
  if (GDateTime* date = g_mime_message_get_date(message.get())) {
    summary.sent = Time(std::chrono::seconds(g_date_time_to_unix(date)));
  }
  ReadBody(message.get(), &summary);
  g_mime_message_foreach(message.get(), NoteAttachment, &summary.has_attachments);
  return summary;
}

}  // namespace clawback::practice
