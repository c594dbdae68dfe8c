// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_POLICY_BASE_RANDOM_TEXT_H_
#define CLAWBACK_POLICY_BASE_RANDOM_TEXT_H_

#include <string>

#include "policy/base/result.h"

namespace clawback {

// 160 bits from the kernel that nobody can guess, as 32 characters of base32 (RFC 4648,
// lower case). kTransient: the kernel gave none.
Result<std::string> RandomText();

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_RANDOM_TEXT_H_
