// SPDX-License-Identifier: Apache-2.0
// Everything that a rehearsal needs of certificates, made on the spot: nothing of it
// is meant to be trusted by anyone else.
#ifndef CLAWBACK_TESTS_PRACTICE_CERTIFICATES_H_
#define CLAWBACK_TESTS_PRACTICE_CERTIFICATES_H_

#include <string>

#include "policy/base/result.h"

namespace clawback::practice {

// Writes into folder (made if absent; files of the same names are replaced):
//   ca.pem              the authority's certificate; its key is not kept
//   server.pem          certificate and key for localhost and 127.0.0.1
//   journal-client.pem  certificate and key, CN mail.protection.outlook.com, client use
//   app.crt, app.key    an app's self-signed RSA certificate and its key
// Keys are readable by their owner only. Valid from yesterday for two years.
Status WriteCertificates(const std::string& folder);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_CERTIFICATES_H_
