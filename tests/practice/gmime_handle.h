// SPDX-License-Identifier: Apache-2.0
// Owners for GMime's objects.
#ifndef CLAWBACK_TESTS_PRACTICE_GMIME_HANDLE_H_
#define CLAWBACK_TESTS_PRACTICE_GMIME_HANDLE_H_

#include <gmime/gmime.h>

#include <string>
#include <string_view>

#include "policy/base/c_handle.h"

namespace clawback::practice {

// An owned reference to a GObject of type T.
template <typename T>
using GObjectHandle = CHandle<T, g_object_unref>;
using GString_ = CHandle<char, g_free>;

// Starts GMime once; any thread.
void StartGMime();

// Null where mime is no message at all.
GObjectHandle<GMimeMessage> ParseMessage(std::string_view mime);

// The decoded content of a leaf, "" where there is none.
std::string DecodedContent(GMimePart* part);
// text of the named charset as UTF-8; bytes that are wrong in it become '?'.
std::string ToUtf8(std::string_view text, const char* charset);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_GMIME_HANDLE_H_
