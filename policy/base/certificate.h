// SPDX-License-Identifier: Apache-2.0
// What a relay has to know of a certificate of its own.
#ifndef CLAWBACK_POLICY_BASE_CERTIFICATE_H_
#define CLAWBACK_POLICY_BASE_CERTIFICATE_H_

#include <string>

#include "policy/base/clock.h"
#include "policy/base/result.h"

namespace clawback {

// When the first certificate of a PEM file ends to be valid: the whole chain that stands
// there is looked at. kInvalid: no certificate in it; kNotFound, kRefused: no such file,
// or no permission.
Result<Time> CertificateEnd(const std::string& path);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_CERTIFICATE_H_
