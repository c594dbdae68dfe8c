// SPDX-License-Identifier: Apache-2.0
// What a mailbox holds is never the report's bytes: Exchange strips its internal
// headers and writes much of the rest anew. Each change has a name.
#ifndef CLAWBACK_TESTS_PRACTICE_STORED_COPY_H_
#define CLAWBACK_TESTS_PRACTICE_STORED_COPY_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"

namespace clawback::practice {

enum class CopyChange {
  kStripInternalHeaders,  // always done
  kReorderHeaders,
  kRefoldHeaders,
  kNewBoundaries,
  kReencodeTransfer,
  kTextToUtf8,
  kDisclaimer,
  kExternalBanner,
  kRewriteLinks,
};
using CopyChanges = std::set<CopyChange>;

// "strip-internal-headers", "reorder-headers", ...; kInvalid names the unknown one.
Result<CopyChanges> CopyChangesFrom(const std::vector<std::string>& names);
std::vector<std::string> CopyChangeNames();
// What is done where nobody says otherwise: what Exchange does to every message.
CopyChanges UsualCopyChanges();

// The copy that goes into a mailbox, valid MIME where internal_form was.
std::string StoredCopy(std::string_view internal_form, const CopyChanges& changes);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_STORED_COPY_H_
