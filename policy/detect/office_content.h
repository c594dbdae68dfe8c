// SPDX-License-Identifier: Apache-2.0
// What Office documents, notebooks and tables can be made to do, with a VBA macro and
// without one. One file at a time, and pure: dangerous_attachment.cc asks for each
// attachment, and for each file in an archive, of which an OOXML document is one.
#ifndef CLAWBACK_POLICY_DETECT_OFFICE_CONTENT_H_
#define CLAWBACK_POLICY_DETECT_OFFICE_CONTENT_H_

#include <functional>
#include <string_view>

namespace clawback {

struct OfficeSign {
  std::string_view reason;
  double weight;          // as malware; for "document-encrypted", which is a limit, 1
  std::string_view says;  // "has ...", "is ..."
};

// The macros of an OLE document: whether it has any, and whether any starts by itself.
bool HasMacros(std::string_view ole);
bool StartsByItself(std::string_view ole);

// name may be a path inside an archive; content may be its first bytes only. Linear.
void FindOfficeSigns(std::string_view name, std::string_view content,
                     const std::function<void(const OfficeSign&)>& tell);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_OFFICE_CONTENT_H_
