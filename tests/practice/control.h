// SPDX-License-Identifier: Apache-2.0
// The control port: what a test or a rehearsal does to the practice tenant, and how
// it looks at mailboxes. README.md describes every call.
#ifndef CLAWBACK_TESTS_PRACTICE_CONTROL_H_
#define CLAWBACK_TESTS_PRACTICE_CONTROL_H_

#include "tests/practice/delivery.h"
#include "tests/practice/http.h"
#include "tests/practice/journal_sender.h"

namespace clawback::practice {

// Safe from any thread.
class Control {
 public:
  Control(World& world, Delivery& delivery, const Clock& clock)
      : world_(world), delivery_(delivery), clock_(clock), sender_(world, delivery, clock) {}
  HttpReply Handle(const HttpRequest& request);

 private:
  Result<boost::json::value> Get(const std::vector<std::string>& path, const HttpRequest& request);
  Result<boost::json::value> Post(const std::vector<std::string>& path,
                                  const boost::json::value& body);
  Result<boost::json::value> PostForUser(const std::string& upn, const std::string& what,
                                         const boost::json::value& body);

  World& world_;
  Delivery& delivery_;
  const Clock& clock_;
  JournalSender sender_;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_CONTROL_H_
