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
  for (std::size_t at = 0; at < text.size();) {
    const Line line = LineAt(text, at);
    if (EqualIgnoringCase(line.text.substr(0, 7), "Sender:")) return true;
    at = line.next;
  }
  return false;
}

// A part whose charset lies (says utf-16, is ASCII) is read as it stands.
std::string DecodeCharset(std::string_view text, std::string_view charset) {
  std::string decoded = ToUtf8(text, charset);
  if (HasSenderLine(decoded) || !HasSenderLine(text)) return decoded;
  return ToUtf8(text, "");
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const Line line = LineAt(text, at);
    lines.push_back(line.text);
    at = line.next;
  }
  return lines;
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

// As written, but without the angle brackets and the display name that some
// emitters put around it, and without a comma that nothing follows.
std::string BareAddress(std::string_view written) {
  written = Trim(written);
  while (!written.empty() && written.back() == ',')
    written = Trim(written.substr(0, written.size() - 1));
  if (!written.empty() && written.back() == '>') {
    const std::size_t open = written.rfind('<');
    if (open != std::string_view::npos)
      written = written.substr(open + 1, written.size() - open - 2);
  }
  return std::string(Trim(written));
}

bool IsUsableAddress(std::string_view address) {
  return !address.empty() && std::none_of(address.begin(), address.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
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
  std::string sender = BareAddress(value);
  return sender.empty() ? "<>" : sender;
}

class Reader {
 public:
  Reader(std::vector<std::string_view> lines, std::string_view wrapper_subject)
      : lines_(std::move(lines)), subject_lines_(SubjectLines(wrapper_subject)) {}

  FieldPart Read() {
    for (at_ = 0; at_ < lines_.size() && fields_.problem.empty(); ++at_) ReadLine(lines_[at_]);
    if (fields_.problem.empty() && !has_sender_) Refuse("the field part has no Sender line");
    if (fields_.problem.empty()) RefuseTextAsRecipient();
    if (!fields_.problem.empty()) fields_.recipients.clear();
    return std::move(fields_);
  }

 private:
  void Refuse(std::string problem) { fields_.problem = std::move(problem); }

  void ReadLine(std::string_view line) {
    const std::size_t colon = line.find(':');
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
      return Once(&has_on_behalf_of_, name, BareAddress(value), &fields_.on_behalf_of);
    }
    if (name == "message-id") {
      std::string id;
      Once(&has_message_id_, name, std::string(value), &id);
      if (has_message_id_ && !id.empty()) fields_.message_id = id;
    }
    if (name == "subject") {
      Once(&has_subject_, name, std::string(value), &fields_.subject);
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
      fields_.too_many_recipients = true;
      return;
    }
    if (auto recipient = ReadRecipient(type, value)) fields_.recipients.push_back(*recipient);
  }

  // If the lines that follow are the rest of the subject, word for word, they are
  // the subject's and no fields.
  void SkipInjectedLines() {
    const std::size_t more = subject_lines_.size() - 1;
    if (more == 0 || at_ + more >= lines_.size()) return;
    if (Trim(fields_.subject) != Trim(subject_lines_[0])) return;  // it is all on one line
    for (std::size_t i = 1; i <= more; ++i) {
      if (Trim(lines_[at_ + i]) != Trim(subject_lines_[i])) return;
    }
    at_ += more;
    skipped_ = true;
  }

  // A subject with line ends that did not stand there word for word: either Exchange
  // took them out, and all of the text is on the Subject line, or it speaks in some
  // other way, and a recipient that it names is none.
  void RefuseTextAsRecipient() {
    if (subject_lines_.size() < 2 || skipped_ || IsWholeSubject(fields_.subject)) return;
    std::unordered_set<std::string> named;
    for (const std::string& line : subject_lines_) {
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos || !RecipientTypeFrom(Capitalized(line.substr(0, colon)))) {
        continue;
      }
      named.insert(LowerAscii(BareAddress(std::string_view(line).substr(colon + 1))));
    }
    for (const Recipient& recipient : fields_.recipients) {
      if (named.count(LowerAscii(recipient.address)) != 0) {
        return Refuse("a recipient stands in the subject's text: " + recipient.address);
      }
    }
  }

  bool IsWholeSubject(std::string_view field) const {
    std::string whole;
    for (const std::string& line : subject_lines_) whole += WithoutBlanks(line);
    return WithoutBlanks(field) == whole;
  }

  static std::string Capitalized(std::string_view word) {
    std::string name = LowerAscii(Trim(word));
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z')
      name[0] = static_cast<char>(name[0] - 32);
    return name;
  }

  const std::vector<std::string_view> lines_;
  const std::vector<std::string> subject_lines_;
  std::size_t at_ = 0;
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
  if (text.find('\0') != std::string_view::npos) {
    const std::string decoded = ToUtf8(text, charset);  // utf-16 has zero bytes of its own
    if (decoded.find('\0') != std::string::npos || !HasSenderLine(decoded)) {
      FieldPart refused;
      refused.problem = "a NUL in the field part";
      return refused;
    }
  }
  const std::string decoded = DecodeCharset(text, charset);
  return Reader(LinesOf(decoded), wrapper_subject).Read();
}

}  // namespace clawback
