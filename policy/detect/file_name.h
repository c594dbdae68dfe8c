// SPDX-License-Identifier: Apache-2.0
// What the name of an attachment says it is, and whether it says so honestly.
#ifndef CLAWBACK_POLICY_DETECT_FILE_NAME_H_
#define CLAWBACK_POLICY_DETECT_FILE_NAME_H_

#include <string>
#include <string_view>

namespace clawback {

// Lower case, without the dot; empty if there is none. Windows drops dots and blanks
// at the end of a name before it looks, and so does this.
std::string Extension(std::string_view name);

bool IsProgramExtension(const std::string& extension);   // what Windows runs on a double click
bool IsScriptExtension(const std::string& extension);    // what its interpreters run
bool IsDocumentExtension(const std::string& extension);  // what people open without a thought

enum class NameTrick { kNone, kDoubleExtension, kDirectionOverride };
// kDoubleExtension: something that runs, or a web page, behind a document's extension.
// kDirectionOverride: U+202E or U+202D, which turn the end of a name around.
NameTrick TrickOf(std::string_view name);

// "\"name\"", cut for evidence.
std::string Quoted(std::string_view name);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_FILE_NAME_H_
