// SPDX-License-Identifier: Apache-2.0
// Host names as detectors compare them: organisational domains (Public Suffix List, by
// libpsl) and what two names look like to a reader (Unicode UTS 39, by ICU).
#ifndef CLAWBACK_POLICY_DETECT_DOMAIN_NAMES_H_
#define CLAWBACK_POLICY_DETECT_DOMAIN_NAMES_H_

#include <string>
#include <string_view>

#include "policy/message/web_address.h"  // HostOf

namespace clawback {

// The part behind the last "@", lower case.
std::string DomainOf(std::string_view address);

bool IsIpLiteral(std::string_view host);
// Whether host ends in a suffix that the list knows, and has a label before it.
bool HasKnownSuffix(const std::string& host);
// "mail.example.co.uk" → "example.co.uk"; host itself where it has none.
std::string OrganisationalDomain(const std::string& host);
// "example.co.uk" → "example", "xn--..." as Unicode.
std::string FirstLabel(std::string_view domain);

// As the resolver is asked for it: international names in their "xn--" form; host itself
// where it has none.
std::string AsciiHost(const std::string& host);

// Equal for texts that look alike: UTS 39 skeleton of the folded text, and of digits
// and pairs of letters that stand for a letter ("0" for "o", "rn" for "m").
std::string LooksLike(std::string_view utf8);

// Loads ICU's data; before confinement.
void PrepareDomainNames();

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_DOMAIN_NAMES_H_
