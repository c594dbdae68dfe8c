// SPDX-License-Identifier: Apache-2.0
#include "tests/fingerprint/mail_generator.h"

#include <fmt/core.h>

#include <array>
#include <random>
#include <string_view>

#include "tests/practice/text.h"

namespace clawback {
namespace {

using Random = std::mt19937_64;

std::size_t Below(Random& random, std::size_t limit) { return random() % limit; }

template <typename T, std::size_t N>
const T& OneOf(Random& random, const std::array<T, N>& choices) {
  return choices[Below(random, N)];
}

// An invented word, so that two texts share no phrases.
std::string Word(Random& random) {
  constexpr std::array<std::string_view, 24> kSyllables = {
      "ba", "ke", "li", "mo", "nu",  "ra",  "se",  "ti", "vo", "xu", "an", "er",
      "in", "on", "us", "st", "tra", "ple", "gri", "do", "fa", "ha", "ju", "wo"};
  std::string word;
  for (std::size_t i = 1 + Below(random, 4); i > 0; --i) word += OneOf(random, kSyllables);
  return word;
}

// What can be said in a charset beyond ASCII, in that charset's bytes.
struct Script {
  std::string_view charset;
  std::array<std::string_view, 4> words;
};
constexpr std::array<Script, 5> kScripts = {{
    {"utf-8",
     {"Gr\xc3\xbc\xc3\x9f"
      "e",
      "na\xc3\xafve", "\xe2\x82\xac", "\xe6\x9d\xb1\xe4\xba\xac"}},
    {"iso-8859-1",
     {"Gr\xfc\xdf"
      "e",
      "na\xefve", "caf\xe9",
      "\xa3"
      "5"}},
    {"windows-1252",
     {"Gr\xfc\xdf"
      "e",
      "\x93quoted\x94", "\x80", "it\x92s"}},
    {"koi8-r", {"\xf0\xd2\xc9\xd7\xc5\xd4", "\xcd\xc9\xd2", "\xde\xc1\xd3", "\xc4\xc1"}},
    {"shift_jis", {"\x93\x8c\x8b\x9e", "\x83\x65\x83\x58\x83\x67", "\x89\xef\x8b\x63", "\x82\xcd"}},
}};

std::string Sentence(Random& random, const Script& script, bool link) {
  std::string text;
  for (std::size_t i = 4 + Below(random, 14); i > 0; --i) {
    text += Below(random, 8) == 0 ? std::string(OneOf(random, script.words)) : Word(random);
    text += i > 1 ? " " : ". ";
  }
  if (link)
    text += fmt::format("See https://www.{}.example/{}?id={} for it. ", Word(random), Word(random),
                        random());
  return text;
}

std::string Lines(Random& random, const Script& script, std::size_t sentences) {
  std::string text;
  for (std::size_t i = 0; i < sentences; ++i) {
    text += Sentence(random, script, Below(random, 5) == 0) + "\r\n";
  }
  return text;
}

std::string Html(const std::string& lines) {
  std::string out =
      "<html><head><style>p { color: black; }</style></head><body class=\"mail\">\r\n";
  std::size_t at = 0;
  for (std::size_t end = 0; (end = lines.find("\r\n", at)) != lines.npos; at = end + 2) {
    std::string line = lines.substr(at, end - at);
    if (const std::size_t link = line.find("https://"); link != line.npos) {
      const std::size_t stop = line.find(' ', link);
      line = line.substr(0, link) + "<a href=\"" + line.substr(link, stop - link) +
             "\">this page</a>" + line.substr(stop);
    }
    out += "<p>" + line + "</p>\r\n";
  }
  return out + "</body></html>\r\n";
}

std::string EncodedQuotedPrintable(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (text[i] == '\r' || text[i] == '\n') {
      out += text[i];
      column = 0;
      continue;
    }
    if (column > 70) {
      out += "=\r\n";
      column = 0;
    }
    const bool at_end = i + 1 < text.size() && text[i + 1] == '\r';
    const bool plain = byte > 0x20 ? byte < 0x7f && byte != '=' : byte == ' ' && !at_end;
    out += plain ? std::string(1, text[i]) : fmt::format("={:02X}", byte);
    column += plain ? 1 : 3;
  }
  return out;
}

std::string EncodedBase64(std::string_view bytes) {
  const std::string encoded = practice::Base64(bytes);
  std::string out;
  for (std::size_t at = 0; at < encoded.size(); at += 76) out += encoded.substr(at, 76) + "\r\n";
  return out;
}

// A part with its header, in one of the three encodings.
std::string Entity(Random& random, const std::string& type, const std::string& content) {
  switch (Below(random, 3)) {
    case 0:
      return "Content-Type: " + type + "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
             EncodedQuotedPrintable(content);
    case 1:
      return "Content-Type: " + type + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
             EncodedBase64(content);
    default:
      return "Content-Type: " + type + "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + content;
  }
}

std::string Multipart(Random& random, std::string_view subtype,
                      std::initializer_list<std::string> entities) {
  const std::string boundary = fmt::format("=_{:016x}", random());
  std::string out =
      fmt::format("Content-Type: multipart/{};\r\n\tboundary=\"{}\"\r\n\r\n", subtype, boundary);
  for (const std::string& entity : entities) out += "--" + boundary + "\r\n" + entity + "\r\n";
  return out + "--" + boundary + "--\r\n";
}

std::string File(Random& random, const std::string& type, const std::string& name,
                 std::string_view disposition) {
  std::string content;
  for (std::size_t i = 100 + Below(random, 3000); i > 0; --i)
    content += static_cast<char>(random());
  return fmt::format(
      "Content-Type: {}; name=\"{}\"\r\nContent-Disposition: {}; filename=\"{}\"\r\n"
      "Content-ID: <{:x}@cid>\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
      type, name, disposition, name, random(), EncodedBase64(content));
}

std::string Body(Random& random) {
  const Script& script = OneOf(random, kScripts);
  const std::string charset = "; charset=\"" + std::string(script.charset) + "\"";
  constexpr std::array<std::size_t, 6> kLengths = {1, 3, 8, 20, 60, 150};
  const std::string lines = Lines(random, script, OneOf(random, kLengths));
  const std::string plain = Entity(random, "text/plain" + charset, lines);
  const std::string html = Entity(random, "text/html" + charset, Html(lines));
  const std::string both = Multipart(random, "alternative", {plain, html});
  switch (Below(random, 8)) {
    case 0:
    case 1:
      return plain;
    case 2:
      return html;
    case 3:
      return both;
    case 4:
      return Multipart(random, "mixed",
                       {plain, File(random, "application/pdf", "figures.pdf", "attachment")});
    case 5:
      return Multipart(random, "mixed",
                       {both, File(random, "image/png", "photo.png", "attachment"),
                        Entity(random, "text/csv; name=\"t.csv\"", "a,b\r\n1,2\r\n")});
    case 6:
      return Multipart(random, "related", {html, File(random, "image/gif", "logo.gif", "inline")});
    default:
      return Multipart(
          random, "mixed",
          {Entity(random, "text/plain" + charset, Sentence(random, script, false)),
           "Content-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nSubject: inner\r\n"
           "Message-ID: <inner@d.example>\r\n\r\n" +
               lines});
  }
}

}  // namespace

MailHead HeadOf(std::uint64_t number) {
  Random random(number * 2 + 1);
  constexpr std::array<std::string_view, 8> kIds = {
      "<{:x}.{}@mail.sender.example>",
      "<CA+{:x}=Q{}-_x@mail.example>",
      "<{:x}$ {} and a tail that is long enough to be folded within@blank.example>",
      "<{:x}'{}'quoted@x.example>",
      "<{:x}.{} @blank.example>",
      "{:x}.{}@no.brackets.example",
      "<[{:x}.{}]>",
      "<{:x}&{}%2B#?@odd.example>"};
  constexpr std::array<std::string_view, 4> kSubjects = {
      "=?utf-8?B?R3LDvMOfZQ==?= {}", "=?iso-8859-1?Q?Gr=FC=DFe_an?= {}", "Re:   two  blanks {}",
      "A plain subject about {} that is long enough to be folded when it is written out anew"};
  const std::string word = Word(random);
  MailHead head;
  head.message_id = fmt::format(fmt::runtime(OneOf(random, kIds)), random(), number);
  head.from = fmt::format("{}{}@sender.example", word, number);
  head.subject = fmt::format(fmt::runtime(OneOf(random, kSubjects)), word);
  head.date = fmt::format("Tue, {:02} Nov 2026 {:02}:{:02}:05 +0100", 1 + number % 28, number % 24,
                          number % 60);
  return head;
}

std::string MailWith(const MailHead& head, std::uint64_t number) {
  Random random(number * 2);
  return fmt::format(
      "Received: from mx.sender.example by relay; Tue, 03 Nov 2026 09:00:00 +0000\r\n"
      "X-Mailer: {} with a value that is long enough to be folded anew when it is written again\r\n"
      "Message-ID: {}\r\nFrom: \"{}, {}\" <{}>\r\nTo: <alice@contoso.example>\r\nSubject: {}\r\n"
      "Date: {}\r\nMIME-Version: 1.0\r\n{}",
      Word(random), head.message_id, Word(random), Word(random), head.from, head.subject, head.date,
      Body(random));
}

}  // namespace clawback
