// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/answer_table.h"

#include <algorithm>

#include "retract/graph/mailbox_provider.h"

namespace clawback {
namespace {

using enum AnswerClass;

constexpr std::array kTable = {
    AnswerRow{kOurFault,
              {400, 405, 406, 413, 415, 501},
              {"ErrorInvalidIdMalformed", "InefficientFilter", "ErrorInvalidUrlQuery",
               "Request_UnsupportedQuery", "BadRequest"}},
    AnswerRow{kNewToken, {401}, {"InvalidAuthenticationToken"}},
    AnswerRow{kNotAllowed, {403}, {"ErrorAccessDenied", "Authorization_RequestDenied"}},
    AnswerRow{kOnHold, {}, {kCannotDelete}},
    AnswerRow{kLookAgain, {404, 410}, {"ErrorItemNotFound", "ErrorFolderNotFound"}},
    AnswerRow{kNoMailbox,
              {},
              {"MailboxNotEnabledForRESTAPI", "ResourceNotFound", "Request_ResourceNotFound",
               "ErrorInvalidUser", "ErrorNonExistentMailbox"}},
    AnswerRow{kFewTimes, {409, 412, 423}, {"ErrorIrresolvableConflict", "ErrorFolderExists"}},
    AnswerRow{kWait, {429}, {"ApplicationThrottled", "TooManyRequests", "activityLimitReached"}},
    // 408, 421, 424 and 425 are words of gateways and of parts of a batch.
    AnswerRow{kRetry, {408, 421, 424, 425}, {}},
    AnswerRow{kRetry,
              {500, 502, 503, 504, 509},
              {"generalException", "serviceNotAvailable", "MailboxInfoStale", "ErrorServerBusy",
               "ErrorMailboxMoveInProgress", "ErrorMailboxStoreUnavailable"}},
    AnswerRow{kFull, {507}, {"ErrorQuotaExceeded", "quotaLimitReached"}},
};

}  // namespace

std::span<const AnswerRow> AnswerTable() { return kTable; }

std::optional<AnswerClass> ClassOfCode(std::string_view code) {
  if (code.empty()) return std::nullopt;
  for (const AnswerRow& row : kTable) {
    if (std::find(row.codes.begin(), row.codes.end(), code) != row.codes.end()) return row.meaning;
  }
  return std::nullopt;
}

AnswerClass ClassOfStatus(int status) {
  for (const AnswerRow& row : kTable) {
    if (std::find(row.statuses.begin(), row.statuses.end(), status) != row.statuses.end()) {
      return row.meaning;
    }
  }
  return status >= 400 && status < 500 ? kOurFault : kRetry;
}

ErrorKind KindOf(AnswerClass meaning) {
  switch (meaning) {
    case kOurFault:
      return ErrorKind::kInvalid;
    case kNewToken:
    case kNotAllowed:
    case kOnHold:
      return ErrorKind::kRefused;
    case kLookAgain:
    case kNoMailbox:
      return ErrorKind::kNotFound;
    case kFewTimes:
      return ErrorKind::kConflict;
    case kWait:
      return ErrorKind::kThrottled;
    case kFull:
      return ErrorKind::kFull;
    case kRetry:
      break;
  }
  return ErrorKind::kTransient;
}

}  // namespace clawback
