// SPDX-License-Identifier: Apache-2.0
// retract/graph/ carries out what was decided: mailboxes reached through Microsoft
// Graph v1.0. Everything that is Microsoft's - tokens, addresses, error codes,
// throttling - ends at this folder's edge.
#ifndef CLAWBACK_RETRACT_GRAPH_GRAPH_PROVIDER_H_
#define CLAWBACK_RETRACT_GRAPH_GRAPH_PROVIDER_H_

#include <memory>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "policy/tenant.h"
#include "retract/graph/http_client.h"
#include "retract/graph/mailbox_provider.h"
#include "retract/graph/request_limits.h"

namespace clawback {

// The mailboxes of tenant. http, limits and clock are shared by the providers of all
// tenants and outlive them; the provider keeps its own token and caches. Nothing is
// sent yet: a wrong secret shows at the first call. kInvalid: the tenant's settings
// cannot work, with the key that is wrong.
Result<std::unique_ptr<MailboxProvider>> OpenGraphProvider(const Tenant& tenant, HttpClient& http,
                                                           RequestLimits& limits,
                                                           const Clock& clock);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_GRAPH_PROVIDER_H_
