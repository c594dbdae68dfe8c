// SPDX-License-Identifier: Apache-2.0
// What a session answers to one step of SMTP: a value, in words of mail.
#ifndef CLAWBACK_MILTER_ANSWER_H_
#define CLAWBACK_MILTER_ANSWER_H_

#include <string>
#include <utility>
#include <vector>

namespace clawback {

// One change of the header of a mail that goes on.
struct HeaderEdit {
  std::string name;
  int index = 0;      // 1, 2, ...: the field of that name that is taken out; 0: put in on top
  std::string value;  // of one put in
};

struct Answer {
  enum class Kind {
    kContinue,  // go on
    kTempFail,  // 4xx: the sender keeps the report and sends it again
    kReject,    // 5xx: final, so never for a report of a tenant of ours
    kDiscard,   // 250, and the mail ends here: the decision is committed
    kAccept,    // 250, and the mail goes on
  };
  Kind kind = Kind::kContinue;
  // For kTempFail and kReject: reply code, enhanced code (RFC 3463), text in ASCII.
  std::string code;
  std::string enhanced;
  std::string text;
  // For kAccept, to be made in this order.
  std::vector<HeaderEdit> edits = {};
};

inline Answer Continue() { return {}; }
inline Answer Discard() { return {Answer::Kind::kDiscard, {}, {}, {}}; }
inline Answer Accept(std::vector<HeaderEdit> edits) {
  return {Answer::Kind::kAccept, {}, {}, {}, std::move(edits)};
}
inline Answer TempFail(std::string enhanced, std::string text) {
  return {Answer::Kind::kTempFail, "451", std::move(enhanced), std::move(text)};
}
inline Answer Reject(std::string enhanced, std::string text) {
  return {Answer::Kind::kReject, "550", std::move(enhanced), std::move(text)};
}

}  // namespace clawback

#endif  // CLAWBACK_MILTER_ANSWER_H_
