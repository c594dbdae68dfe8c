// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_RETRACT_GRAPH_RETRY_AFTER_H_
#define CLAWBACK_RETRACT_GRAPH_RETRY_AFTER_H_

#include <optional>
#include <string_view>

#include "policy/base/clock.h"
#include "retract/graph/http_client.h"

namespace clawback {

// The value of a Retry-After header (RFC 9110 10.2.3): seconds, decimals too, as
// Microsoft sends them ("0.249"), or an HTTP date in any of its three forms. A date
// that has passed is 0; more than a day is a day; anything else is nullopt.
std::optional<milliseconds> ParseRetryAfter(std::string_view value, Time now);

// How long response asks us to wait: the longest, where it says several; dates by the
// clock of who said them (its Date), else by now. Never 0: who asks for no wait at all leaves
// it to our own pauses, or would be asked over and over as fast as he answers.
std::optional<milliseconds> RetryAfterOf(const HttpResponse& response, Time now);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_RETRY_AFTER_H_
