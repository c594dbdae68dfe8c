// SPDX-License-Identifier: Apache-2.0
// What an answer of Graph that is not a success means for us (Microsoft Graph, "error
// responses"; docs/architecture.md lists what becomes of each).
#ifndef CLAWBACK_RETRACT_GRAPH_GRAPH_ERROR_H_
#define CLAWBACK_RETRACT_GRAPH_GRAPH_ERROR_H_

#include <string_view>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/graph/http_client.h"

namespace clawback {

// Classifies by status and by error.code, the deepest known one, never by the message,
// as retract/graph/answer_table.h says.
// The text begins with the code, or with "HTTP nnn" where the body held none, and
// names both request ids. A 401 is a kRefused that ConcernsSignIn. A 403 or 404
// without Graph's error body came from something in between: kTransient.
Error GraphErrorOf(const HttpResponse& response, std::string_view client_request_id, Time now);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_GRAPH_ERROR_H_
