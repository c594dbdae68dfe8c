// SPDX-License-Identifier: Apache-2.0
// clawback address: the secret addresses that tenants' journal rules send to.
#include <boost/json.hpp>
#include <ostream>
#include <string>

#include "policy/base/log.h"
#include "retract/command/command.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/table.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr OptionSpec kOptions[] = {
    {"--region", "NAME", "add: whose relays take its mail; this relay's unless given"},
    {"--domain", "DOMAIN", "add: unless given, that of the tenant's other address in the region"},
    {"--why", "TEXT", "add: the reason, for the audit"},
    {"--json", "", "one JSON object an address"},
    kSocketOption,
    kConfigOption};

std::string TextOf(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? "" : std::string(value->as_string());
}

Result<json::object> Ask(std::string_view operation, const json::object& arguments,
                         const Options& options) {
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return sidecar.error();
  const Result<std::string> answer = sidecar->Ask(operation, json::serialize(arguments));
  if (!answer) return answer.error();
  return json::parse(*answer).as_object();
}

int List(const Options& options, const Terminal& terminal) {
  json::object arguments;
  if (options.operands().size() == 2) arguments["tenant"] = options.operands()[1];
  const auto answer = Ask(kAddressList, arguments, options);
  if (!answer) return Fail(terminal, "address", answer.error().what);
  Table table({"TENANT", "REGION", "FROM", "ADDRESS"});
  for (const json::value& value : answer->at("rows").as_array()) {
    const json::object& row = value.as_object();
    if (options.Has("--json")) {
      terminal.out << json::serialize(row) << '\n';
    } else {
      table.Add({TextOf(row, "tenant"), TextOf(row, "region"), TextOf(row, "from"),
                 TextOf(row, "address")});
    }
  }
  if (!options.Has("--json")) table.Print(terminal.out);
  return kExitDone;
}

int Add(const Options& options, const Terminal& terminal) {
  const auto why = options.Value("--why");
  if (!why || why->empty()) return Misused(terminal, "address", "add wants --why TEXT");
  json::object arguments{{"tenant", options.operands()[1]}, {"why", *why}};
  if (const auto region = options.Value("--region")) arguments["region"] = *region;
  if (const auto domain = options.Value("--domain")) arguments["domain"] = *domain;
  const auto answer = Ask(kAddressAdd, arguments, options);
  if (!answer) return Fail(terminal, "address", answer.error().what);
  if (options.Has("--json")) {
    terminal.out << json::serialize(*answer) << '\n';
  } else {
    terminal.out << EscapeForTerminal(TextOf(*answer, "address")) << '\n';
  }
  return kExitDone;
}

int Run(const Options& options, const Terminal& terminal) {
  const auto& words = options.operands();
  const std::string verb = words.empty() ? "" : words.front();
  if (verb == "list" && words.size() <= 2) return List(options, terminal);
  if (verb == "add" && words.size() == 2) return Add(options, terminal);
  return Misused(terminal, "address", "expected list [TENANT] or add TENANT");
}

constexpr std::string_view kAbout =
    "list: the addresses in force, and where each comes from: a tenant's file, or the settings.\n"
    "add: issues one and prints it. Its local part is 160 random bits from the kernel, as 32\n"
    "characters of base32. The relay knows it within a second; those that are there already\n"
    "stay valid. Who knows the address can send reports to it: treat it as a secret.\n";

}  // namespace

const Subcommand kAddressCommand = {"address",
                                    "list [TENANT]|add TENANT",
                                    "lists and issues the addresses that journal rules send to",
                                    kAbout,
                                    kOptions,
                                    Run};

}  // namespace clawback
