// SPDX-License-Identifier: Apache-2.0
// What `clawback classify` prints of a judgement. The forms are read by programs:
// clawback(1) documents them, and they do not change within a major release.
#ifndef CLAWBACK_RETRACT_COMMAND_CLASSIFY_OUTPUT_H_
#define CLAWBACK_RETRACT_COMMAND_CLASSIFY_OUTPUT_H_

#include <string>
#include <string_view>
#include <vector>

#include "policy/judge/judgement.h"

namespace clawback {

// One JSON object, without a line end. A file name or id that is not UTF-8 has its
// bytes in hexadecimal beside it (file_hex, message_id_hex).
std::string JsonLine(std::string_view file, const Judgement& judgement);
// path<TAB>disposition<TAB>score; of a file that no judge saw a fourth, why (unseen).
std::string BatchLine(std::string_view file, const Judgement& judgement, std::string_view unseen);
// The cells of a row for people; ClassifyHeader names them.
std::vector<std::string> ClassifyHeader();
std::vector<std::string> ClassifyCells(std::string_view file, const Judgement& judgement);

// The disposition as it is told: of a malformed report UNSCANNABLE and of connector
// validation mail NONE, whatever was found in it.
Disposition ToldDisposition(const Judgement& judgement);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_CLASSIFY_OUTPUT_H_
