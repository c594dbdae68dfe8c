// SPDX-License-Identifier: Apache-2.0
// Graph's directory requests: users, organization, a group's members.
#ifndef CLAWBACK_TESTS_PRACTICE_GRAPH_USERS_H_
#define CLAWBACK_TESTS_PRACTICE_GRAPH_USERS_H_

#include "tests/practice/graph_answer.h"
#include "tests/practice/world.h"

namespace clawback::practice {

// All with World's lock held.
Answer ListUsers(World& world, Tenant& tenant, const GraphRequest& request);
Answer ListGroups(World& world, Tenant& tenant, const GraphRequest& request);
Answer GetUser(World& world, Tenant& tenant, const GraphRequest& request);
Answer ListOrganizations(World& world, const Tenant& tenant, const GraphRequest& request);
Answer GetExchangeSettings(World& world, Tenant& tenant, const GraphRequest& request);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_GRAPH_USERS_H_
