// SPDX-License-Identifier: Apache-2.0
#include "retract/command/trace_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>

#include "policy/base/digest.h"

namespace clawback {
namespace {

constexpr int kMostRows = 1000;  // of one answer (docs/api.md)

Error Wrong(std::string_view option, std::string_view expected) {
  return {ErrorKind::kInvalid, fmt::format("{}: expected {}", option, expected)};
}

std::optional<std::int64_t> ReadNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Status ReadTimeOption(const Options& options, std::string_view name, Time now,
                      std::optional<Time>* out) {
  const auto text = options.Value(name);
  if (!text) return {};
  *out = ReadTime(*text, now);
  if (*out) return {};
  return Wrong(name, "a time such as 2026-11-03T09:14:22Z, 2026-11-03, or 2h for two hours ago");
}

Status ReadDisposition(const Options& options, std::optional<Disposition>* out) {
  std::optional<std::string> text = options.Value("--disposition");
  if (!text) return {};
  std::transform(text->begin(), text->end(), text->begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  *out = DispositionFrom(*text);
  if (*out) return {};
  std::string words;
  for (const Disposition disposition : kAllDispositions) {
    words += (words.empty() ? "" : ", ") + std::string(ToString(disposition));
  }
  return Wrong("--disposition", "one of " + words);
}

Status ReadLimit(const Options& options, int* limit) {
  const auto text = options.Value("--limit");
  if (!text) return {};
  const auto number = ReadNumber(*text);
  if (!number || *number < 1 || *number > kMostRows) {
    return Wrong("--limit", fmt::format("a number from 1 to {}", kMostRows));
  }
  *limit = static_cast<int>(*number);
  return {};
}

Status ReadLike(const Options& options, std::int64_t* like) {
  const auto text = options.Value("--like");
  if (!text) return {};
  const auto number = ReadNumber(*text);
  if (!number || *number < 1) return Wrong("--like", "the ID of a row");
  *like = *number;
  return {};
}

Status ReadFileDigest(const Options& options, std::string* file) {
  const auto text = options.Value("--file-digest");
  if (!text) return {};
  if (!DigestFromHex(*text)) {
    return Wrong("--file-digest", "the SHA-256 of a file, 64 hexadecimal digits");
  }
  *file = *text;
  return {};
}

}  // namespace

bool Searches(const Options& options) {
  constexpr std::string_view kSearch[] = {
      "--message-id", "--sender", "--tenant", "--disposition", "--subject",     "--since",
      "--until",      "--host",   "--url",    "--file-digest", "--subject-key", "--like"};
  return std::any_of(std::begin(kSearch), std::end(kSearch),
                     [&](std::string_view name) { return options.Has(name); });
}

std::optional<milliseconds> ReadAge(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto number = ReadNumber(text.substr(0, text.size() - 1));
  if (!number || *number < 0 || *number > 1'000'000) return std::nullopt;
  switch (text.back()) {
    case 's':
      return std::chrono::seconds(*number);
    case 'm':
      return std::chrono::minutes(*number);
    case 'h':
      return std::chrono::hours(*number);
    case 'd':
      return std::chrono::hours(24 * *number);
    default:
      return std::nullopt;
  }
}

std::optional<Time> ReadTime(std::string_view text, Time now) {
  if (const auto age = ReadAge(text)) return now - *age;
  if (const auto time = ParseTime(text)) return time;
  return ParseTime(fmt::format("{}T00:00:00Z", text));
}

Result<TraceQuery> ReadTraceQuery(const Options& options, Time now) {
  TraceQuery query;
  query.message_id = options.ValueOr("--message-id", "");
  query.sender = options.ValueOr("--sender", "");
  query.recipient = options.ValueOr("--recipient", "");
  query.tenant = options.ValueOr("--tenant", "");
  query.subject_part = options.ValueOr("--subject", "");
  query.host = options.ValueOr("--host", "");
  query.url = options.ValueOr("--url", "");
  query.subject_key = options.ValueOr("--subject-key", "");
  for (const Status& status :
       {ReadLike(options, &query.like), ReadFileDigest(options, &query.file),
        ReadDisposition(options, &query.disposition),
        ReadTimeOption(options, "--since", now, &query.since),
        ReadTimeOption(options, "--until", now, &query.until), ReadLimit(options, &query.limit)}) {
    if (!status) return status.error();
  }
  return query;
}

}  // namespace clawback
