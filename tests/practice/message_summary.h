// SPDX-License-Identifier: Apache-2.0
// What Exchange keeps of a stored message as properties.
#ifndef CLAWBACK_TESTS_PRACTICE_MESSAGE_SUMMARY_H_
#define CLAWBACK_TESTS_PRACTICE_MESSAGE_SUMMARY_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/base/clock.h"

namespace clawback::practice {

struct MailAddress {
  std::string name;
  std::string address;
};

struct MessageSummary {
  std::string internet_message_id;  // as it stands in the header, brackets included
  std::string subject;              // decoded
  std::vector<MailAddress> from, sender, to, cc, bcc, reply_to;
  std::optional<Time> sent;
  bool has_attachments = false;
  std::string body;  // the text or HTML that a reader sees, UTF-8
  bool body_is_html = false;
  std::vector<std::pair<std::string, std::string>> headers;  // in order, unfolded
};

// Never fails: what cannot be read is left empty. Any thread.
MessageSummary Summarise(std::string_view mime);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_MESSAGE_SUMMARY_H_
