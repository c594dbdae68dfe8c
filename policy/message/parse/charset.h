// SPDX-License-Identifier: Apache-2.0
// Bytes of any charset to UTF-8, by ICU: its tables are in its library, so that it
// works in a judge that may open no file.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_CHARSET_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_CHARSET_H_

#include <optional>
#include <string>
#include <string_view>

namespace clawback {

// Always valid UTF-8. Without a charset, or with one that nobody knows: UTF-8 where
// the bytes are that, else windows-1252. Bytes that the charset lacks become U+FFFD.
std::string ToUtf8(std::string_view bytes, std::string_view charset);

// As ToUtf8, but nullopt where ICU does not know the charset.
std::optional<std::string> Convert(std::string_view bytes, const std::string& charset);

// NFKC and full case folding (Unicode UAX 15, NFKC_Casefold), for comparing.
std::string FoldForComparison(std::string_view utf8);
// NFKC only.
std::string NormalizeCompatibility(std::string_view utf8);
// Letters without the marks above and below them (the combining ones of their NFD).
std::string WithoutMarks(std::string_view utf8);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_CHARSET_H_
