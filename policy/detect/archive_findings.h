// SPDX-License-Identifier: Apache-2.0
// What hides in an archive is said, never passed over: encrypted files, limits that
// were hit, bytes that cannot be read.
#ifndef CLAWBACK_POLICY_DETECT_ARCHIVE_FINDINGS_H_
#define CLAWBACK_POLICY_DETECT_ARCHIVE_FINDINGS_H_

#include <string>
#include <string_view>

#include "policy/detect/archive.h"
#include "policy/message/message.h"
#include "policy/verdict.h"

namespace clawback {

// place: the archive's, or that of the file in it.
Finding TroubleFinding(ArchiveTrouble trouble, const std::string& place);

// Whether the message's text tells a password, not only that one will come.
bool TellsPassword(const Message& message);

// Encrypted, with the password beside it: a filter is kept out and the reader is not.
Finding PasswordFinding(const std::string& place);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_ARCHIVE_FINDINGS_H_
