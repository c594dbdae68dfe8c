// SPDX-License-Identifier: Apache-2.0
// clawback tenant: the tenants with what is in force for them, and changes to it.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "retract/command/command.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/table.h"
#include "retract/command/tenant_authorization.h"
#include "retract/command/tenant_file_edit.h"
#include "retract/command/tenant_flow.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr OptionSpec kOptions[] = {
    {"--tenant-id", "GUID", "add: its id in Entra ID"},
    {"--domain", "LIST", "add: its accepted domains, commas between them"},
    {"--originator-org", "DOMAIN",
     "add: what X-OriginatorOrg must say; one of --domain unless given"},
    {"--client-id", "ID", "add: of the application"},
    {"--client-secret", "REF", "add: file:PATH or credential:NAME; or a certificate:"},
    {"--certificate", "PATH", "add: the application's, PEM"},
    {"--certificate-key", "REF", "add: file:PATH or credential:NAME"},
    {"--federated-token", "REF", "add: file:PATH or credential:NAME, of another issuer's token"},
    {"--cloud", "NAME", "add: global (unless given), gcc-high, dod or china"},
    {"--redirect", "URL", "authorize: the address that the administrator's browser ended at"},
    {"--mailbox", "ADDRESS", "authorize, status: the mailbox to look into"},
    {"--yes", "", "remove: do it"},
    {"--why", "TEXT", "the reason of a change, for the audit"},
    {"--json", "", "one JSON object a tenant"},
    kSocketOption,
    kConfigOption};

int PrintTenant(const json::object& tenant, const Options& options, const Terminal& terminal) {
  if (options.Has("--json")) {
    terminal.out << JsonText(tenant) << '\n';
    return kExitDone;
  }
  Table table({"KEY", "VALUE", "PINNED AT"});
  for (const std::string_view key : {"name", "tenant_id", "settings_version"}) {
    table.Add({std::string(key), TextOf(tenant, key), "-"});
  }
  for (const json::value& each : tenant.at("keys").as_array()) {
    const std::string pin = TextOf(each.as_object(), "pinned_at");
    table.Add({TextOf(each.as_object(), "key"), TextOf(each.as_object(), "value"),
               pin.empty() ? "-" : pin});
  }
  table.Print(terminal.out);
  return kExitDone;
}

int PrintList(const json::array& tenants, const Options& options, const Terminal& terminal) {
  Table table({"NAME", "MODE", "SETTINGS", "FILE"});
  for (const json::value& value : tenants) {
    const json::object& tenant = value.as_object();
    if (options.Has("--json")) {
      terminal.out << JsonText(tenant) << '\n';
    } else {
      table.Add({TextOf(tenant, "name"), TextOf(tenant.at("keys").at(0).as_object(), "value"),
                 TextOf(tenant, "settings_version"), TextOf(tenant, "file")});
    }
  }
  if (!options.Has("--json")) table.Print(terminal.out);
  return kExitDone;
}

// How a tenant stands, a section after the other.
int ShowStatus(const std::string& name, const Options& options, const Terminal& terminal) {
  json::object arguments{{"tenant", name}};
  if (const auto mailbox = options.Value("--mailbox")) arguments["mailbox"] = *mailbox;
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "tenant", sidecar.error().what);
  const Result<std::string> answer = sidecar->Ask(kTenantStatus, json::serialize(arguments));
  if (!answer) return Fail(terminal, "tenant", answer.error().what);
  const json::object status = json::parse(*answer).as_object();
  const json::object& authorization = status.at("authorization").as_object();
  if (options.Has("--json")) {
    terminal.out << PlainNumbers(*answer) << '\n';
  } else {
    PrintAuthorization(authorization, terminal.out);
    terminal.out << '\n';
    PrintFlow(status.at("flow").as_object(), terminal.out);
  }
  return authorization.at("authorized").as_bool() ? kExitDone : kExitFailed;
}

int Ask(std::string_view operation, const json::object& arguments, const Options& options,
        const Terminal& terminal) {
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "tenant", sidecar.error().what);
  const Result<std::string> answer = sidecar->Ask(operation, json::serialize(arguments));
  if (!answer) return Fail(terminal, "tenant", answer.error().what);
  const json::object result = json::parse(*answer).as_object();
  const json::value* rows = result.if_contains("rows");
  if (rows != nullptr) return PrintList(rows->as_array(), options, terminal);
  return PrintTenant(result, options, terminal);
}

// What a verb that changes something asks the sidecar for; nullopt: wrong words.
struct Edit {
  std::string_view operation;
  json::object arguments;
};

// How people and brands are called, which have a name and where mail under it comes from.
struct NamedWords {
  std::string_view add, remove;  // verbs
  std::string_view add_operation, remove_operation;
  std::string_view name, from;  // arguments
};
constexpr NamedWords kPersonWords = {"person-add",  "person-remove", kPersonAdd,
                                     kPersonRemove, "person",        "addresses"};
constexpr NamedWords kBrandWords = {"brand-add",  "brand-remove", kBrandAdd,
                                    kBrandRemove, "brand",        "domains"};

std::optional<Edit> NamedEditOf(const std::vector<std::string>& words, const NamedWords& named) {
  const std::string& verb = words.front();
  if (words.size() < 3) return std::nullopt;
  json::object arguments{{"tenant", words[1]}, {named.name, words[2]}};
  if (verb == named.remove && words.size() == 3) {
    return Edit{named.remove_operation, std::move(arguments)};
  }
  if (verb != named.add) return std::nullopt;
  arguments[named.from] = json::array(words.begin() + 3, words.end());
  return Edit{named.add_operation, std::move(arguments)};
}

std::optional<Edit> EditOf(const std::vector<std::string>& words) {
  const std::string& verb = words.front();
  if (verb == "set" && words.size() == 4) {
    return Edit{kTenantSet, {{"tenant", words[1]}, {"key", words[2]}, {"value", words[3]}}};
  }
  if ((verb == "list-add" || verb == "list-remove") && words.size() == 4) {
    return Edit{verb == "list-add" ? kListAdd : kListRemove,
                {{"tenant", words[1]}, {"list", words[2]}, {"entry", words[3]}}};
  }
  return verb.starts_with("brand") ? NamedEditOf(words, kBrandWords)
                                   : NamedEditOf(words, kPersonWords);
}

// What has to stand after tenant: of one verb where it is one.
std::string Expected(std::string_view verb) {
  constexpr std::string_view kForms[] = {"list",
                                         "show NAME",
                                         "status [NAME]",
                                         "authorize NAME",
                                         "set NAME KEY VALUE",
                                         "list-add NAME LIST ENTRY",
                                         "list-remove NAME LIST ENTRY",
                                         "person-add NAME PERSON [ADDRESS...]",
                                         "person-remove NAME PERSON",
                                         "brand-add NAME BRAND [DOMAIN...]",
                                         "brand-remove NAME BRAND",
                                         "add NAME",
                                         "remove NAME",
                                         "reload"};
  std::string all;
  for (const std::string_view form : kForms) {
    if (form.substr(0, form.find(' ')) == verb) return "expected " + std::string(form);
    all += (all.empty() ? "expected one of " : ", ") + std::string(form);
  }
  return all;
}

int Run(const Options& options, const Terminal& terminal) {
  const auto& words = options.operands();
  const std::string verb = words.empty() ? "" : words.front();
  if (verb == "list" && words.size() == 1) return Ask(kTenantList, {}, options, terminal);
  if (verb == "show" && words.size() == 2) {
    return Ask(kTenantShow, {{"tenant", words[1]}}, options, terminal);
  }
  if (verb == "status" && words.size() == 1) return ShowFlowOfAll(options, terminal);
  if (verb == "status" && words.size() == 2) return ShowStatus(words[1], options, terminal);
  if (verb == "authorize" && words.size() == 2) {
    return AuthorizeTenant(words[1], options, terminal);
  }
  if (verb == "add" && words.size() == 2) return AddTenant(words[1], options, terminal);
  if (verb == "remove" && words.size() == 2) return RemoveTenant(words[1], options, terminal);
  if (verb == "reload" && words.size() == 1) return ReloadTenants(options, terminal);
  auto edit = words.empty() ? std::nullopt : EditOf(words);
  if (!edit) {
    return Misused(terminal, "tenant", Expected(verb));
  }
  const auto why = options.Value("--why");
  if (!why || why->empty()) return Misused(terminal, "tenant", verb + " wants --why TEXT");
  edit->arguments["why"] = *why;
  return Ask(edit->operation, edit->arguments, options, terminal);
}

constexpr std::string_view kAbout =
    "list: the tenants. show: what is in force for one, and which keys its file pins.\n"
    "authorize: prints where the tenant's administrator consents, and takes the address that the\n"
    "browser then ends at, from the terminal or by --redirect; proves it by a token, and prints\n"
    "what was granted. status: what the app may do in the tenant, what it can reach, and when\n"
    "its credential ends; and how its reports flow: against the usual, what was refused and why,\n"
    "what demanding the client certificate would have refused, when Exchange validated its\n"
    "connector. Without NAME only the flow, of all, and Microsoft is not asked.\n"
    "set: changes mode (observe, enforce) or actions.DISPOSITION (none, junk, trash,\n"
    "soft-delete, hard-delete), breaker.count, breaker.window, breaker.share, breaker.share_from,\n"
    "approval_above, or thresholds.malicious, .suspicious, .spoof, .spam, .bulk (percent);\n"
    "inherit takes a change back. The next report follows it.\n"
    "add: writes NAME.yaml into the folder of tenants, refused if the folder then had a fault,\n"
    "and says what is next. remove: keeps the file under another name; undone by renaming it.\n"
    "reload: the sidecar reads the folder again, as add and remove have it do; who came, went\n"
    "or changed goes into the audit. clawback-milter reads it at SIGUSR1.\n"
    "list-add, list-remove: LIST is exempt_recipients (addresses that are never retracted from\n"
    "automatically), protected_people (addresses: held for a person), trusted_senders or\n"
    "blocked_senders (addresses or domains), blocked_hosts (that links lead to), or\n"
    "blocked_hashes (SHA-256 of files).\n"
    "person-add, person-remove: whose name others may borrow, with the addresses that mail\n"
    "under it rightly comes from besides the tenant's domains. brand-add, brand-remove: the\n"
    "same for a name of the tenant's own, with the domains that mail under it comes from.\n"
    "A key that the tenant's file names is pinned there and is refused here.\n";

}  // namespace

const Subcommand kTenantCommand = {"tenant",
                                   "list|status|reload|VERB NAME ...",
                                   "shows and changes what is done for a tenant",
                                   kAbout,
                                   kOptions,
                                   Run};

}  // namespace clawback
