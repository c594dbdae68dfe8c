// SPDX-License-Identifier: Apache-2.0
// What persons ask for becomes work for the workers; the inside of this folder only.
// Everything here is done within the caller's transaction.
#ifndef CLAWBACK_RETRACT_LEDGER_ARMING_H_
#define CLAWBACK_RETRACT_LEDGER_ARMING_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "retract/ledger/ledger.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

// How a retraction or an undo by hand is armed.
struct Arming {
  const ByHand& asked;
  Action action = Action::kNone;  // of an undo: none
  std::int64_t job = 0;           // 0: at once, before every job
  std::int64_t settles = 0;       // the held retraction whose copy is taken for the message
  Time now{};
};

// An act that an undo is about.
struct DoneAct {
  std::int64_t id = 0;
  std::string recipient_key, recipient, mailbox_id;
  Action action = Action::kNone;
  Time at{};
};

// Whether a decision about this recipient can be carried out at all.
bool HasMailboxHere(const RecipientDecision& recipient);
// kInvalid: a reason is missing or too long.
Status CheckReason(std::string_view reason);
// kNotFound: no such row.
Result<DecisionRecord> RecordOf(Database& database, std::int64_t trace_id);
// Whom asked is about, of those that the report names: kRefused for a report that proves
// nothing, kNotFound for none.
Result<std::vector<std::string>> RecipientsOf(const DecisionRecord& record, const ByHand& asked);

// Calls off an unfinished undo by hand of the same and settles what is held; the id, 0 if a
// retraction by hand is under way already.
Result<std::int64_t> ArmRetraction(Database& database, std::int64_t message,
                                   const std::string& recipient, const Arming& arming);

// What was done to message's copies and not undone, each act once; recipient_key empty: of
// every recipient.
Result<std::vector<DoneAct>> ActsToUndo(Database& database, std::int64_t message,
                                        const std::string& recipient_key);
// One recipient's acts, none of them a hard-delete: calls off an unfinished retraction by
// hand, and keeps automatic work away for ever. The id, 0 if an undo is under way already.
Result<std::int64_t> ArmUndo(Database& database, std::int64_t message,
                             const std::vector<DoneAct>& acts, const Arming& arming);
// The commands that an administrator must run for those acts that were hard-deletes; lines
// end in LF but the last. Empty: there are none.
std::string HardDeletedNote(const DecisionRecord& record, const std::vector<DoneAct>& acts);

// Ends those retractions that condition (on the table retraction, with ?1 as value) names
// as discarded by a person. Answers how many.
Result<std::int64_t> Discard(Database& database, std::string_view condition, std::string_view value,
                             std::string_view why, Time now);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_ARMING_H_
