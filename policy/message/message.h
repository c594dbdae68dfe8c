// SPDX-License-Identifier: Apache-2.0
// The message as detectors see it: a bounded, flat list of MIME parts with decoded
// content, the texts a person would read, its links, and what Exchange stamped about
// its sender. GMime stands behind it, after a pre-scan with hard limits; nothing of
// GMime shows here. Used inside a judge process only.
#ifndef CLAWBACK_POLICY_MESSAGE_MESSAGE_H_
#define CLAWBACK_POLICY_MESSAGE_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clawback {

// The limits of design section 6; docs/policy.md lists them.
struct MessageLimits {
  int depth = 50;
  int parts = 1000;
  int headers_per_part = 1000;
  std::size_t header_block_bytes = 256UL << 10;
  int parameters_per_field = 64;
  int decoded_per_raw = 4;  // decoded bytes over all parts, times the raw size
};

// How much of a message's text Message::words holds.
constexpr std::size_t kWordsBytes = 64UL << 10;
constexpr std::size_t kMostWords = 2000;

struct HeaderField {
  std::string name;   // as written
  std::string value;  // unfolded, RFC 2047 words not decoded
};

// Where a part's text stands in one of the message's texts.
struct TextPlace {
  std::size_t begin = 0, size = 0;
};

struct MessagePart {
  int depth = 0;                   // 0: the message itself
  int parent = -1;                 // index in Message::parts
  std::string type;                // "text/html", lower case, as declared (text/plain by default)
  std::string charset;             // lower case, empty if not declared
  std::string file_name;           // decoded, empty if none
  bool attachment = false;         // Content-Disposition says so
  std::string content;             // decoded from its transfer encoding; empty for multipart
  TextPlace text;                  // in plain_text or html_text, by its type; size 0: none of it
  std::size_t hidden_letters = 0;  // of a text/html part, as in Message
  std::size_t off_page_letters = 0;
};

// Where a link stands.
enum class LinkOrigin { kText, kPdf, kQrCode, kCalendar };

// One link, from text or HTML, or from what was opened (open/open_content.h).
struct Link {
  std::string target;  // as written, entities decoded
  std::string text;    // what a reader sees, empty in plain text
  int part = 0;        // index in Message::parts
  LinkOrigin origin = LinkOrigin::kText;
};

// What opening a part showed beside links and files.
enum class ContentSign {
  kPdfScript,         // JavaScript
  kPdfScriptReaches,  // JavaScript that opens addresses or files, or hides what it does
  kPdfLaunch,         // starts a program or opens a file
  kPdfFile,           // a file inside
  kPdfEncrypted,      // nothing of it can be read
  kPictureUnreadable,
};
struct OpenedSign {
  ContentSign sign = ContentSign::kPdfScript;
  int part = 0;          // index in Message::parts
  std::string evidence;  // as the content has it
};

// What Exchange stamped at its front door. Absent values are empty; forged lines
// (below the front door's Received, "-Untrusted", "-Original") are never taken.
struct ExchangeStamps {
  std::string spf, dkim, dmarc, compauth, compauth_reason;    // lower case results
  std::string header_from;                                    // domain
  std::string auth_as;                                        // "Anonymous", "Internal"
  std::string scl, bcl, category, filter_verdict, direction;  // CAT, SFV, DIR upper case
  std::string connecting_ip;
};

struct Address {
  std::string display_name;  // decoded
  std::string address;       // lower case, no brackets, an international domain as xn--
};

// A limit that was hit, or what could not be read: something is hidden.
struct LimitHit {
  std::string name;  // "depth", "parts", ...
  int part = 0;      // of Message::parts, the one that it befell or that holds it
  std::string what;  // for people: "a PDF document is damaged"
  bool operator==(const LimitHit&) const = default;
};

struct Message {
  std::vector<HeaderField> headers;
  std::vector<MessagePart> parts;  // depth first, [0] is the message itself
  std::string message_id;          // byte for byte, with brackets
  std::string subject;             // decoded
  std::vector<Address> from, reply_to;
  std::int64_t date = 0;   // seconds since 1970, 0: none or unreadable
  std::string plain_text;  // all text/plain parts, UTF-8
  std::string html_text;   // what a reader sees of the text/html parts, UTF-8
  // The first of what a reader sees (SeenText), cut as message/parse/words.h says: once, for
  // all who compare words.
  std::vector<std::string> words;
  std::size_t seen_letters = 0;      // in the text/html parts, that a reader sees,
  std::size_t hidden_letters = 0;    // and that none does
  std::size_t off_page_letters = 0;  // of these, what stands beside the page or is cut to nothing
  std::vector<Link> links;
  ExchangeStamps stamps;
  std::vector<OpenedSign> signs;     // empty before OpenContent
  std::vector<LimitHit> limits_hit;  // each name once, for the first that it befell

  // The first field of that name (case folded), unfolded; nullopt if absent.
  std::optional<std::string_view> Header(std::string_view name) const;
  // The HTML, where there is some worth the name, else the plain text.
  std::string_view SeenText() const { return html_text.size() >= 20 ? html_text : plain_text; }
  bool Hit(std::string_view limit) const;
  // Unless that limit was hit before.
  void AddLimit(std::string_view name, int part, std::string_view what);
  // What plain_text or html_text holds of part, which is one of parts.
  std::string_view TextOfPart(const MessagePart& part) const;
};

// Total: any bytes give a message; what could not be read is in limits_hit.
// Time and memory are linear in the size of bytes.
Message ParseMessage(std::string_view bytes, const MessageLimits& limits = {});

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_MESSAGE_H_
