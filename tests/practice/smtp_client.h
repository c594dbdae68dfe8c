// SPDX-License-Identifier: Apache-2.0
// Exchange Online's outbound connector as an SMTP client: TLS demanded, the relay's
// certificate verified, a client certificate shown.
#ifndef CLAWBACK_TESTS_PRACTICE_SMTP_CLIENT_H_
#define CLAWBACK_TESTS_PRACTICE_SMTP_CLIENT_H_

#include <chrono>
#include <string>

#include "policy/base/clock.h"
#include "policy/base/result.h"

namespace clawback::practice {

enum class SmtpTransfer { kData, kChunks };  // kChunks: BDAT where offered (RFC 3030)
enum class SmtpSecurity { kStartTls, kPlain };

struct SmtpServer {
  std::string host = "127.0.0.1";
  std::uint16_t port = 25;
  std::string ca_file;             // the relay's certificate must follow from it
  std::string client_certificate;  // PEM with key; "": none is shown
  std::string server_name = "localhost";
  SmtpTransfer transfer = SmtpTransfer::kData;
  SmtpSecurity security = SmtpSecurity::kStartTls;
  std::chrono::milliseconds timeout{60'000};  // for each answer
};

struct SmtpReply {
  int code = 0;
  std::string text;
  std::string stage;          // what was answered: connect, ehlo, mail, rcpt, data, end
  Time end_of_data{};         // wall clock when the last byte of the message was sent
  Time replied{};             // and when its answer came
  bool message_sent = false;  // whether end_of_data means anything
};

// Sends one message in one session. An Error: no SMTP answer was had (connection,
// TLS, timeout). An answer other than 2xx is no Error.
Result<SmtpReply> SendBySmtp(const SmtpServer& server, const std::string& mail_from,
                             const std::string& rcpt_to, const std::string& message);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_SMTP_CLIENT_H_
