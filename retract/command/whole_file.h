// SPDX-License-Identifier: Apache-2.0
// A file that is there as a whole or as it was before.
#ifndef CLAWBACK_RETRACT_COMMAND_WHOLE_FILE_H_
#define CLAWBACK_RETRACT_COMMAND_WHOLE_FILE_H_

#include <string>
#include <string_view>

#include "policy/base/result.h"

namespace clawback {

// Written as path.new first, which is left behind by SIGKILL and loss of power only and then
// replaced by the next. SIGINT, SIGTERM and SIGHUP wait until it is done: call it from a program
// that has no other thread by then.
Status WriteWholeFile(const std::string& path, std::string_view bytes);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_WHOLE_FILE_H_
