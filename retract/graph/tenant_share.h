// SPDX-License-Identifier: Apache-2.0
// How much of what all tenants share one may hold: threads of the workers, requests under
// way. Where Microsoft answers one tenant slowly or not at all, it would come to hold
// everything; so it gets no more than seven times what then is free. Whoever comes next
// finds an eighth, the one after that an eighth of the rest (the dynamic threshold of
// switches that share a buffer: Choudhury and Hahne, 1998). More kept back would cost a
// tenant that works alone more than it helps.
#ifndef CLAWBACK_RETRACT_GRAPH_TENANT_SHARE_H_
#define CLAWBACK_RETRACT_GRAPH_TENANT_SHARE_H_

namespace clawback {

// Whether a tenant that holds so many may take one more of those that are free.
constexpr bool MayTakeMore(int held, int free) { return held < 7 * free; }

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_TENANT_SHARE_H_
