// SPDX-License-Identifier: Apache-2.0
#include "policy/journal/unwrap.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "policy/base/text.h"
#include "policy/journal/parse/classify_kind.h"
#include "policy/journal/parse/field_part.h"
#include "policy/journal/parse/outer_parts.h"
#include "policy/message/parse/charset.h"
#include "policy/message/parse/header_block.h"

namespace clawback {
namespace {

// A report has two parts, three where rights protection was taken off. More are
// somebody's trick; these many are looked at.
constexpr std::size_t kMaxParts = 64;
// RFC 5322 has one id, of at most a line; senders write long ones, and several, among
// which the one that Exchange goes by may be the last. A part has no more fields than these.
constexpr std::size_t kMaxIds = 1000;
constexpr std::size_t kMaxId = 4096;
// Of a message that came encoded, as none should: it is held twice, decoded and in parts.
constexpr std::size_t kMaxEncoded = 48UL << 20;
constexpr std::string_view kProtected = "application/x-microsoft-rpmsg-message";

// One message among the children of the report.
struct Inner {
  std::string_view bytes;
  std::shared_ptr<const std::string> decoded;  // holds bytes if they were encoded
  std::vector<std::string_view> message_ids;   // values as they stand, folds and all
  std::string network_message_id, organization_id;
  bool protected_by_rights = false;
  bool whole = false;   // its header block was not cut off
  bool cut = false;     // decoded up to kMaxEncoded only
  bool closed = false;  // a boundary line follows it
};

// The one part that a rights-protected message has besides its cover text.
bool HoldsProtected(std::string_view body, std::string_view content_type) {
  constexpr std::size_t kCoverParts = 8;
  if (MediaType(content_type) == kProtected) return true;
  const std::string boundary = Parameter(content_type, "boundary");
  if (boundary.empty()) return false;
  const auto parts = DirectParts(body, boundary, kCoverParts);
  return std::any_of(parts.begin(), parts.end(),
                     [](const auto& p) { return p.type == kProtected; });
}

std::string TextOf(const RawField& field) {
  return Unfold(field.value.substr(0, kMaxWrapperField));
}

Inner ReadInner(const OuterPart& part) {
  Inner inner;
  inner.bytes = part.body;
  if (part.encoding != TransferEncoding::kIdentity) {
    // RFC 2046 5.2.1 forbids it, gateways do it.
    const std::string_view raw = part.body.substr(0, kMaxEncoded);
    inner.decoded = std::make_shared<const std::string>(DecodeTransfer(raw, part.encoding));
    inner.cut = raw.size() < part.body.size();
    inner.bytes = *inner.decoded;
  }
  SingleField network_id, organization_id;
  std::string content_type;
  const HeaderEnd end = ForEachField(inner.bytes, [&](const RawField& field) {
    const auto is = [&](std::string_view name) { return EqualIgnoringCase(field.name, name); };
    const bool room = inner.message_ids.size() < kMaxIds && field.value.size() <= kMaxId;
    if (is("Message-ID") && room) inner.message_ids.push_back(field.value);
    if (is("X-MS-Exchange-Organization-Network-Message-Id")) network_id.See(TextOf(field));
    if (is("X-MS-Exchange-Organization-Id")) organization_id.See(LowerAscii(TextOf(field)));
    if (is("Content-Class") && EqualIgnoringCase(TextOf(field), "rpmsg.message")) {
      inner.protected_by_rights = true;
    }
    if (is("Content-Type") && content_type.empty()) content_type = TextOf(field);
    return true;
  });
  if (HoldsProtected(inner.bytes.substr(end.body), content_type)) inner.protected_by_rights = true;
  inner.network_message_id = network_id.value.value_or("");
  inner.organization_id =
      organization_id.contradicts_itself ? "(two that differ)" : organization_id.value.value_or("");
  inner.closed = part.closed;
  inner.whole = part.closed || end.blank_line;
  return inner;
}

// Folding may have changed the blanks of an id between one copy and the next.
std::string WithoutBlanks(std::string_view id) {
  std::string dense;
  std::copy_if(id.begin(), id.end(), std::back_inserter(dense),
               [](char c) { return c != ' ' && c != '\t'; });
  return dense;
}

bool SameId(std::string_view a, std::string_view b, std::string_view charset) {
  if (WithoutBlanks(a) == WithoutBlanks(b)) return true;
  return WithoutBlanks(ToUtf8(a, charset)) == WithoutBlanks(ToUtf8(b, ""));
}

class JournalReader {
 public:
  JournalReader(std::string_view bytes, const Wrapper& wrapper)
      : bytes_(bytes), wrapper_(wrapper) {}

  Unwrapped Read() {
    JournalReport& report = unwrapped_.report;
    report.report_id = wrapper_.message_id;
    report.subject = DecodeWords(wrapper_.subject);
    report.marks = wrapper_.marks;
    report.problem = ReadParts();
    report.kind = report.problem.empty() ? ReportKind::kJournalReport : ReportKind::kMalformed;
    if (!report.problem.empty()) Forget();
    return std::move(unwrapped_);
  }

 private:
  // What a report that cannot be used says about anybody is not passed on.
  void Forget() {
    unwrapped_.report.recipients.clear();
    unwrapped_.message = {};
    unwrapped_.decoded.reset();
  }

  std::string ReadParts() {
    if (wrapper_.too_large) return "the report's header is larger than any";
    if (wrapper_.has_nul) return "a NUL in the report's header";
    if (wrapper_.content_type.contradicts_itself) return "two content types in the report's header";
    const std::string content_type = wrapper_.content_type.value.value_or("");
    if (MediaType(content_type).rfind("multipart/", 0) != 0) return "not a multipart";
    const std::string boundary = Parameter(content_type, "boundary");
    if (boundary.empty()) return "a multipart without a boundary";
    const auto parts = DirectParts(bytes_.substr(wrapper_.body), boundary, kMaxParts);
    const OuterPart* fields = nullptr;
    bool fields_first = true;
    int texts = 0;
    for (const OuterPart& part : parts) {
      if (part.IsMessage()) {
        if (fields == nullptr) fields_first = false;
        inners_.push_back(ReadInner(part));
      } else if (part.type == "text/plain") {
        ++texts;
        if (fields == nullptr) fields = &part;
      }
    }
    unwrapped_.report.inner_messages = static_cast<int>(inners_.size());
    if (fields == nullptr) return "no field part";
    if (!fields->closed) return "cut off inside the field part";
    // Behind the message, only a lone text can be the field part: of several, one
    // may have come out of the message.
    if (!fields_first && texts > 1) return "several texts behind the message";
    if (inners_.empty()) return "no message inside";
    NoteOtherParts(parts.size());
    return ReadFields(*fields);
  }

  // Exchange makes two parts, and a third where it took rights protection off. What
  // else is there may have come out of the message, which then is not whole any more:
  // it is judged, and never found to be clean.
  void NoteOtherParts(std::size_t parts) {
    const auto is_clear = [](const Inner& inner) { return !inner.protected_by_rights; };
    const bool doubled =
        inners_.size() == 2 && std::count_if(inners_.begin(), inners_.end(), is_clear) == 1;
    if (parts > 1 + (doubled ? 2U : 1U)) unwrapped_.limit = "other-parts";
  }

  std::string ReadFields(const OuterPart& part) {
    const std::string_view raw = part.body.substr(0, kMaxFieldPart);
    const bool encoded = part.encoding != TransferEncoding::kIdentity;
    const std::string decoded = encoded ? DecodeTransfer(raw, part.encoding) : std::string();
    FieldPart fields =
        ReadFieldPart(encoded ? decoded : raw, part.charset, DecodeWords(wrapper_.subject));
    JournalReport& report = unwrapped_.report;
    if (!fields.problem.empty()) return fields.problem;
    report.sender = std::move(fields.sender);
    report.on_behalf_of = std::move(fields.on_behalf_of);
    if (!fields.subject.empty()) report.subject = std::move(fields.subject);
    report.recipients = std::move(fields.recipients);
    if (fields.recipients_left_out || part.body.size() > raw.size()) {
      unwrapped_.limit = "recipients";
    }
    return ChooseMessage(fields.message_id, part.charset);
  }

  // The id that field part and wrapper agree on, and the inner message that has it.
  // One of the three places may lack it, none may say another.
  std::string ChooseMessage(const std::optional<std::string>& field_id,
                            const std::string& charset) {
    const SingleField& parent = wrapper_.parent_message_id;
    if (parent.contradicts_itself) return "two parent message ids";
    if (field_id && parent.value && !SameId(*parent.value, *field_id, charset)) {
      return "field part and X-MS-Exchange-Parent-Message-Id name different messages";
    }
    if (!field_id && !parent.value) return "no message id in the report";
    const std::string& id = parent.value ? *parent.value : *field_id;
    const Inner* chosen = nullptr;
    std::string own_id;
    for (const Inner& inner : inners_) {
      const auto own =
          std::find_if(inner.message_ids.begin(), inner.message_ids.end(),
                       [&](std::string_view raw) { return SameId(Unfold(raw), id, charset); });
      const bool nameless = inner.message_ids.empty() && inners_.size() == 1;
      if (own == inner.message_ids.end() && !(nameless && field_id && parent.value)) continue;
      if (chosen != nullptr && !(chosen->protected_by_rights && !inner.protected_by_rights)) {
        continue;
      }
      chosen = &inner;
      own_id = own == inner.message_ids.end() ? id : Unfold(*own);
    }
    if (chosen == nullptr) return "the message inside has another id than the report says";
    if (!chosen->whole) return "cut off inside the message's header";
    Take(*chosen, std::move(own_id));
    return {};
  }

  void Take(const Inner& inner, std::string id) {
    unwrapped_.message = inner.bytes;
    unwrapped_.decoded = inner.decoded;
    // Whatever followed lies in the mailbox too, and nobody here has read it.
    if (!inner.closed) unwrapped_.limit = "cut-off";
    if (inner.cut) unwrapped_.limit = "decoded";
    unwrapped_.report.message_id = std::move(id);
    unwrapped_.report.network_message_id = inner.network_message_id;
    unwrapped_.report.marks.organization_id = inner.organization_id;
  }

  const std::string_view bytes_;
  const Wrapper& wrapper_;
  std::vector<Inner> inners_;
  Unwrapped unwrapped_;
};

std::string SenderOf(const Wrapper& wrapper) {
  const std::string& written = wrapper.return_path.empty() ? wrapper.from : wrapper.return_path;
  if (written.empty()) return {};
  std::string sender = AddressIn(written);
  return sender.empty() ? "<>" : sender;
}

Unwrapped NotAReport(std::string_view bytes, const Wrapper& wrapper, ReportKind kind) {
  Unwrapped unwrapped;
  JournalReport& report = unwrapped.report;
  report.kind = kind;
  report.sender = SenderOf(wrapper);
  report.subject = DecodeWords(wrapper.subject);
  report.message_id = wrapper.message_id;
  report.marks = wrapper.marks;
  if (kind == ReportKind::kUnsupported) {
    report.problem = wrapper.unsupported;
  } else {
    unwrapped.message = bytes;
  }
  if (kind == ReportKind::kUndeliverableReport) {
    Returned returned = ReadReturned(wrapper, bytes);
    report.returned = std::move(returned.reports);
    report.returned_for = std::move(returned.recipient);
  }
  return unwrapped;
}

}  // namespace

Unwrapped Unwrap(std::string_view bytes) {
  const Wrapper wrapper = ReadWrapper(bytes);
  const ReportKind kind = ClassifyKind(wrapper, bytes);
  if (kind == ReportKind::kJournalReport) return JournalReader(bytes, wrapper).Read();
  return NotAReport(bytes, wrapper, kind);
}

}  // namespace clawback
