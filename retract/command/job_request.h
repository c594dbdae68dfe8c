// SPDX-License-Identifier: Apache-2.0
// A job's list said to the sidecar, in as many requests as it takes.
#ifndef CLAWBACK_RETRACT_COMMAND_JOB_REQUEST_H_
#define CLAWBACK_RETRACT_COMMAND_JOB_REQUEST_H_

#include <boost/json.hpp>
#include <iosfwd>
#include <string>
#include <string_view>

#include "retract/sidecar/protocol.h"

namespace clawback {

// The entries of a list, one a line; empty lines do not count. path "-": in.
Result<boost::json::array> ReadEntries(const std::string& path, std::istream& in);
// The same as ids of trace rows; kInvalid names the one that is none.
Result<boost::json::array> ReadIds(const std::string& path, std::istream& in);
Result<std::int64_t> RowId(std::string_view text);

// Asks for a preview with the list under key ("ids", "message_ids") added to arguments; an
// empty key: arguments say it all.
Result<boost::json::object> AskPreview(SidecarClient& sidecar, const boost::json::object& arguments,
                                       std::string_view key, const boost::json::array& list);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_JOB_REQUEST_H_
