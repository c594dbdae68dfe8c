// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/mime_changes.h"

#include <fmt/core.h>

#include "tests/practice/gmime_handle.h"
#include "tests/practice/text.h"

namespace clawback::practice {
namespace {

constexpr std::string_view kDisclaimer =
    "This message and its attachments are meant for the persons named in it. If you are not one "
    "of them, please tell the sender and delete it.";
constexpr std::string_view kBanner =
    "CAUTION: This email originated from outside of the organization. Do not click links or open "
    "attachments unless you recognize the sender and know the content is safe.";
// Longer texts are left alone, as the service does.
constexpr size_t kMaxEdited = 1 << 20;

bool IsText(GMimeObject* part, const char* subtype) {
  return g_mime_content_type_is_type(g_mime_object_get_content_type(part), "text", subtype) != 0;
}

bool IsSigned(GMimeObject* part) { return GMIME_IS_MULTIPART_SIGNED(part); }

bool IsAttachment(GMimeObject* part) {
  const char* disposition = g_mime_object_get_disposition(part);
  return disposition && EqualIgnoringCase(disposition, "attachment");
}

// A link as the service's link protection rewrites it.
std::string SafeLink(const std::string& url) {
  return "https://nam11.safelinks.protection.outlook.com/?url=" + PercentEncode(url) +
         "&data=05%7C02%7C%7C" + GuidFrom(url) +
         "%7C0&sdata=" + PercentEncode(Base64(GuidFrom(url))) + "&reserved=0";
}

size_t EndOfLink(std::string_view text, size_t at) {
  const size_t end = text.find_first_of(" \t\r\n\"'<>)]}", at);
  return end == text.npos ? text.size() : end;
}

std::string RewriteLinks(std::string_view text, bool html) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const bool link = BeginsWith(rest, "http://") || BeginsWith(rest, "https://");
    // In HTML only what a click follows is rewritten, not the text that shows it.
    const bool target = !html || (at > 0 && (text[at - 1] == '"' || text[at - 1] == '\''));
    if (!link || !target) {
      out += text[at++];
      continue;
    }
    const size_t end = EndOfLink(text, at);
    std::string url(text.substr(at, end - at));
    std::string rewritten = SafeLink(url);
    if (html) {
      for (size_t i = 0; (i = rewritten.find('&', i)) != rewritten.npos; i += 5) {
        rewritten.replace(i, 1, "&amp;");
      }
    }
    out += rewritten;
    at = end;
  }
  return out;
}

size_t FindTag(std::string_view text, std::string_view tag) {
  for (size_t at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
    if (BeginsWith(text.substr(at), tag)) return at;
  }
  return text.npos;
}

std::string WithDisclaimer(std::string text, bool html) {
  if (!html) return text + "\r\n\r\n" + std::string(kDisclaimer) + "\r\n";
  const size_t end = FindTag(text, "</body");
  const std::string note =
      "<br><div style=\"font-size:9pt\">" + std::string(kDisclaimer) + "</div>\r\n";
  return text.insert(end == text.npos ? text.size() : end, note);
}

std::string WithBanner(std::string text, bool html) {
  if (!html) return std::string(kBanner) + "\r\n\r\n" + text;
  const size_t body = FindTag(text, "<body");
  const size_t end = body == text.npos ? body : text.find('>', body);
  const std::string note =
      "<table bgcolor=\"#ffeb9c\"><tr><td>" + std::string(kBanner) + "</td></tr></table>\r\n";
  return text.insert(end == text.npos ? 0 : end + 1, note);
}

std::string Edited(std::string text, bool html, const CopyChanges& changes) {
  if (text.size() > kMaxEdited) return text;
  if (changes.contains(CopyChange::kRewriteLinks)) text = RewriteLinks(text, html);
  if (changes.contains(CopyChange::kDisclaimer)) text = WithDisclaimer(std::move(text), html);
  if (changes.contains(CopyChange::kExternalBanner)) text = WithBanner(std::move(text), html);
  return text;
}

// The other of the two encodings that any content can travel in.
GMimeContentEncoding OtherEncoding(GMimeContentEncoding encoding, bool text) {
  if (!text) return GMIME_CONTENT_ENCODING_BASE64;
  return encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE
             ? GMIME_CONTENT_ENCODING_BASE64
             : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

std::string QuotedPrintable(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  constexpr size_t kWidth = 76;
  std::string out;
  size_t column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\r\n") {
      out += "\r\n";
      column = 0;
      ++i;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool line_end = i + 1 == text.size() || text.substr(i + 1, 2) == "\r\n";
    const bool space = byte == ' ' || byte == '\t';
    const bool plain = (byte > 0x20 && byte < 0x7F && byte != '=') || (space && !line_end);
    const size_t width = plain ? 1 : 3;
    if (column + width >= kWidth) {
      out += "=\r\n";
      column = 0;
    }
    if (plain) {
      out += text[i];
    } else {
      out += {'=', kHex[byte >> 4], kHex[byte & 15]};
    }
    column += width;
  }
  return out;
}

std::string EncodedLines(std::string_view bytes) {
  const std::string encoded = Base64(bytes);
  std::string lines;
  for (size_t at = 0; at < encoded.size(); at += 76) lines += encoded.substr(at, 76) + "\r\n";
  return lines;
}

// Bytes go in as they are to be written: the encoding is done here, since GMime's
// encoders do not keep CRLF.
void SetContent(GMimePart* part, const std::string& decoded, GMimeContentEncoding encoding) {
  const std::string bytes = encoding == GMIME_CONTENT_ENCODING_BASE64 ? EncodedLines(decoded)
                            : encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE
                                ? QuotedPrintable(decoded)
                                : decoded;
  const GObjectHandle<GMimeStream> stream(
      g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const GObjectHandle<GMimeDataWrapper> content(
      g_mime_data_wrapper_new_with_stream(stream.get(), encoding));
  g_mime_part_set_content(part, content.get());
  g_mime_part_set_content_encoding(part, encoding);
}

bool IsEdit(CopyChange change) {
  return change == CopyChange::kDisclaimer || change == CopyChange::kExternalBanner ||
         change == CopyChange::kRewriteLinks;
}

bool HasEdits(const CopyChanges& changes) {
  for (const CopyChange change : changes) {
    if (IsEdit(change)) return true;
  }
  return false;
}

void ChangeLeaf(GMimePart* part, const CopyChanges& changes) {
  GMimeObject* object = GMIME_OBJECT(part);
  const bool text = IsText(object, "*");
  const bool html = IsText(object, "html");
  const bool body = text && !IsAttachment(object) && (html || IsText(object, "plain"));
  const char* charset = g_mime_object_get_content_type_parameter(object, "charset");
  const bool edits = body && HasEdits(changes);
  const bool convert = text && (edits || (changes.contains(CopyChange::kTextToUtf8) && charset));
  const bool reencode = changes.contains(CopyChange::kReencodeTransfer);
  if (!edits && !convert && !reencode) return;

  std::string content = DecodedContent(part);
  GMimeContentEncoding encoding = g_mime_part_get_content_encoding(part);
  if (convert) {
    content = ToUtf8(content, charset);
    g_mime_object_set_content_type_parameter(object, "charset", "utf-8");
  }
  if (edits) content = Edited(std::move(content), html, changes);
  const bool narrow = encoding != GMIME_CONTENT_ENCODING_BASE64 &&
                      encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
  if (reencode || narrow) encoding = OtherEncoding(encoding, text);
  SetContent(part, content, encoding);
}

void ChangeObject(GMimeObject* object, const CopyChanges& changes, int depth) {
  constexpr int kMaxDepth = 100;
  if (!object || depth > kMaxDepth || IsSigned(object)) return;
  if (GMIME_IS_MULTIPART(object)) {
    GMimeMultipart* multipart = GMIME_MULTIPART(object);
    if (changes.contains(CopyChange::kNewBoundaries)) {
      const std::string boundary =
          fmt::format("_{:03}_{}_", depth, GuidFrom(NewGuid()).substr(0, 30) + "outlookcom");
      g_mime_multipart_set_boundary(multipart, boundary.c_str());
    }
    const int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count; ++i) {
      ChangeObject(g_mime_multipart_get_part(multipart, i), changes, depth + 1);
    }
  } else if (GMIME_IS_PART(object)) {
    ChangeLeaf(GMIME_PART(object), changes);
  }
  // An attached message stays as it was sent.
}

std::string Written(GMimeMessage* message) {
  const CHandle<GMimeFormatOptions, g_mime_format_options_free> options(
      g_mime_format_options_new());
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  const GObjectHandle<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_object_write_to_stream(GMIME_OBJECT(message), options.get(), stream.get());
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

}  // namespace

std::string ChangeMime(std::string_view mime, const CopyChanges& changes) {
  const bool concerned = changes.contains(CopyChange::kNewBoundaries) ||
                         changes.contains(CopyChange::kReencodeTransfer) ||
                         changes.contains(CopyChange::kTextToUtf8) || HasEdits(changes);
  if (!concerned) return std::string(mime);
  const auto message = ParseMessage(mime);
  if (!message) return std::string(mime);
  ChangeObject(g_mime_message_get_mime_part(message.get()), changes, 0);
  return Written(message.get());
}

}  // namespace clawback::practice
