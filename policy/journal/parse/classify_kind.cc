// SPDX-License-Identifier: Apache-2.0
#include "policy/journal/parse/classify_kind.h"

#include <algorithm>
#include <cstdint>

#include "policy/base/text.h"
#include "policy/journal/parse/outer_parts.h"

namespace clawback {
namespace {

constexpr std::string_view kMarker = "X-MS-Journal-Report";
// A notice has a text, a status and the returned mail; a few more do not matter.
constexpr std::size_t kNoticeParts = 16;

bool IsDeliveryReport(std::string_view content_type) {
  return MediaType(content_type) == "multipart/report" &&
         EqualIgnoringCase(Parameter(content_type, "report-type"), "delivery-status");
}

std::vector<OuterPart> NoticeParts(const Wrapper& wrapper, std::string_view bytes) {
  const std::string boundary = Parameter(wrapper.content_type.value.value_or(""), "boundary");
  return DirectParts(bytes.substr(wrapper.body), boundary, kNoticeParts);
}

bool IsReturnedReport(const OuterPart& part) {
  if (!part.IsMessage() && part.type != "text/rfc822-headers") return false;
  if (part.encoding == TransferEncoding::kIdentity)
    return FindField(part.body, kMarker).has_value();
  return FindField(DecodeTransfer(part.body, part.encoding), kMarker).has_value();
}

bool ReturnsJournalReport(const Wrapper& wrapper, std::string_view bytes) {
  const auto parts = NoticeParts(wrapper, bytes);
  return std::any_of(parts.begin(), parts.end(), IsReturnedReport);
}

// "rfc822; jrn-1@relay.example" (RFC 3464 2.3.2) in one of the blocks of fields.
std::string FailedRecipient(std::string_view status) {
  for (std::size_t at = 0; at < status.size();) {
    const std::string_view block = status.substr(at);
    const HeaderEnd end = ForEachField(block, [](const RawField&) { return true; });
    const auto field = FindField(block.substr(0, end.body), "Final-Recipient");
    if (field && EqualIgnoringCase(MediaType(*field), "rfc822")) {
      return LowerAscii(Trim(std::string_view(*field).substr(field->find(';') + 1)));
    }
    at += end.body;
  }
  return {};
}

// Other products and older Exchange mark their reports in other ways; theirs differ
// in the field part too, so they are recognised and left alone. Empty: no such mark.
std::string_view ForeignForm(const RawField& field) {
  if (EqualIgnoringCase(field.name, "X-WM-Journal-Report")) {
    return "a journal report of Amazon WorkMail (X-WM-Journal-Report)";
  }
  if (EqualIgnoringCase(field.name, "X-MS-Exchange-Organization-Journal-Report")) {
    return "a journal report in the form that stays inside an Exchange organisation "
           "(X-MS-Exchange-Organization-Journal-Report)";
  }
  // Exchange 2003 really misspells it; others that took over the form do so too.
  const bool identifier = EqualIgnoringCase(field.name, "Content-Identifer") ||
                          EqualIgnoringCase(field.name, "Content-Identifier");
  if (identifier && EqualIgnoringCase(Unfold(field.value), "ExJournalReport")) {
    return "a journal report in the form of Exchange 2003 (Content-Identifer: ExJournalReport)";
  }
  return {};
}

std::string ValueOf(const RawField& field) {
  return Unfold(field.value.substr(0, kMaxWrapperField));
}

// One mark of the organisation; what Exchange did not write in one way is no mark.
std::string MarkFrom(const SingleField& field) {
  return field.contradicts_itself ? "(two that differ)" : field.value.value_or("");
}

std::string ProcessedTenant(std::string_view value) {
  return LowerAscii(Trim(value.substr(0, value.find(','))));
}

void TakeFirst(std::string* out, const RawField& field) {
  if (out->empty()) *out = ValueOf(field);
}

}  // namespace

Wrapper ReadWrapper(std::string_view bytes) {
  Wrapper wrapper;
  SingleField originator_org, processed_tenant;
  const std::string_view head = bytes.substr(0, kMaxWrapperHeader);
  const HeaderEnd end = ForEachField(head, [&](const RawField& field) {
    const auto is = [&](std::string_view name) { return EqualIgnoringCase(field.name, name); };
    if (is(kMarker)) wrapper.journal_marker = true;
    if (const auto form = ForeignForm(field); !form.empty()) wrapper.unsupported = form;
    if (is("Content-Type")) wrapper.content_type.See(ValueOf(field));
    if (is("X-MS-Exchange-Parent-Message-Id")) wrapper.parent_message_id.See(ValueOf(field));
    if (is("Message-ID")) TakeFirst(&wrapper.message_id, field);
    if (is("Subject")) TakeFirst(&wrapper.subject, field);
    if (is("From")) TakeFirst(&wrapper.from, field);
    if (is("Return-Path")) TakeFirst(&wrapper.return_path, field);
    if (is("X-OriginatorOrg")) originator_org.See(LowerAscii(ValueOf(field)));
    if (is("X-LD-Processed")) processed_tenant.See(ProcessedTenant(ValueOf(field)));
    return true;
  });
  wrapper.marks.originator_org = MarkFrom(originator_org);
  wrapper.marks.processed_tenant = MarkFrom(processed_tenant);
  wrapper.body = end.body;
  wrapper.too_large = !end.blank_line && bytes.size() > head.size();
  wrapper.has_nul = bytes.substr(0, end.body).find('\0') != std::string_view::npos;
  return wrapper;
}

ReportKind ClassifyKind(const Wrapper& wrapper, std::string_view bytes) {
  const std::string content_type = wrapper.content_type.value.value_or("");
  if (IsDeliveryReport(content_type) && ReturnsJournalReport(wrapper, bytes)) {
    return ReportKind::kUndeliverableReport;
  }
  // A header that was not read to its end may be a report's: it is parked, not passed over.
  if (wrapper.journal_marker || wrapper.too_large) return ReportKind::kJournalReport;
  if (!wrapper.unsupported.empty()) return ReportKind::kUnsupported;
  constexpr std::string_view kValidator = "O365ConnectorValidation@";
  const std::string from = AddressIn(wrapper.from);
  if (EqualIgnoringCase(std::string_view(from).substr(0, kValidator.size()), kValidator)) {
    return ReportKind::kConnectorValidation;
  }
  return ReportKind::kMessage;
}

Returned ReadReturned(const Wrapper& wrapper, std::string_view bytes) {
  Returned returned;
  for (const OuterPart& part : NoticeParts(wrapper, bytes)) {
    if (part.type == "message/delivery-status" && returned.recipient.empty()) {
      returned.recipient = FailedRecipient(part.body.substr(0, kMaxWrapperField));
    }
    // Headers alone, and what was encoded on the way, are not the report's bytes.
    if (part.type != "message/rfc822" || part.encoding != TransferEncoding::kIdentity) continue;
    if (!part.closed || !IsReturnedReport(part)) continue;
    returned.reports.push_back({static_cast<std::uint64_t>(part.body.data() - bytes.data()),
                                static_cast<std::uint64_t>(part.body.size())});
  }
  return returned;
}

std::string AddressIn(std::string_view value) {
  const std::size_t close = value.rfind('>');
  if (close == std::string_view::npos) return std::string(Trim(value));
  const std::size_t open = value.rfind('<', close);
  if (open == std::string_view::npos) return std::string(Trim(value));
  return std::string(Trim(value.substr(open + 1, close - open - 1)));
}

}  // namespace clawback
