// SPDX-License-Identifier: Apache-2.0
// Messages of many shapes, the same for the same number: what people, shops, lists and
// machines send, in the charsets, encodings and structures they send it in.
#ifndef CLAWBACK_TESTS_FINGERPRINT_MAIL_GENERATOR_H_
#define CLAWBACK_TESTS_FINGERPRINT_MAIL_GENERATOR_H_

#include <cstdint>
#include <string>

namespace clawback {

// What of a message is the same in another one, so that only the rest tells them apart.
struct MailHead {
  std::string message_id;  // with brackets
  std::string from;        // the address
  std::string subject;     // as written into the header
  std::string date;
};

MailHead HeadOf(std::uint64_t number);
// A whole message with that head; number decides everything else.
std::string MailWith(const MailHead& head, std::uint64_t number);

}  // namespace clawback

#endif  // CLAWBACK_TESTS_FINGERPRINT_MAIL_GENERATOR_H_
