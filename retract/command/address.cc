// SPDX-License-Identifier: Apache-2.0
// clawback address: the secret addresses that tenants' journal rules send to.
#include <fmt/ranges.h>

#include <boost/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "policy/base/log.h"
#include "policy/base/text.h"
#include "policy/relay.h"
#include "retract/command/command.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/table.h"
#include "retract/command/trace_query.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr OptionSpec kOptions[] = {
    {"--region", "NAME", "add, rotate: whose relays take its mail; this relay's unless given"},
    {"--domain", "DOMAIN", "add, rotate: unless given, that of the tenant's other address"},
    {"--address", "ADDRESS",
     "rotate: the one to replace, or its start; unless given, the only one"},
    {"--ends", "TIME", "rotate, retire: when the old one ends: a time, or 14d for in 14 days"},
    {"--why", "TEXT", "the reason of a change, for the audit"},
    {"--json", "", "one JSON object an address"},
    kSocketOption,
    kConfigOption};

// "valid", "ends TIME", "ended TIME".
std::string StateOf(const json::object& row) {
  const std::string ends = TextOf(row, "ends");
  if (ends.empty()) return "valid";
  return (row.at("valid").as_bool() ? "ends " : "ended ") + ends;
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
  Table table({"TENANT", "REGION", "STATE", "FROM", "ADDRESS"});
  for (const json::value& value : answer->at("rows").as_array()) {
    const json::object& row = value.as_object();
    if (options.Has("--json")) {
      terminal.out << JsonText(row) << '\n';
    } else {
      table.Add({TextOf(row, "tenant"), TextOf(row, "region"), StateOf(row), TextOf(row, "from"),
                 TextOf(row, "address")});
    }
  }
  if (!options.Has("--json")) table.Print(terminal.out);
  return kExitDone;
}

// A time, or how long from now, into arguments.
Status PutEnd(const Options& options, json::object* arguments) {
  const auto text = options.Value("--ends");
  if (!text) return {};
  const Time now = SystemClock().Now();
  const auto age = ReadAge(*text);
  const auto ends = age ? std::optional<Time>(now + *age) : ReadTime(*text, now);
  if (!ends) {
    return Error{ErrorKind::kInvalid,
                 "--ends: expected a time such as 2026-11-03T09:14:22Z, or 14d for in 14 days"};
  }
  (*arguments)["ends"] = FormatTime(*ends);
  return {};
}

constexpr std::size_t kFewestOfStart = 6;  // characters; the audit shows eight

// The address that text names: whole, or its first characters, which are no secret: what
// stands in a command line can be read by everybody on the host.
Result<std::string> WholeAddress(const std::string& text, const Options& options) {
  if (text.find('@') != std::string::npos) return text;
  if (text.size() < kFewestOfStart) {
    return Error{ErrorKind::kInvalid, "expected an address, or its first characters, six at least"};
  }
  const auto answer = Ask(kAddressList, {}, options);
  if (!answer) return answer.error();
  std::vector<std::string> found;
  for (const json::value& row : answer->at("rows").as_array()) {
    const std::string address = TextOf(row.as_object(), "address");
    if (address.starts_with(LowerAscii(text))) found.push_back(address);
  }
  if (found.size() == 1) return found.front();
  return Error{ErrorKind::kNotFound,
               found.empty() ? "no service address begins so; see clawback address list"
                             : "more than one service address begins so: give more of it"};
}

// Each relay has settings of its own: what one issues, another refuses for good.
void TellOfOtherRelays(const Options& options, std::ostream& err) {
  const auto relay = RelayOf(options);
  if (!relay) return;
  std::vector<std::string> others;
  for (const RelayHost& each : relay->relays) {
    if (each.name != relay->relay.name) others.push_back(each.name);
  }
  if (others.empty()) return;
  err << EscapeForTerminal(fmt::format(
             "only {} knows it yet: before the journal rule names it, put it under "
             "service_addresses in the tenant's file on {}, else they refuse it for good (550)",
             relay->relay.name, fmt::join(others, ", ")))
      << '\n';
}

int Change(std::string_view operation, json::object arguments, const Options& options,
           const Terminal& terminal) {
  const auto why = options.Value("--why");
  if (!why || why->empty()) {
    return Misused(terminal, "address", options.operands()[0] + " wants --why TEXT");
  }
  arguments["why"] = *why;
  for (const std::string_view key : {"region", "domain", "address"}) {
    const auto value = options.Value("--" + std::string(key));
    if (value) arguments[key] = *value;
  }
  if (Status read = PutEnd(options, &arguments); !read) {
    return Misused(terminal, "address", read.error().what);
  }
  if (const json::value* address = arguments.if_contains("address")) {
    const auto whole = WholeAddress(std::string(address->as_string()), options);
    if (!whole) return Fail(terminal, "address", whole.error().what);
    arguments["address"] = *whole;
  }
  const auto answer = Ask(operation, arguments, options);
  if (!answer) return Fail(terminal, "address", answer.error().what);
  if (options.Has("--json")) {
    terminal.out << JsonText(*answer) << '\n';
  } else if (operation == kAddressRetire) {
    terminal.out << EscapeForTerminal("ends at " + TextOf(*answer, "ends")) << '\n';
  } else {
    terminal.out << EscapeForTerminal(TextOf(*answer, "address")) << '\n';
    TellOfOtherRelays(options, terminal.err);
  }
  return kExitDone;
}

int Run(const Options& options, const Terminal& terminal) {
  const auto& words = options.operands();
  const std::string verb = words.empty() ? "" : words.front();
  if (verb == "list" && words.size() <= 2) return List(options, terminal);
  const bool one = words.size() == 2;
  if (verb == "add" && one) return Change(kAddressAdd, {{"tenant", words[1]}}, options, terminal);
  if (verb == "rotate" && one) {
    return Change(kAddressRotate, {{"tenant", words[1]}}, options, terminal);
  }
  if (verb == "retire" && one) {
    return Change(kAddressRetire, {{"address", words[1]}}, options, terminal);
  }
  return Misused(terminal, "address",
                 "expected list [TENANT], add TENANT, rotate TENANT or retire ADDRESS");
}

constexpr std::string_view kAbout =
    "list: the addresses, whether each is still valid, and where it comes from: a tenant's file,\n"
    "or the settings.\n"
    "add: issues one and prints it. Its local part is 160 random bits from the kernel, as 32\n"
    "characters of base32. The relay knows it within a second; those that are there already\n"
    "stay valid. Who knows the address can send reports to it: treat it as a secret. The other\n"
    "relays do not know it until it stands in the tenant's file there.\n"
    "rotate: issues one that is to replace another. Both are valid until the old one ends: at\n"
    "--ends, or by retire. Change the journal rule to the new one first, and let the old one end\n"
    "only when nothing has come to it for the time that Exchange keeps reports (a day; seven at\n"
    "most).\n"
    "retire: ends an address now, or at --ends; from then on it is refused (550) as if never\n"
    "issued. Its first characters name it, six at least: a command line is no place for a "
    "secret.\n";

}  // namespace

const Subcommand kAddressCommand = {
    "address",
    "list [TENANT]|add TENANT|rotate TENANT|retire ADDRESS",
    "lists, issues and ends the addresses that journal rules send to",
    kAbout,
    kOptions,
    Run};

}  // namespace clawback
