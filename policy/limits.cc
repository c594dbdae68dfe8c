// SPDX-License-Identifier: Apache-2.0
#include "policy/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace clawback {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kMinute = 60'000;

constexpr LimitKey kLimits[] = {
    {"breaker.count", 0, 1'000'000, false, [](const Tenant& t) { return t.breaker.count; },
     [](Tenant* t, std::int64_t value) { t->breaker.count = value; }},
    {"breaker.window", kMinute, 1440 * kMinute, true,
     [](const Tenant& t) { return std::int64_t{t.breaker.window.count()}; },
     [](Tenant* t, std::int64_t value) { t->breaker.window = milliseconds(value); }},
    {"breaker.share", 1, 100, false, [](const Tenant& t) { return t.breaker.share; },
     [](Tenant* t, std::int64_t value) { t->breaker.share = value; }},
    {"breaker.share_from", 1, 1'000'000, false,
     [](const Tenant& t) { return t.breaker.share_from; },
     [](Tenant* t, std::int64_t value) { t->breaker.share_from = value; }},
    {"approval_above", 0, 1'000'000, false, [](const Tenant& t) { return t.approval_above; },
     [](Tenant* t, std::int64_t value) { t->approval_above = value; }},
    // The bounds keep MALICIOUS the stricter of the two, whichever is changed alone.
    {"thresholds.malicious", 80, 99, false, [](const Tenant& t) { return t.thresholds.malicious; },
     [](Tenant* t, std::int64_t value) { t->thresholds.malicious = value; }},
    {"thresholds.suspicious", 30, 80, false,
     [](const Tenant& t) { return t.thresholds.suspicious; },
     [](Tenant* t, std::int64_t value) { t->thresholds.suspicious = value; }},
    {"thresholds.spoof", 30, 95, false, [](const Tenant& t) { return t.thresholds.spoof; },
     [](Tenant* t, std::int64_t value) { t->thresholds.spoof = value; }},
    {"thresholds.spam", 30, 95, false, [](const Tenant& t) { return t.thresholds.spam; },
     [](Tenant* t, std::int64_t value) { t->thresholds.spam = value; }},
    {"thresholds.bulk", 30, 95, false, [](const Tenant& t) { return t.thresholds.bulk; },
     [](Tenant* t, std::int64_t value) { t->thresholds.bulk = value; }}};

std::optional<std::int64_t> NumberFrom(const LimitKey& key, std::string_view text) {
  if (key.is_duration) {
    const auto duration = ParseDuration(text);
    return duration ? std::optional<std::int64_t>(duration->count()) : std::nullopt;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void ReadLimit(YamlMap& map, std::string_view name, std::string_view prefix, Tenant* tenant) {
  const LimitKey& key = *FindLimit(fmt::format("{}{}", prefix, name));
  std::int64_t value = key.get(*tenant);
  if (key.is_duration) {
    milliseconds duration(value);
    map.Duration(name, &duration, milliseconds(key.min), milliseconds(key.max));
    value = duration.count();
  } else {
    map.Integer(name, &value, key.min, key.max);
  }
  key.set(tenant, value);
}

}  // namespace

std::span<const LimitKey> LimitKeys() { return kLimits; }

const LimitKey* FindLimit(std::string_view name) {
  const auto* found = std::find_if(std::begin(kLimits), std::end(kLimits),
                                   [&](const LimitKey& key) { return key.name == name; });
  return found == std::end(kLimits) ? nullptr : found;
}

std::string LimitText(const LimitKey& key, std::int64_t value) {
  return key.is_duration ? FormatDuration(milliseconds(value)) : std::to_string(value);
}

Result<std::int64_t> LimitFrom(const LimitKey& key, std::string_view text) {
  const auto number = NumberFrom(key, text);
  if (number && *number >= key.min && *number <= key.max) return *number;
  return Error{ErrorKind::kInvalid,
               fmt::format("{}: \"{}\", expected {} from {} to {}, or inherit", key.name, text,
                           key.is_duration ? "a duration such as 10m" : "a number",
                           LimitText(key, key.min), LimitText(key, key.max))};
}

TenantLimits LimitsOf(const Tenant& tenant) {
  TenantLimits limits{tenant.breaker, tenant.approval_above, {}, tenant.mode};
  const auto people = tenant.lists.find(ListName::kProtectedPeople);
  if (people != tenant.lists.end()) limits.protected_people = people->second;
  return limits;
}

void ReadLimits(YamlMap& map, Tenant* tenant) {
  for (const std::string_view section : {"breaker", "thresholds"}) {
    map.Map(section, [&](YamlMap& inner) {
      const std::string prefix = fmt::format("{}.", section);
      for (const LimitKey& key : kLimits) {
        if (!key.name.starts_with(prefix)) continue;
        ReadLimit(inner, key.name.substr(prefix.size()), prefix, tenant);
      }
    });
  }
  ReadLimit(map, "approval_above", "", tenant);
}

}  // namespace clawback
