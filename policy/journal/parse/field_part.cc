// SPDX-License-Identifier: Apache-2.0
#include "policy/journal/parse/field_part.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "policy/base/text.h"
#include "policy/message/parse/charset.h"
#include "policy/message/parse/header_block.h"

namespace clawback {
namespace {

bool HasSenderLine(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);  // a mark of UTF-8
  for (std::size_t at = 0; at < text.size();) {
    const Line line = LineAt(text, at);
    if (EqualIgnoringCase(line.text.substr(0, 7), "Sender:")) return true;
    at = line.next;
  }
  return false;
}

// Charsets in which plain letters can stand for a line end: no mail system writes a
// field part in them, but a part that says so could make lines of a sender's text.
bool HidesLineEnds(std::string_view charset) {
  std::string name;
  for (const char c : LowerAscii(charset.substr(0, 64))) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) name += c;
  }
  for (const std::string_view word : {"utf7", "scsu", "bocu", "imapmailbox"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return name.rfind("hz", 0) == 0;
}

bool IsPlainAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0 && c != '\x1B'; });
}

// The part as UTF-8: a view of text where that is what it is.
struct Decoded {
  std::string held;
  std::string_view text;
  std::string problem;
};

Decoded DecodeCharset(std::string_view text, std::string_view charset) {
  const bool readable = HasSenderLine(text);
  // A part whose charset lies (says utf-16, is ASCII) is read as it stands.
  if (readable && HidesLineEnds(charset)) charset = "";
  Decoded decoded{ToUtf8(text, charset), {}, {}};
  decoded.text = decoded.held;
  if (!readable) return decoded;
  if (!HasSenderLine(decoded.held)) {
    decoded.held = ToUtf8(text, "");
    decoded.text = decoded.held;
  } else if (std::count(text.begin(), text.end(), '\n') !=
             std::count(decoded.held.begin(), decoded.held.end(), '\n')) {
    decoded.problem = "the charset of the field part makes other lines of it";
  }
  return decoded;
}

// A subject's own lines: CR, LF and CRLF all end one.
std::vector<std::string> SubjectLines(std::string_view subject) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < subject.size(); ++i) {
    if (subject[i] == '\r' && i + 1 < subject.size() && subject[i + 1] == '\n') continue;
    if (subject[i] == '\r' || subject[i] == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += subject[i];
    }
  }
  return lines;
}

// Where ", Expanded:" or ", Forwarded:" begins outside quotes.
struct RedirectMark {
  std::size_t comma = std::string_view::npos;
  std::size_t original = 0;  // after the colon
  Redirect redirect = Redirect::kExpanded;
};

RedirectMark FindRedirect(std::string_view value) {
  constexpr std::pair<std::string_view, Redirect> kMarks[] = {{"Expanded:", Redirect::kExpanded},
                                                              {"Forwarded:", Redirect::kForwarded}};
  bool quoted = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && quoted) ++i;
    if (i < value.size() && value[i] == '"') quoted = !quoted;
    if (quoted || i >= value.size() || value[i] != ',') continue;
    const std::size_t word = value.find_first_not_of(" \t", i + 1);
    if (word == std::string_view::npos) continue;
    for (const auto& [mark, redirect] : kMarks) {
      if (EqualIgnoringCase(value.substr(word, mark.size()), mark)) {
        return {i, word + mark.size(), redirect};
      }
    }
  }
  return {};
}

// Where the last "<" outside quotes stands.
std::size_t LastOpenBracket(std::string_view written) {
  std::size_t open = std::string_view::npos;
  bool quoted = false;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '\\' && quoted) {
      ++i;
    } else if (written[i] == '"') {
      quoted = !quoted;
    } else if (written[i] == '<' && !quoted) {
      open = i;
    }
  }
  return quoted ? std::string_view::npos : open;
}

// As written, but without the angle brackets and the display name that some
// emitters put around it, and without a comma that nothing follows.
std::string_view BareAddress(std::string_view written) {
  written = Trim(written);
  while (!written.empty() && written.back() == ',')
    written = Trim(written.substr(0, written.size() - 1));
  if (!written.empty() && written.back() == '>') {
    const std::size_t open = LastOpenBracket(written);
    if (open != std::string_view::npos)
      written = written.substr(open + 1, written.size() - open - 2);
  }
  return Trim(written);
}

bool IsUsableAddress(std::string_view address) {
  return !address.empty() && address.size() <= kMaxAddress &&
         std::none_of(address.begin(), address.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::optional<Recipient> ReadRecipient(RecipientType type, std::string_view value) {
  Recipient recipient;
  recipient.type = type;
  const RedirectMark mark = FindRedirect(value);
  recipient.address = BareAddress(value.substr(0, mark.comma));
  if (!IsUsableAddress(recipient.address)) return std::nullopt;
  if (mark.comma == std::string_view::npos) return recipient;
  // The grammar has one redirect; of a second one nothing is believed.
  std::string_view rest = value.substr(mark.original);
  recipient.original = BareAddress(rest.substr(0, FindRedirect(rest).comma));
  if (IsUsableAddress(recipient.original)) {
    recipient.redirect = mark.redirect;
  } else {
    recipient.original.clear();
  }
  return recipient;
}

std::string WithoutBlanks(std::string_view text) {
  std::string dense;
  for (const char c : text) {
    if (c != ' ' && c != '\t') dense += c;
  }
  return dense;
}

std::string SenderFrom(std::string_view value) {
  const std::string_view sender = BareAddress(value).substr(0, kMaxAddress);
  return sender.empty() ? "<>" : std::string(sender);
}

class Reader {
 public:
  Reader(std::string_view text, std::string_view wrapper_subject)
      : text_(text), subject_lines_(SubjectLines(wrapper_subject)) {}

  FieldPart Read() {
    while (next_ < text_.size() && fields_.problem.empty()) {
      const Line line = LineAt(text_, next_);
      next_ = line.next;
      ReadLine(line.text);
    }
    if (fields_.problem.empty() && !has_sender_) Refuse("the field part has no Sender line");
    if (fields_.problem.empty()) RefuseTextAsRecipient();
    if (!fields_.problem.empty()) fields_.recipients.clear();
    return std::move(fields_);
  }

 private:
  void Refuse(std::string problem) { fields_.problem = std::move(problem); }

  void ReadLine(std::string_view line) {
    constexpr std::size_t kLongestName = 16;
    const std::size_t colon = line.substr(0, kLongestName).find(':');
    // No folding in this grammar: a line that begins with a blank is no field.
    if (colon == std::string_view::npos || colon == 0 || line[0] == ' ' || line[0] == '\t') return;
    const std::string name = LowerAscii(line.substr(0, colon));
    const std::string_view value = Trim(line.substr(colon + 1));
    if (name == "to") return Add(RecipientType::kTo, value);
    if (name == "cc") return Add(RecipientType::kCc, value);
    if (name == "bcc") return Add(RecipientType::kBcc, value);
    if (name == "recipient") return Add(RecipientType::kRecipient, value);
    if (name == "sender") return Once(&has_sender_, name, SenderFrom(value), &fields_.sender);
    if (name == "on-behalf-of") {
      return Once(&has_on_behalf_of_, name, std::string(BareAddress(value).substr(0, kMaxAddress)),
                  &fields_.on_behalf_of);
    }
    if (name == "message-id") {
      if (value.size() > kMaxText) return Refuse("the field part's message id is longer than any");
      std::string id;
      Once(&has_message_id_, name, std::string(value), &id);
      if (has_message_id_ && !id.empty()) fields_.message_id = id;
    }
    if (name == "subject") {
      subject_ = value;
      Once(&has_subject_, name, std::string(CutUtf8(value, kMaxText)), &fields_.subject);
      SkipInjectedLines();
    }
  }

  // A field of this grammar stands once, before the recipients; a second one was
  // written by someone other than Exchange.
  void Once(bool* seen, const std::string& name, std::string value, std::string* out) {
    if (*seen) return Refuse("the field part has two " + name + " lines");
    if (!fields_.recipients.empty()) {
      return Refuse("the field part has a " + name + " line after a recipient");
    }
    *seen = true;
    *out = std::move(value);
  }

  void Add(RecipientType type, std::string_view value) {
    if (fields_.recipients.size() >= kMaxRecipients) {
      fields_.recipients_left_out = true;
      return;
    }
    auto recipient = ReadRecipient(type, value);
    if (!recipient) {
      fields_.recipients_left_out = true;
      return;
    }
    recipient_bytes_ += recipient->address.size() + recipient->original.size();
    if (recipient_bytes_ > kMaxRecipientBytes) {
      fields_.recipients_left_out = true;
      return;
    }
    fields_.recipients.push_back(std::move(*recipient));
  }

  // If the lines that follow are the rest of the subject, word for word, they are
  // the subject's and no fields.
  void SkipInjectedLines() {
    if (subject_lines_.size() < 2) return;
    if (subject_ != Trim(subject_lines_[0])) return;  // it is all on one line
    std::size_t at = next_;
    for (std::size_t i = 1; i < subject_lines_.size(); ++i) {
      if (at >= text_.size()) return;
      const Line line = LineAt(text_, at);
      if (Trim(line.text) != Trim(subject_lines_[i])) return;
      at = line.next;
    }
    next_ = at;
    skipped_ = true;
  }

  // A subject that did not stand there word for word: either Exchange took line ends out,
  // and all of the text is on the Subject line, or it speaks in some other way, and a
  // recipient that it names is none. The wrapper's copy may have lost its line ends too.
  void RefuseTextAsRecipient() {
    if (!has_subject_ || skipped_ || IsWholeSubject()) return;
    std::unordered_set<std::string> named;
    for (const std::string& line : subject_lines_) AddNamed(LowerAscii(line), &named);
    if (named.empty()) return;
    for (const Recipient& recipient : fields_.recipients) {
      if (named.count(LowerAscii(recipient.address)) != 0) {
        return Refuse("a recipient stands in the subject's text: " + recipient.address);
      }
    }
  }

  // What stands behind each "to:" and the like: to the end of the line, and one word of it.
  static void AddNamed(std::string_view line, std::unordered_set<std::string>* named) {
    for (std::size_t colon = line.find(':'); colon != std::string_view::npos;
         colon = line.find(':', colon + 1)) {
      std::size_t word = colon;
      while (word > 0 && line[word - 1] >= 'a' && line[word - 1] <= 'z') --word;
      if (!RecipientTypeFrom(Capitalized(line.substr(word, colon - word)))) continue;
      const std::string_view behind = Trim(line.substr(colon + 1).substr(0, kMaxNamed));
      named->emplace(BareAddress(behind));
      named->emplace(BareAddress(behind.substr(0, behind.find_first_of(" \t,;"))));
    }
  }

  bool IsWholeSubject() const {
    std::string whole;
    for (const std::string& line : subject_lines_) whole += WithoutBlanks(line);
    return WithoutBlanks(subject_) == whole;
  }

  static std::string Capitalized(std::string_view word) {
    std::string name = LowerAscii(Trim(word));
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z')
      name[0] = static_cast<char>(name[0] - 32);
    return name;
  }

  static constexpr std::size_t kMaxText = 4096;  // of a subject, of an id
  static constexpr std::size_t kMaxNamed = 320;  // of an address (RFC 5321 4.5.3.1)

  const std::string_view text_;
  const std::vector<std::string> subject_lines_;
  std::string_view subject_;  // as the part has it
  std::size_t next_ = 0;      // where the line after this one begins
  std::size_t recipient_bytes_ = 0;
  FieldPart fields_;
  bool skipped_ = false;  // the subject's lines stood in the part
  bool has_sender_ = false;
  bool has_on_behalf_of_ = false;
  bool has_subject_ = false;
  bool has_message_id_ = false;
};

}  // namespace

FieldPart ReadFieldPart(std::string_view text, std::string_view charset,
                        std::string_view wrapper_subject) {
  const auto refused = [](std::string problem) {
    FieldPart fields;
    fields.problem = std::move(problem);
    return fields;
  };
  // A part of a hundred thousand recipients is not copied for its charset's sake.
  if (IsPlainAscii(text) && HasSenderLine(text)) return Reader(text, wrapper_subject).Read();
  Decoded decoded = DecodeCharset(text, charset);
  if (decoded.text.substr(0, 3) == "\xEF\xBB\xBF") decoded.text.remove_prefix(3);
  if (!decoded.problem.empty()) return refused(decoded.problem);
  // utf-16 has zero bytes of its own; decoded it has none.
  const bool nul = text.find('\0') != std::string_view::npos;
  if (nul && (decoded.text.find('\0') != std::string_view::npos || !HasSenderLine(decoded.text))) {
    return refused("a NUL in the field part");
  }
  return Reader(decoded.text, wrapper_subject).Read();
}

}  // namespace clawback
