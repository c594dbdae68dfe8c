// SPDX-License-Identifier: Apache-2.0
// Bytes → Message: a pre-scan, then GMime over the caller's memory, then a bounded
// walk that flattens the tree.
#include <gmime/gmime.h>

#include <algorithm>
#include <array>
#include <utility>

#include "policy/base/c_handle.h"
#include "policy/base/text.h"
#include "policy/message/message.h"
#include "policy/message/parse/addresses.h"
#include "policy/message/parse/charset.h"
#include "policy/message/parse/exchange_stamps.h"
#include "policy/message/parse/header_block.h"
#include "policy/message/parse/html_text.h"
#include "policy/message/parse/prescan.h"
#include "policy/message/parse/structure_fields.h"
#include "policy/message/parse/tnef.h"
#include "policy/message/parse/transfer_encoding.h"
#include "policy/message/parse/words.h"

namespace clawback {
namespace {

template <typename T>
using GObjectHandle = CHandle<T, g_object_unref>;
using GText = CHandle<char, g_free>;

// What is small enough not to matter beside the memory a judge may use.
constexpr std::size_t kFreeBytes = 64UL << 10;
constexpr std::size_t kMaxLinks = 10000;
// Of one text, so that its copies in UTF-8 and as a reader sees it stay small.
constexpr std::size_t kMaxText = 8UL << 20;

std::string TextOf(const char* text) { return text == nullptr ? std::string() : RepairUtf8(text); }

// A file name may be an encoded word though RFC 2231 says otherwise.
std::string FileNameOf(GMimeObject* object) {
  std::string name;
  if (GMIME_IS_PART(object)) name = TextOf(g_mime_part_get_filename(GMIME_PART(object)));
  if (name.empty()) name = TextOf(g_mime_object_get_content_type_parameter(object, "name"));
  return name.find("=?") == std::string::npos ? name : DecodeWords(name);
}

MessagePart Describe(GMimeObject* object, int depth, int parent) {
  MessagePart part;
  part.depth = depth;
  part.parent = parent;
  GMimeContentType* type = g_mime_object_get_content_type(object);
  if (type != nullptr) {
    part.type = LowerAscii(TextOf(GText(g_mime_content_type_get_mime_type(type)).get()));
    part.charset = LowerAscii(TextOf(g_mime_content_type_get_parameter(type, "charset")));
  }
  if (part.type.empty()) part.type = "text/plain";
  part.file_name = FileNameOf(object);
  const std::string disposition = TextOf(g_mime_object_get_disposition(object));
  part.attachment = EqualIgnoringCase(disposition, "attachment");
  return part;
}

// The still encoded body of a leaf, as a view into the bytes that GMime read.
std::string_view BodyOf(GMimePart* part, std::string_view bytes) {
  GMimeDataWrapper* wrapper = g_mime_part_get_content(part);
  GMimeStream* stream = wrapper == nullptr ? nullptr : g_mime_data_wrapper_get_stream(wrapper);
  if (stream == nullptr || stream->bound_start < 0) return {};
  const auto size = static_cast<std::int64_t>(bytes.size());
  const std::int64_t begin = std::min<std::int64_t>(stream->bound_start, size);
  const std::int64_t end =
      stream->bound_end < 0 ? size : std::min<std::int64_t>(stream->bound_end, size);
  return bytes.substr(static_cast<std::size_t>(begin),
                      static_cast<std::size_t>(std::max<std::int64_t>(end - begin, 0)));
}

TransferEncoding EncodingOf(GMimePart* part) {
  switch (g_mime_part_get_content_encoding(part)) {
    case GMIME_CONTENT_ENCODING_BASE64:
      return TransferEncoding::kBase64;
    case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
      return TransferEncoding::kQuotedPrintable;
    case GMIME_CONTENT_ENCODING_UUENCODE:
      return TransferEncoding::kUuencode;
    default:
      return TransferEncoding::kIdentity;
  }
}

// Over memory that stays the caller's; GMime only reads it, the cast is for its signature.
GObjectHandle<GMimeMessage> ParseWithGMime(std::string_view bytes) {
  GByteArray array{reinterpret_cast<guint8*>(const_cast<char*>(bytes.data())),
                   static_cast<guint>(std::min<std::size_t>(bytes.size(), G_MAXUINT))};
  const GObjectHandle<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream.get()), &array);
  const GObjectHandle<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  g_mime_parser_set_persist_stream(parser.get(), TRUE);  // bodies are views, not copies
  return GObjectHandle<GMimeMessage>(g_mime_parser_construct_message(parser.get(), nullptr));
}

bool IsTnef(const std::string& type, std::string_view content) {
  return type == "application/ms-tnef" || type == "application/vnd.ms-tnef" ||
         IsTnefStream(content);
}

constexpr std::string_view kDeep = "parts are nested deeper than is read";

// Of the limits that keep a message from GMime.
std::string_view WhatIsLimited(std::string_view limit) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kWhat = {
      {{"parts", "more parts than are read"},
       {"headers", "a header has more fields than are read"},
       {"header-block", "a header is longer than is read"},
       {"parameters", "a header field has more parameters than are read"},
       {"boundary-lines", "more lines than are looked at may part the message"},
       {"address-groups", "a header field has more groups of addresses than are read"},
       {"address-words", "header fields have more encoded words in addresses than are read"}}};
  const auto known = std::ranges::find(kWhat, limit, [](const auto& what) { return what.first; });
  return known == kWhat.end() ? limit : known->second;
}

class Flattener {
 public:
  Flattener(Message* message, const MessageLimits& limits, std::size_t raw_bytes)
      : message_(message),
        limits_(limits),
        budget_(raw_bytes * static_cast<std::size_t>(limits.decoded_per_raw) + kFreeBytes) {}

  // A whole message whose header stands at the front of bytes.
  void AddMessage(std::string_view bytes, int depth, int parent) {
    const Prescan scan = ScanBeforeParsing(bytes, limits_);
    const int here = std::max(parent, 0);
    if (!scan.limit.empty()) Hit(scan.limit, here, WhatIsLimited(scan.limit));
    if (scan.too_many_parameters) Hit("parameters", here, WhatIsLimited("parameters"));
    bytes = bytes.substr(0, scan.safe_bytes);
    const std::optional<std::string> structure = WithoutOtherFields(bytes);
    const std::string_view shown = structure ? std::string_view(*structure) : bytes;
    const auto parsed = ParseWithGMime(shown);
    GMimeObject* root = parsed ? g_mime_message_get_mime_part(parsed.get()) : nullptr;
    if (root != nullptr) return AddObject(root, shown, depth, parent);
    // No header at all: everything is text.
    if (scan.limit.empty() && WithinParts()) AddUnparsed(bytes, depth, parent);
  }

  void Hit(std::string_view limit, int part, std::string_view what) {
    message_->AddLimit(limit, part, what);
  }

 private:
  void AddObject(GMimeObject* object, std::string_view bytes, int depth, int parent) {
    if (depth > limits_.depth) return Hit("depth", parent, kDeep);
    if (!WithinParts()) return;
    const int index = static_cast<int>(message_->parts.size());
    message_->parts.push_back(Describe(object, depth, parent));
    if (GMIME_IS_MULTIPART(object)) {
      GMimeMultipart* multipart = GMIME_MULTIPART(object);
      const int count = g_mime_multipart_get_count(multipart);
      for (int i = 0; i < count && WithinParts(); ++i) {
        AddObject(g_mime_multipart_get_part(multipart, i), bytes, depth + 1, index);
      }
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
      GMimeObject* root = inner == nullptr ? nullptr : g_mime_message_get_mime_part(inner);
      if (root != nullptr) AddObject(root, bytes, depth + 1, index);
    } else if (GMIME_IS_PART(object)) {
      AddLeaf(GMIME_PART(object), bytes, index);
    }
  }

  bool WithinParts() {
    if (message_->parts.size() < static_cast<std::size_t>(limits_.parts)) return true;
    Hit("parts", 0, WhatIsLimited("parts"));
    return false;
  }

  void AddUnparsed(std::string_view bytes, int depth, int parent) {
    MessagePart part;
    part.type = "text/plain";
    part.depth = depth;
    part.parent = parent;
    if (Spend(bytes.size(), std::max(parent, 0))) part.content = std::string(bytes);
    message_->parts.push_back(std::move(part));
    AddText(static_cast<int>(message_->parts.size()) - 1);
  }

  void AddLeaf(GMimePart* leaf, std::string_view bytes, int index) {
    const std::string_view body = BodyOf(leaf, bytes);
    if (!Spend(body.size(), index)) return;  // decoding never makes it longer
    std::string content = DecodeTransfer(body, EncodingOf(leaf));
    const MessagePart& part = message_->parts[static_cast<std::size_t>(index)];
    const int depth = part.depth;
    const bool message = part.type == "message/rfc822" || part.type == "message/global";
    if (part.type == "message/partial" || part.type == "message/external-body") {
      // RFC 2046 5.2.2, 5.2.3
      Hit("content-elsewhere", index, "what people will read is not in this message");
    }
    const bool tnef = IsTnef(part.type, content);
    // GMime leaves an encoded message alone; a mail reader opens it.
    if ((message || tnef) && depth + 1 > limits_.depth) {
      Hit("depth", index, kDeep);
    } else if (message) {
      AddMessage(content, depth + 1, index);
    } else if (tnef) {
      AddTnef(content, depth + 1, index);
    }
    MessagePart& stored = message_->parts[static_cast<std::size_t>(index)];
    stored.content = std::move(content);
    AddText(index);
  }

  // What Outlook put into winmail.dat, as if it had been MIME.
  void AddTnef(std::string_view stream, int depth, int parent) {
    const bool whole = ReadTnef(stream, TnefLimits{}, [&](const TnefPart& found) {
      if (!WithinParts() || !Spend(found.content.size(), parent)) return false;
      AddOfTnef(found, depth + found.depth, parent);
      return true;
    });
    if (!whole) Hit("tnef", parent, "the TNEF file is damaged or has more than is read");
  }

  void AddOfTnef(const TnefPart& found, int depth, int parent) {
    const int index = static_cast<int>(message_->parts.size());
    MessagePart part;
    part.depth = depth;
    part.parent = parent;
    part.type = RepairUtf8(found.type);
    part.charset = found.charset;
    part.file_name = found.file_name;
    part.attachment = found.attachment;
    part.content = std::string(found.content);
    message_->parts.push_back(std::move(part));
    const bool message = found.type == "message/rfc822";
    const bool tnef = IsTnef(found.type, found.content);
    if ((message || tnef) && depth + 1 > limits_.depth) return Hit("depth", index, kDeep);
    if (message) return AddMessage(found.content, depth + 1, index);
    if (tnef) return AddTnef(found.content, depth + 1, index);
    AddText(index);
  }

  void AddText(int index) {
    MessagePart& part = message_->parts[static_cast<std::size_t>(index)];
    const bool html = part.type == "text/html";
    if (!html && part.type != "text/plain") return;
    if (!Spend(part.content.size(), index)) return;
    if (part.content.size() > kMaxText) Hit("text", index, "a text is longer than is read");
    const std::string text =
        ToUtf8(std::string_view(part.content).substr(0, kMaxText), part.charset);
    const std::size_t room = kMaxLinks - message_->links.size();
    std::vector<Link> links;
    if (html) {
      HtmlText read = ReadHtml(text, room);
      links = std::move(read.links);
      if (!part.attachment) {
        part.text = AppendParagraph(read.text, &message_->html_text);
        message_->seen_letters += read.seen_letters;
        message_->hidden_letters += part.hidden_letters = read.hidden_letters;
        message_->off_page_letters += part.off_page_letters = read.off_page_letters;
      }
    } else {
      links = LinksInText(text, room);
      if (!part.attachment) part.text = AppendParagraph(text, &message_->plain_text);
    }
    if (links.size() >= room) Hit("links", index, "more links than are read");
    for (Link& link : links) {
      link.part = index;
      message_->links.push_back(std::move(link));
    }
  }

  static TextPlace AppendParagraph(std::string_view text, std::string* out) {
    if (!out->empty() && out->back() != '\n') *out += '\n';
    *out += text;
    return {out->size() - text.size(), text.size()};
  }

  // For part.
  bool Spend(std::size_t bytes, int part) {
    if (bytes > budget_) {
      Hit("decoded", part, "the message unpacks to more than is read");
      return false;
    }
    budget_ -= bytes;
    return true;
  }

  Message* const message_;
  const MessageLimits& limits_;
  std::size_t budget_;
};

void ReadHeaders(std::string_view bytes, const MessageLimits& limits, Message* message) {
  ForEachField(bytes, [&](const RawField& field) {
    const std::size_t used = static_cast<std::size_t>(field.value.data() - bytes.data());
    if (used + field.value.size() > limits.header_block_bytes) return false;
    message->headers.push_back({std::string(field.name), Unfold(field.value)});
    return message->headers.size() < static_cast<std::size_t>(limits.headers_per_part);
  });
}

void ReadKnownFields(Message* message) {
  message->message_id = std::string(message->Header("Message-ID").value_or(""));
  message->subject = DecodeWords(message->Header("Subject").value_or(""));
  message->date = ReadDate(message->Header("Date").value_or(""));
  for (const HeaderField& field : message->headers) {
    if (EqualIgnoringCase(field.name, "From")) ReadAddresses(field.value, &message->from);
    if (EqualIgnoringCase(field.name, "Reply-To")) ReadAddresses(field.value, &message->reply_to);
  }
  message->stamps = ReadExchangeStamps(message->headers);
}

}  // namespace

std::optional<std::string_view> Message::Header(std::string_view name) const {
  for (const HeaderField& field : headers) {
    if (EqualIgnoringCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

bool Message::Hit(std::string_view limit) const {
  return std::ranges::find(limits_hit, limit, &LimitHit::name) != limits_hit.end();
}

void Message::AddLimit(std::string_view name, int part, std::string_view what) {
  if (!Hit(name)) limits_hit.push_back({std::string(name), std::max(part, 0), std::string(what)});
}

std::string_view Message::TextOfPart(const MessagePart& part) const {
  const std::string& text = part.type == "text/html" ? html_text : plain_text;
  return std::string_view(text).substr(part.text.begin, part.text.size);
}

Message ParseMessage(std::string_view bytes, const MessageLimits& limits) {
  Message message;
  ReadHeaders(bytes, limits, &message);
  ReadKnownFields(&message);
  Flattener(&message, limits, bytes.size()).AddMessage(bytes, 0, -1);
  message.words = WordsOfText(CutUtf8(message.SeenText(), kWordsBytes), kMostWords);
  return message;
}

}  // namespace clawback
