// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_POLICY_MESSAGE_OPEN_PDF_STREAMS_H_
#define CLAWBACK_POLICY_MESSAGE_OPEN_PDF_STREAMS_H_

#include <cstddef>
#include <string_view>

#include "policy/message/open/work.h"

namespace clawback {

// Whether the streams of a PDF that hold objects unpack to at most so many bytes. qpdf
// unpacks them whole and has no bound of its own. Linear in the bytes. What it does is counted.
bool ObjectStreamsFit(std::string_view pdf, std::size_t unpacked, Work* work);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_OPEN_PDF_STREAMS_H_
