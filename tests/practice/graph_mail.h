// SPDX-License-Identifier: Apache-2.0
// Graph's mail requests: everything below /users/{u}/messages and /mailFolders.
#ifndef CLAWBACK_TESTS_PRACTICE_GRAPH_MAIL_H_
#define CLAWBACK_TESTS_PRACTICE_GRAPH_MAIL_H_

#include "tests/practice/graph_answer.h"
#include "tests/practice/world.h"

namespace clawback::practice {

// Whether the path below /v1.0 is for a mailbox.
bool IsMailRequest(const GraphRequest& request);

// With World's lock held.
Answer AnswerMail(World& world, Tenant& tenant, const GraphRequest& request);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_GRAPH_MAIL_H_
