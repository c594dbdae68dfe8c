// SPDX-License-Identifier: Apache-2.0
// Admin consent, as far as a program meets it: the administrator's pages are left out,
// and the service setting "admin_consents" says what they would answer.
#ifndef CLAWBACK_TESTS_PRACTICE_CONSENT_H_
#define CLAWBACK_TESTS_PRACTICE_CONSENT_H_

#include <string>

#include "tests/practice/http.h"
#include "tests/practice/world.h"

namespace clawback::practice {

// GET /{tenant}/v2.0/adminconsent. Ends in a redirect to the app's registered address;
// where none may be made, in a page (400). world is locked.
HttpReply AnswerAdminConsent(World& world, Tenant& tenant, const HttpRequest& request);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_CONSENT_H_
