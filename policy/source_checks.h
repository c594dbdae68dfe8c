// SPDX-License-Identifier: Apache-2.0
// Where a report comes from: what of that is proven, and what the tenant demands. Every
// check is made once, whether it is demanded or not, and stands in the decision record.
#ifndef CLAWBACK_POLICY_SOURCE_CHECKS_H_
#define CLAWBACK_POLICY_SOURCE_CHECKS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/tenant.h"

namespace clawback {

enum class Proof {
  kTls,                 // at least the minimum version
  kCertificateSubject,  // of a client certificate that Postfix verified
  kCertificateIssuer,
  kNetwork,          // where the client stands
  kSecretAddress,    // the address it writes to cannot be guessed
  kOriginatorOrg,    // X-OriginatorOrg
  kTenantId,         // in X-LD-Processed or in the message, and nobody else's
  kProcessedTenant,  // in X-LD-Processed
  kOrganizationId,   // in the message's X-MS-Exchange-Organization-Id
};
std::string_view ToString(Proof proof);  // "tls", "certificate-subject", ...
std::optional<Proof> ProofFrom(std::string_view text);

struct SourceCheck {
  Proof proof = Proof::kTls;
  bool demanded = false;
  bool met = false;
  std::string seen;      // empty: nothing was seen
  std::string expected;  // in words; empty where it is met
};

// What Postfix saw of the connection and its envelope.
std::vector<SourceCheck> CheckChannel(const Demands& demands, const Channel& channel);
// What the report itself says. Worth something only together with the above.
std::vector<SourceCheck> CheckMarks(const Tenant& tenant, const TenantMarks& marks);

// The first that is demanded and not met; null: none.
const SourceCheck* FirstUnmet(const std::vector<SourceCheck>& checks);
// "TLS: none, expected at least TLS 1.2".
std::string Describe(const SourceCheck& check);

// The first demand of the tenant that the channel does not meet, in words, or
// nullopt. Checked before any content arrives.
std::optional<std::string> UnmetByChannel(const Demands& demands, const Channel& channel);
// The same for the marks in the report itself.
std::optional<std::string> UnmetByMarks(const Tenant& tenant, const TenantMarks& marks);

// Whether nobody can guess the local part: at least 128 bits, if it was drawn at random.
bool IsUnguessable(std::string_view address);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_SOURCE_CHECKS_H_
