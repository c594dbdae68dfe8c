// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_RETRACT_GRAPH_GUID_H_
#define CLAWBACK_RETRACT_GRAPH_GUID_H_

#include <string>

namespace clawback {

// A fresh random GUID in lower case (RFC 9562 5.4), unpredictable.
std::string NewGuid();

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_GUID_H_
