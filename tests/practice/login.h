// SPDX-License-Identifier: Apache-2.0
// The login host: Entra ID's OpenID configuration and its token endpoint for client
// credentials. https://learn.microsoft.com/entra/identity-platform/
// v2-oauth2-client-creds-grant-flow
#ifndef CLAWBACK_TESTS_PRACTICE_LOGIN_H_
#define CLAWBACK_TESTS_PRACTICE_LOGIN_H_

#include "tests/practice/http.h"
#include "tests/practice/world.h"

namespace clawback::practice {

// Safe from any thread.
class Login {
 public:
  Login(World& world, const Clock& clock) : world_(world), clock_(clock) {}
  HttpReply Handle(const HttpRequest& request);

 private:
  HttpReply Route(const HttpRequest& request);
  HttpReply Token(const HttpRequest& request, const std::string& tenant_name);

  World& world_;
  const Clock& clock_;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_LOGIN_H_
