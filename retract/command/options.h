// SPDX-License-Identifier: Apache-2.0
// Options of a subcommand: each is named once, with its help.
#ifndef CLAWBACK_RETRACT_COMMAND_OPTIONS_H_
#define CLAWBACK_RETRACT_COMMAND_OPTIONS_H_

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"

namespace clawback {

struct OptionSpec {
  std::string_view name;   // with its dashes: "--json"
  std::string_view value;  // what its value is called: "FILE"; empty: it takes none
  std::string_view help;
};

// A subcommand's arguments after they were read. What was not given is absent.
class Options {
 public:
  // "--name VALUE" and "--name=VALUE"; "--" ends the options; everything else is an
  // operand. An empty VALUE is an error. An error says what is wrong with which argument.
  static Result<Options> Read(std::span<const std::string> arguments,
                              std::span<const OptionSpec> specs);

  bool Has(std::string_view name) const { return values_.find(name) != values_.end(); }
  // The last one given.
  std::optional<std::string> Value(std::string_view name) const;
  std::string ValueOr(std::string_view name, std::string_view otherwise) const;
  const std::vector<std::string>& operands() const { return operands_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::string> operands_;
};

// "  --socket PATH  where the sidecar listens" for each.
std::string DescribeOptions(std::span<const OptionSpec> specs);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_OPTIONS_H_
