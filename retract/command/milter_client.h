// SPDX-License-Identifier: Apache-2.0
// Puts a report into clawback-milter over its own socket: the mail server's side of the
// milter protocol, as little of it as one report needs. The milter judges, decides and
// commits as it does for Postfix, so nobody else ever writes a segment.
#ifndef CLAWBACK_RETRACT_COMMAND_MILTER_CLIENT_H_
#define CLAWBACK_RETRACT_COMMAND_MILTER_CLIENT_H_

#include <string>
#include <string_view>

#include "policy/base/c_handle.h"
#include "policy/base/result.h"

namespace clawback {

struct Replay {
  std::string by;               // who puts it in
  std::string service_address;  // of the tenant
  bool stamps_vouched_for = false;
};

// One connection, one report, whole with CRLF line ends. Success means that a decision
// about these very bytes is on stable storage, of now or of an earlier time. kTransient:
// the milter is away or asks to try again; kRefused: it will not take it.
Status ReplayReport(const std::string& socket, const Replay& replay, std::string_view report);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_MILTER_CLIENT_H_
