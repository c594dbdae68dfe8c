// SPDX-License-Identifier: Apache-2.0
// What Exchange Online stamped into the header when the message came in: sender
// authentication and its filter's verdict.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_EXCHANGE_STAMPS_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_EXCHANGE_STAMPS_H_

#include <vector>

#include "policy/message/message.h"

namespace clawback {

// headers in their order. Only what stands where Exchange writes is read: above the
// front door's Received (RFC 5321 4.4: trace fields are put on top), or in the block
// of X-MS-Exchange-Organization fields at the end, a name that nothing from outside
// can carry past the front door. What stands there twice and differs is unknown.
ExchangeStamps ReadExchangeStamps(const std::vector<HeaderField>& headers);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_EXCHANGE_STAMPS_H_
