// SPDX-License-Identifier: Apache-2.0
#include "retract/command/options.h"

#include <fmt/format.h>

#include <algorithm>

namespace clawback {
namespace {

Error Wrong(std::string what) { return {ErrorKind::kInvalid, std::move(what)}; }

const OptionSpec* Find(std::span<const OptionSpec> specs, std::string_view name) {
  const auto found =
      std::find_if(specs.begin(), specs.end(), [&](const auto& spec) { return spec.name == name; });
  return found == specs.end() ? nullptr : &*found;
}

std::string Shown(const OptionSpec& spec) {
  return spec.value.empty() ? std::string(spec.name) : fmt::format("{} {}", spec.name, spec.value);
}

}  // namespace

Result<Options> Options::Read(std::span<const std::string> arguments,
                              std::span<const OptionSpec> specs) {
  Options options;
  bool ended = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (ended || argument.size() < 2 || argument.front() != '-') {
      options.operands_.push_back(argument);
      continue;
    }
    if (argument == "--") {
      ended = true;
      continue;
    }
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const OptionSpec* spec = Find(specs, name);
    if (spec == nullptr) return Wrong(fmt::format("there is no option {}", name));
    if (spec->value.empty() && equals != std::string::npos) {
      return Wrong(fmt::format("{} takes no value", name));
    }
    std::string value;
    if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (!spec->value.empty()) {
      if (++i == arguments.size()) return Wrong(fmt::format("{} wants {}", name, spec->value));
      value = arguments[i];
    }
    // A variable of a shell script that is not set must not widen a search to everything.
    if (!spec->value.empty() && value.empty()) {
      return Wrong(fmt::format("{}: empty, expected {}", name, spec->value));
    }
    options.values_.insert_or_assign(name, value);
  }
  return options;
}

std::optional<std::string> Options::Value(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::string Options::ValueOr(std::string_view name, std::string_view otherwise) const {
  return Value(name).value_or(std::string(otherwise));
}

std::string DescribeOptions(std::span<const OptionSpec> specs) {
  std::size_t width = 0;
  for (const OptionSpec& spec : specs) width = std::max(width, Shown(spec).size());
  std::string text;
  for (const OptionSpec& spec : specs) {
    text += fmt::format("  {:<{}}  {}\n", Shown(spec), width, spec.help);
  }
  return text;
}

}  // namespace clawback
