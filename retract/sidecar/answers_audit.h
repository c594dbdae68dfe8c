// SPDX-License-Identifier: Apache-2.0
// audit.list and audit.verify.
#ifndef CLAWBACK_RETRACT_SIDECAR_ANSWERS_AUDIT_H_
#define CLAWBACK_RETRACT_SIDECAR_ANSWERS_AUDIT_H_

#include <string>

#include "retract/sidecar/answers.h"

namespace clawback {

std::string ToJson(const AuditEntry& entry);
Result<std::string> AuditListResult(const std::string& arguments, const AnswerSources& sources);
Result<std::string> AuditVerifyResult(Ledger& ledger);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_ANSWERS_AUDIT_H_
