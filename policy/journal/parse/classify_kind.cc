// SPDX-License-Identifier: Apache-2.0
#include "policy/journal/parse/classify_kind.h"

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

bool ReturnsJournalReport(const Wrapper& wrapper, std::string_view bytes) {
  const std::string boundary = Parameter(wrapper.content_type, "boundary");
  for (const OuterPart& part : DirectParts(bytes.substr(wrapper.body), boundary, kNoticeParts)) {
    if (part.type != "message/rfc822" && part.type != "text/rfc822-headers") continue;
    const std::string decoded = DecodeTransfer(part.body, part.encoding);
    if (FindField(decoded, kMarker)) return true;
  }
  return false;
}

// Other products and older Exchange mark their reports in other ways; theirs differ
// in the field part too, so they are recognised and left alone.
bool IsForeignMarker(const RawField& field) {
  if (EqualIgnoringCase(field.name, "X-WM-Journal-Report") ||
      EqualIgnoringCase(field.name, "X-MS-Exchange-Organization-Journal-Report")) {
    return true;
  }
  // Exchange 2003 really misspells it.
  return (EqualIgnoringCase(field.name, "Content-Identifer") ||
          EqualIgnoringCase(field.name, "Content-Identifier")) &&
         EqualIgnoringCase(Unfold(field.value), "ExJournalReport");
}

void TakeFirst(std::string* out, const RawField& field) {
  if (out->empty()) *out = Unfold(field.value);
}

}  // namespace

Wrapper ReadWrapper(std::string_view bytes) {
  Wrapper wrapper;
  const HeaderEnd end = ForEachField(bytes, [&](const RawField& field) {
    const auto is = [&](std::string_view name) { return EqualIgnoringCase(field.name, name); };
    if (is(kMarker)) wrapper.journal_marker = true;
    if (IsForeignMarker(field)) wrapper.unsupported = std::string(field.name);
    if (is("Content-Type")) TakeFirst(&wrapper.content_type, field);
    if (is("X-MS-Exchange-Parent-Message-Id")) wrapper.parent_message_id.See(Unfold(field.value));
    if (is("Message-ID")) TakeFirst(&wrapper.message_id, field);
    if (is("Subject")) TakeFirst(&wrapper.subject, field);
    if (is("From")) TakeFirst(&wrapper.from, field);
    if (is("Return-Path")) TakeFirst(&wrapper.return_path, field);
    if (is("X-OriginatorOrg")) TakeFirst(&wrapper.marks.originator_org, field);
    if (is("X-LD-Processed") && wrapper.marks.processed_tenant.empty()) {
      const std::string value = Unfold(field.value);
      wrapper.marks.processed_tenant = LowerAscii(Trim(value.substr(0, value.find(','))));
    }
    return true;
  });
  wrapper.body = end.body;
  wrapper.has_nul = bytes.substr(0, end.body).find('\0') != std::string_view::npos;
  return wrapper;
}

ReportKind ClassifyKind(const Wrapper& wrapper, std::string_view bytes) {
  if (IsDeliveryReport(wrapper.content_type) && ReturnsJournalReport(wrapper, bytes)) {
    return ReportKind::kUndeliverableReport;
  }
  if (wrapper.journal_marker) return ReportKind::kJournalReport;
  if (!wrapper.unsupported.empty()) return ReportKind::kUnsupported;
  if (LowerAscii(wrapper.from).find("o365connectorvalidation@") != std::string::npos) {
    return ReportKind::kConnectorValidation;
  }
  return ReportKind::kMessage;
}

}  // namespace clawback
