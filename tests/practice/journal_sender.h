// SPDX-License-Identifier: Apache-2.0
// Exchange's transport, for one message at a time: a copy into the mailboxes, and
// the journal report to the relay.
#ifndef CLAWBACK_TESTS_PRACTICE_JOURNAL_SENDER_H_
#define CLAWBACK_TESTS_PRACTICE_JOURNAL_SENDER_H_

#include <boost/json.hpp>

#include "policy/base/result.h"
#include "tests/practice/delivery.h"

namespace clawback::practice {

// Safe from any thread; a call blocks until the relay has answered.
class JournalSender {
 public:
  JournalSender(World& world, Delivery& delivery, const Clock& clock)
      : world_(world), delivery_(delivery), clock_(clock) {}

  // The bodies and answers of POST /deliver-and-journal and POST /send-report, as
  // README.md describes them. kInvalid: the request; kTransient: no SMTP answer.
  Result<boost::json::object> DeliverAndJournal(const boost::json::value& request);
  Result<boost::json::object> SendReport(const boost::json::value& request);

 private:
  World& world_;
  Delivery& delivery_;
  const Clock& clock_;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_JOURNAL_SENDER_H_
