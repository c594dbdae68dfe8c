// SPDX-License-Identifier: Apache-2.0
// Turns an ordered fault into the answer that the other side sees.
#ifndef CLAWBACK_TESTS_PRACTICE_FAULT_REPLY_H_
#define CLAWBACK_TESTS_PRACTICE_FAULT_REPLY_H_

#include "tests/practice/faults.h"
#include "tests/practice/http.h"

namespace clawback::practice {

// The code of the answer where the order names none.
std::string FaultCode(const Fault& fault);
std::string FaultMessage(const Fault& fault);

// json_body: what the host says with FaultBody::kJson, in its own shape of errors.
void ApplyFault(const Fault& fault, const boost::json::value& json_body, HttpReply* reply);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_FAULT_REPLY_H_
