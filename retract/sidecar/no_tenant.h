// SPDX-License-Identifier: Apache-2.0
// The answer to whoever names a tenant that there is not.
#ifndef CLAWBACK_RETRACT_SIDECAR_NO_TENANT_H_
#define CLAWBACK_RETRACT_SIDECAR_NO_TENANT_H_

#include <string>

#include "policy/base/result.h"

namespace clawback {

inline Error NoTenant(const std::string& name) {
  return {ErrorKind::kNotFound,
          "there is no tenant \"" + name + "\": clawback tenant list names them"};
}

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_NO_TENANT_H_
