// SPDX-License-Identifier: Apache-2.0
// Address lists and dates of header fields (RFC 5322 3.3, 3.4), read leniently by GMime.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_ADDRESSES_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_ADDRESSES_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "policy/message/message.h"

namespace clawback {

// Appends the mailboxes of an unfolded field, groups opened.
void ReadAddresses(std::string_view value, std::vector<Address>* addresses);

// Seconds since 1970; 0 where the field cannot be read.
std::int64_t ReadDate(std::string_view value);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_ADDRESSES_H_
