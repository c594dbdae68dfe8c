// SPDX-License-Identifier: Apache-2.0
// Client assertions: the signed statement by which an app proves who it is
// (RFC 7523; "Microsoft identity platform application authentication certificate
// credentials").
#ifndef CLAWBACK_TESTS_PRACTICE_ASSERTION_H_
#define CLAWBACK_TESTS_PRACTICE_ASSERTION_H_

#include <string>
#include <string_view>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "tests/practice/directory.h"

namespace clawback::practice {

struct LoginError {
  std::string error;  // invalid_client, ...
  int number = 0;     // AADSTS
  std::string text;
  int status = 400;
};

struct AssertionCheck {
  std::string jti;                  // where accepted
  std::optional<LoginError> fault;  // where not
};

// Signature against the app's registered certificates (PS256, or RS256), audience,
// issuer, subject and times. Whether jti was used before is the caller's to know.
AssertionCheck CheckAssertion(std::string_view assertion, const App& app,
                              const std::vector<std::string>& audiences, Time now);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_ASSERTION_H_
