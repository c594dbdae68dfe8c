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

// One message/rfc822 child of the report.
struct Inner {
  std::string_view bytes;
  std::shared_ptr<const std::string> decoded;  // holds bytes if they were encoded
  std::vector<std::string> message_ids;        // a sender may write several
  std::string network_message_id, organization_id;
  bool protected_by_rights = false;
  bool whole = false;  // its header block was not cut off
};

bool IsProtected(const RawField& field) {
  const std::string value = LowerAscii(Unfold(field.value));
  return (EqualIgnoringCase(field.name, "Content-Class") && value == "rpmsg.message") ||
         (EqualIgnoringCase(field.name, "Content-Type") &&
          MediaType(value) == "application/x-microsoft-rpmsg-message");
}

Inner ReadInner(const OuterPart& part) {
  Inner inner;
  inner.bytes = part.body;
  if (part.encoding != TransferEncoding::kIdentity) {
    // RFC 2046 5.2.1 forbids it, gateways do it.
    inner.decoded = std::make_shared<const std::string>(DecodeTransfer(part.body, part.encoding));
    inner.bytes = *inner.decoded;
  }
  SingleField network_id, organization_id;
  const HeaderEnd end = ForEachField(inner.bytes, [&](const RawField& field) {
    const auto is = [&](std::string_view name) { return EqualIgnoringCase(field.name, name); };
    if (is("Message-ID")) inner.message_ids.push_back(Unfold(field.value));
    if (is("X-MS-Exchange-Organization-Network-Message-Id")) network_id.See(Unfold(field.value));
    if (is("X-MS-Exchange-Organization-Id")) organization_id.See(LowerAscii(Unfold(field.value)));
    if (IsProtected(field)) inner.protected_by_rights = true;
    return true;
  });
  inner.network_message_id = network_id.value.value_or("");
  inner.organization_id = organization_id.value.value_or("");
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
    if (wrapper_.has_nul) return "a NUL in the report's header";
    if (MediaType(wrapper_.content_type).rfind("multipart/", 0) != 0) return "not a multipart";
    const std::string boundary = Parameter(wrapper_.content_type, "boundary");
    if (boundary.empty()) return "a multipart without a boundary";
    const auto parts = DirectParts(bytes_.substr(wrapper_.body), boundary, kMaxParts);
    const OuterPart* fields = nullptr;
    bool fields_first = true;
    int texts = 0;
    for (const OuterPart& part : parts) {
      if (part.type == "message/rfc822") {
        if (fields == nullptr) fields_first = false;
        inners_.push_back(ReadInner(part));
      } else if (part.type == "text/plain") {
        ++texts;
        if (fields == nullptr) fields = &part;
      }
    }
    unwrapped_.report.inner_messages = static_cast<int>(inners_.size());
    if (fields == nullptr) return "no field part";
    // Behind the message, only a lone text can be the field part: of several, one
    // may have come out of the message.
    if (!fields_first && texts > 1) return "several texts behind the message";
    if (inners_.empty()) return "no message inside";
    return ReadFields(*fields);
  }

  std::string ReadFields(const OuterPart& part) {
    FieldPart fields = ReadFieldPart(DecodeTransfer(part.body, part.encoding), part.charset,
                                     DecodeWords(wrapper_.subject));
    JournalReport& report = unwrapped_.report;
    if (!fields.problem.empty()) return fields.problem;
    report.sender = std::move(fields.sender);
    report.on_behalf_of = std::move(fields.on_behalf_of);
    if (!fields.subject.empty()) report.subject = std::move(fields.subject);
    report.recipients = std::move(fields.recipients);
    if (fields.too_many_recipients) unwrapped_.limit = "recipients";
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
      const auto own = std::find_if(inner.message_ids.begin(), inner.message_ids.end(),
                                    [&](const auto& i) { return SameId(i, id, charset); });
      const bool nameless = inner.message_ids.empty() && inners_.size() == 1;
      if (own == inner.message_ids.end() && !(nameless && field_id && parent.value)) continue;
      if (chosen != nullptr && !(chosen->protected_by_rights && !inner.protected_by_rights)) {
        continue;
      }
      chosen = &inner;
      own_id = own == inner.message_ids.end() ? id : *own;
    }
    if (chosen == nullptr) return "the message inside has another id than the report says";
    if (!chosen->whole) return "cut off inside the message's header";
    Take(*chosen, std::move(own_id));
    return {};
  }

  void Take(const Inner& inner, std::string id) {
    unwrapped_.message = inner.bytes;
    unwrapped_.decoded = inner.decoded;
    unwrapped_.report.message_id = std::move(id);
    unwrapped_.report.network_message_id = inner.network_message_id;
    unwrapped_.report.marks.organization_id = inner.organization_id;
  }

  const std::string_view bytes_;
  const Wrapper& wrapper_;
  std::vector<Inner> inners_;
  Unwrapped unwrapped_;
};

// The address of a From or Return-Path field, roughly: enough to show who sent a
// mail that is no report.
std::string AddressIn(std::string_view value) {
  const std::size_t close = value.rfind('>');
  if (close == std::string_view::npos) return std::string(Trim(value));
  const std::size_t open = value.rfind('<', close);
  if (open == std::string_view::npos) return std::string(Trim(value));
  return std::string(Trim(value.substr(open + 1, close - open - 1)));
}

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
    report.problem =
        "a report marked " + wrapper.unsupported + ": another emitter's or an older form";
  } else {
    unwrapped.message = bytes;
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
