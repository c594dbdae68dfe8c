// SPDX-License-Identifier: Apache-2.0
// Small text forms that both of Microsoft's hosts and the journal sender speak.
#ifndef CLAWBACK_TESTS_PRACTICE_TEXT_H_
#define CLAWBACK_TESTS_PRACTICE_TEXT_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/text.h"

namespace clawback::practice {

bool BeginsWith(std::string_view text, std::string_view start);  // ASCII case ignored
std::vector<std::string> Split(std::string_view text, char separator);

// Random bits in the shape of a GUID (RFC 9562 version 4), and a GUID that is
// always the same for the same seed.
std::string NewGuid();
std::string GuidFrom(std::string_view seed);
bool LooksLikeGuid(std::string_view text);

std::string Base64(std::string_view bytes);
std::string Base64Url(std::string_view bytes);  // RFC 7515: no padding
// nullopt where text is not base64 (either alphabet, padding optional).
std::optional<std::string> FromBase64(std::string_view text);

// RFC 3986: everything but unreserved characters becomes %XX.
std::string PercentEncode(std::string_view text);
// As the service reads a query: %XX, and a raw '+' is a space. nullopt: a broken %XX.
std::optional<std::string> DecodeQuery(std::string_view text);
// As the service reads a path segment: a '+' is a '+'.
std::optional<std::string> DecodePath(std::string_view text);
// "a=b&c=d", decoded, in the order given. nullopt: a broken %XX.
using Pairs = std::vector<std::pair<std::string, std::string>>;
std::optional<Pairs> ParseForm(std::string_view text);
const std::string* Find(const Pairs& pairs, std::string_view name);

std::string HttpDate(Time time);     // Mon, 23 Nov 2026 19:00:00 GMT
std::string MailDate(Time time);     // Mon, 23 Nov 2026 19:00:00 +0000
std::string SecondsTime(Time time);  // 2026-11-23T19:00:00Z

// Line ends of either kind become CRLF (RFC 5321 2.3.8).
std::string WithCrLf(std::string_view text);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_TEXT_H_
