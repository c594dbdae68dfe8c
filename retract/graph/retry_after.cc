// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/retry_after.h"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>

#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr milliseconds kLongest = std::chrono::hours(24);
constexpr std::size_t kMaxValue = 64;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Digits with at most one point among them, rounded up to the millisecond: coming
// back early counts against us.
std::optional<milliseconds> ParseSeconds(std::string_view value) {
  const std::size_t point = std::min(value.find('.'), value.size());
  const std::string_view whole = value.substr(0, point);
  const std::string_view fraction = value.substr(std::min(point + 1, value.size()));
  const auto digits = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), IsDigit);
  };
  if (whole.empty() || !digits(whole) || !digits(fraction)) return std::nullopt;
  if (whole.size() > 8) return kLongest;
  long total = std::stol(std::string(whole)) * 1000;
  long scale = 100;
  bool more = false;
  for (const char digit : fraction) {
    more = more || (scale == 0 && digit != '0');
    total += (digit - '0') * scale;
    scale /= 10;
  }
  return std::min(milliseconds(total + (more ? 1 : 0)), kLongest);
}

std::optional<Time> ParseHttpDate(const std::string& value) {
  // IMF-fixdate, RFC 850 and asctime forms (RFC 9110 5.6.7).
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S", "%A, %d-%b-%y %H:%M:%S", "%a %b %d %H:%M:%S %Y"}) {
    std::istringstream stream(value);
    stream.imbue(std::locale::classic());
    std::tm parts{};
    stream >> std::get_time(&parts, form);
    if (stream.fail()) continue;
    std::string rest;
    std::getline(stream >> std::ws, rest);
    if (rest != (form[2] == ' ' ? "" : "GMT")) continue;
    return Time(std::chrono::seconds(::timegm(&parts)));
  }
  return std::nullopt;
}

}  // namespace

std::optional<milliseconds> ParseRetryAfter(std::string_view value, Time now) {
  if (value.empty() || value.size() > kMaxValue) return std::nullopt;
  if (IsDigit(value.front())) return ParseSeconds(value);
  const auto date = ParseHttpDate(std::string(value));
  if (!date) return std::nullopt;
  return std::clamp(*date - now, milliseconds(0), kLongest);
}

std::optional<milliseconds> RetryAfterOf(const HttpResponse& response, Time now) {
  const Time there = ParseHttpDate(std::string(response.Header("Date"))).value_or(now);
  std::optional<milliseconds> longest;
  for (const HttpHeader& header : response.headers) {
    if (LowerAscii(header.name) != "retry-after") continue;
    const auto wait = ParseRetryAfter(header.value, there);
    if (wait && *wait > longest.value_or(milliseconds(0))) longest = wait;
  }
  return longest;
}

}  // namespace clawback
