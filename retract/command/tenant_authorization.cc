// SPDX-License-Identifier: Apache-2.0
#include "retract/command/tenant_authorization.h"

#include <fmt/format.h>

#include <istream>
#include <ostream>

#include "policy/base/log.h"
#include "policy/base/text.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/table.h"

namespace clawback {
namespace {

namespace json = boost::json;

void Line(std::ostream& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out << fmt::format("{:<14}{}\n", name, EscapeForTerminal(value));
}

Result<json::object> Ask(std::string_view operation, const json::object& arguments,
                         const Options& options) {
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return sidecar.error();
  const Result<std::string> answer = sidecar->Ask(operation, json::serialize(arguments));
  if (!answer) return answer.error();
  return json::parse(*answer).as_object();
}

int Finish(const std::string& name, const std::string& redirect, const Options& options,
           const Terminal& terminal) {
  json::object arguments{{"tenant", name}, {"redirect", redirect}};
  if (const auto mailbox = options.Value("--mailbox")) arguments["mailbox"] = *mailbox;
  const auto answer = Ask(kConsentEnd, arguments, options);
  if (!answer) return Fail(terminal, "tenant", answer.error().what);
  const json::object& authorization = answer->at("authorization").as_object();
  if (options.Has("--json")) {
    terminal.out << JsonText(*answer) << '\n';
  } else {
    PrintAuthorization(authorization, terminal.out);
  }
  return authorization.at("authorized").as_bool() ? kExitDone : kExitFailed;
}

void PrintHowTo(const json::object& begun, const std::string& name, std::ostream& out) {
  out << fmt::format(
      "An administrator of the tenant opens this address, signs in and consents:\n\n"
      "  {}\n\n"
      "The browser then ends at {}?..., where no page needs to be. Paste that whole address\n"
      "here, or give it to: clawback tenant authorize {} --redirect ADDRESS\n"
      "It is taken once, from you, until {}.\n\n> ",
      EscapeForTerminal(TextOf(begun, "url")), EscapeForTerminal(TextOf(begun, "redirect_uri")),
      EscapeForTerminal(name), TextOf(begun, "ends"));
  out.flush();
}

}  // namespace

int AuthorizeTenant(const std::string& name, const Options& options, const Terminal& terminal) {
  if (const auto redirect = options.Value("--redirect")) {
    return Finish(name, *redirect, options, terminal);
  }
  const auto begun = Ask(kConsentBegin, {{"tenant", name}}, options);
  if (!begun) return Fail(terminal, "tenant", begun.error().what);
  if (options.Has("--json")) {
    terminal.out << JsonText(*begun) << '\n';
    return kExitDone;
  }
  PrintHowTo(*begun, name, terminal.out);
  std::string line;
  std::getline(terminal.in, line);
  terminal.out << '\n';
  if (Trim(line).empty()) {
    return Fail(terminal, "tenant", "no address was given: the tenant is not authorized yet");
  }
  return Finish(name, std::string(Trim(line)), options, terminal);
}

void PrintAuthorization(const json::object& authorization, std::ostream& out) {
  const bool by_rbac = authorization.at("by_rbac").as_bool();
  const bool authorized = authorization.at("authorized").as_bool();
  // Nothing shows that an app without a role may write, short of writing.
  Line(out, "authorized",
       !authorized ? "no"
       : by_rbac   ? "yes, by RBAC for Applications: seen to read; that it may move mail shows at "
                     "the first retraction"
                   : "yes");
  Line(out, "missing", TextOf(authorization, "missing"));
  Line(out, "credential", TextOf(authorization, "credential"));
  const std::string end = TextOf(authorization, "credential_ends");
  Line(out, "ends", end.empty() ? "not known" : end);
  Line(out, "warning", TextOf(authorization, "credential_warning"));
  Line(out, "sign-in", TextOf(authorization, "sign_in_fault"));
  Line(out, "directory", TextOf(authorization, "directory_fault"));
  Table roles({"ROLE", "GRANTED", "NEEDED", "TO"});
  for (const json::value& value : authorization.at("roles").as_array()) {
    const json::object& role = value.as_object();
    roles.Add({TextOf(role, "role"), role.at("granted").as_bool() ? "yes" : "no",
               role.at("required").as_bool() ? "yes" : "no", TextOf(role, "used_for")});
  }
  roles.Print(out);
  const json::array& probes = authorization.at("mailboxes").as_array();
  if (probes.empty()) return;
  Table mailboxes({"MAILBOX", "REACHED", "FAULT"});
  for (const json::value& value : probes) {
    const json::object& mailbox = value.as_object();
    mailboxes.Add({TextOf(mailbox, "address"), mailbox.at("reached").as_bool() ? "yes" : "no",
                   TextOf(mailbox, "fault")});
  }
  mailboxes.Print(out);
}

}  // namespace clawback
