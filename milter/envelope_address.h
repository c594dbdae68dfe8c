// SPDX-License-Identifier: Apache-2.0
// The arguments of MAIL and RCPT as addresses.
#ifndef CLAWBACK_MILTER_ENVELOPE_ADDRESS_H_
#define CLAWBACK_MILTER_ENVELOPE_ADDRESS_H_

#include <string>
#include <string_view>

namespace clawback {

std::string_view WithoutBrackets(std::string_view argument);

// The one way to write the recipient that RCPT's argument names, in lower case. RFC 5321
// lets a sender write a route before it, which is to be ignored (appendix C), and quotes
// that nothing needs (4.1.2); Postfix hands on both, and a dot behind the domain.
std::string RecipientNamed(std::string_view argument);

}  // namespace clawback

#endif  // CLAWBACK_MILTER_ENVELOPE_ADDRESS_H_
