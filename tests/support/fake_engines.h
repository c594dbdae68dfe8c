// SPDX-License-Identifier: Apache-2.0
// clamd and rspamd as far as they are asked here: strict about what is asked, and with one
// signature, EICAR's.
#ifndef CLAWBACK_TESTS_SUPPORT_FAKE_ENGINES_H_
#define CLAWBACK_TESTS_SUPPORT_FAKE_ENGINES_H_

#include <string>
#include <string_view>

#include "tests/support/local_server.h"

namespace clawback {

// Put together here, so that no scanner takes this file for it.
std::string EicarFile();

// The bytes of one INSTREAM question, and those of one HTTP question; empty where what came
// is none.
std::string ReadClamdQuestion(const LocalServer::Connection& connection);
std::string ReadRspamdQuestion(const LocalServer::Connection& connection);

void ServeAsClamd(const LocalServer::Connection& connection);
void ServeAsRspamd(const LocalServer::Connection& connection);

std::string HttpAnswer(std::string_view body, std::string_view status = "200 OK");

}  // namespace clawback

#endif  // CLAWBACK_TESTS_SUPPORT_FAKE_ENGINES_H_
