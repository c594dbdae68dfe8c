// SPDX-License-Identifier: Apache-2.0
// Turns an ordered fault into the answer that the other side sees.
#ifndef CLAWBACK_TESTS_PRACTICE_FAULT_REPLY_H_
#define CLAWBACK_TESTS_PRACTICE_FAULT_REPLY_H_

#include "tests/practice/faults.h"
#include "tests/practice/http.h"

namespace clawback::practice {

void ApplyFault(const Fault& fault, HttpReply* reply);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_FAULT_REPLY_H_
