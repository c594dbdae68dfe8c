// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_RETRACT_GRAPH_CLOUDS_H_
#define CLAWBACK_RETRACT_GRAPH_CLOUDS_H_

#include <string>

#include "policy/base/result.h"
#include "policy/tenant.h"
#include "retract/graph/origin.h"

namespace clawback {

struct Endpoints {
  WebOrigin login;
  WebOrigin graph;
};

// Where a cloud signs in and where its Graph is (Microsoft Graph, "national cloud
// deployments"), or where login_url and graph_url say. kInvalid names the key.
Result<Endpoints> EndpointsOf(const GraphAccess& access);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_CLOUDS_H_
