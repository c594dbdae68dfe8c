// SPDX-License-Identifier: Apache-2.0
// The changes of a stored copy that need its MIME structure.
#ifndef CLAWBACK_TESTS_PRACTICE_MIME_CHANGES_H_
#define CLAWBACK_TESTS_PRACTICE_MIME_CHANGES_H_

#include <string>
#include <string_view>

#include "tests/practice/stored_copy.h"

namespace clawback::practice {

// mime with those of changes that concern its body; the same bytes where there are
// none, or where mime is no message. Signed parts (multipart/signed) stay as they are.
std::string ChangeMime(std::string_view mime, const CopyChanges& changes);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_MIME_CHANGES_H_
