// SPDX-License-Identifier: Apache-2.0
#include "retract/command/tenant_file_edit.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>

#include "policy/base/c_handle.h"
#include "policy/base/log.h"
#include "policy/config_checks.h"
#include "policy/relay.h"
#include "policy/tenant.h"
#include "retract/command/sidecar_access.h"

namespace clawback {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

Error System(const std::string& what) {
  return {ErrorKind::kRefused, what + ": " + std::strerror(errno)};
}

// JSON is YAML, and its strings quote everything.
std::string Quoted(std::string_view text) { return json::serialize(json::string(text)); }

// Of "a.example,b.example".
std::string QuotedList(std::string_view text) {
  std::string list;
  while (true) {
    const std::size_t comma = text.find(',');
    list += (list.empty() ? "" : ", ") + Quoted(text.substr(0, comma));
    if (comma == std::string_view::npos) return list;
    text.remove_prefix(comma + 1);
  }
}

std::string Credential(const Options& options) {
  std::string text;
  for (const auto& [option, key] : {std::pair("--client-secret", "client_secret"),
                                    std::pair("--certificate-key", "certificate_key"),
                                    std::pair("--federated-token", "federated_token")}) {
    if (const auto value = options.Value(option))
      text += fmt::format("  {}: {}\n", key, Quoted(*value));
  }
  if (const auto path = options.Value("--certificate")) {
    text += fmt::format("  certificate: {}\n", Quoted(fs::absolute(*path).string()));
  }
  return text;
}

std::string OriginatorOrg(const Options& options) {
  const auto named = options.Value("--originator-org");
  return named ? fmt::format("  originator_org: {}\n", Quoted(*named))
               : "  # X-OriginatorOrg must be one of the domains, unless another is named here:\n"
                 "  # originator_org: NAME.onmicrosoft.com\n";
}

std::string FileText(const std::string& name, const Options& options) {
  return fmt::format(
      "# One tenant; clawback-tenant.yaml(5) describes every key, clawback check reads it.\n"
      "name: {}\n"
      "tenant_id: {}\n"
      "domains: [{}]\n"
      "\n"
      "# Service addresses are issued by: clawback address add {}\n"
      "\n"
      "demands:                        # what its journal reports must prove\n"
      "  minimum_tls: \"1.2\"\n"
      "  networks: [exchange-online]\n"
      "  secret_address: true\n"
      "  tenant_id_mark: true\n"
      "{}"
      "  # clawback tenant status {} says what demanding this would refuse:\n"
      "  # certificate_subject: mail.protection.outlook.com\n"
      "\n"
      "# mode is observe and every action none until clawback tenant set changes them. Written\n"
      "# here they would be pinned: mode: observe\n"
      "\n"
      "graph:\n"
      "  cloud: {}\n"
      "  client_id: {}\n"
      "{}",
      Quoted(name), Quoted(options.ValueOr("--tenant-id", "")),
      QuotedList(options.ValueOr("--domain", "")), name, OriginatorOrg(options), name,
      Quoted(options.ValueOr("--cloud", "global")), Quoted(options.ValueOr("--client-id", "")),
      Credential(options));
}

// As readable as its folder, by the folder's group: the daemons must read it.
Status Write(const std::string& path, const std::string& folder, const std::string& text) {
  struct stat place {};
  if (::stat(folder.c_str(), &place) != 0) return System(folder);
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return System(path);
  (void)!::fchown(file.get(), static_cast<uid_t>(-1), place.st_gid);
  const auto size = static_cast<ssize_t>(text.size());
  if (::fchmod(file.get(), 0600U | (place.st_mode & 0044U)) != 0 ||
      ::write(file.get(), text.data(), text.size()) != size || ::fsync(file.get()) != 0) {
    return System(path);
  }
  return {};
}

void SyncFolder(const std::string& folder) {
  const FileDescriptor entries(::open(folder.c_str(), O_RDONLY | O_CLOEXEC));
  if (entries) (void)::fsync(entries.get());
}

// What would be wrong with the folder of tenants if fresh stood in it as path.
std::vector<std::string> FaultsWith(const RelayConfig& relay, const std::string& fresh,
                                    const std::string& path) {
  std::vector<std::string> faults;
  for (ConfigFault& fault : ReadTenantFolder(relay.tenants, fresh, relay.relays).faults) {
    if (fault.file == fresh) fault.file = path;
    faults.push_back(ToString(fault));
  }
  return faults;
}

// Never replaces a file that is there.
Status Place(const std::string& fresh, const std::string& path, const std::string& folder) {
  const int linked = ::link(fresh.c_str(), path.c_str());
  const Error failed = System(path);
  ::unlink(fresh.c_str());
  if (linked != 0) return failed;
  SyncFolder(folder);
  return {};
}

// done: what stands already, whatever the sidecar says.
int Tell(const std::string& done, const std::string& why, const Options& options,
         const Terminal& terminal) {
  terminal.out << EscapeForTerminal(done) << '\n';
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  const Result<std::string> answer =
      sidecar ? sidecar->Ask(kTenantReload, json::serialize(json::object{{"why", why}}))
              : Result<std::string>(sidecar.error());
  if (!answer) {
    return Fail(terminal, "tenant",
                answer.error().what +
                    "; so the sidecar has not taken it and it is not in the audit: once that is "
                    "mended, run clawback tenant reload --why TEXT");
  }
  const json::object result = json::parse(*answer).as_object();
  for (const json::value& each : result.at("changes").as_array()) {
    terminal.out << fmt::format("audited: {} {}\n", std::string(each.at("what").as_string()),
                                std::string(each.at("tenant").as_string()));
  }
  for (const json::value& each : result.at("unusable").as_array()) {
    terminal.out << EscapeForTerminal("not usable yet: " + std::string(each.as_string())) << '\n';
  }
  return kExitDone;
}

}  // namespace

int AddTenant(const std::string& name, const Options& options, const Terminal& terminal) {
  const auto why = options.Value("--why");
  if (!why || why->empty()) return Misused(terminal, "tenant", "add wants --why TEXT");
  if (!IsShortName(name)) {
    return Misused(terminal, "tenant", "add: expected a name of a-z, 0-9 and inner \"-\"");
  }
  for (const std::string_view needed : {"--tenant-id", "--domain", "--client-id"}) {
    if (!options.Has(needed)) {
      return Misused(terminal, "tenant", fmt::format("add wants {}", needed));
    }
  }
  const auto relay = RelayOf(options);
  if (!relay) return Fail(terminal, "tenant", relay.error().what);
  const std::string& folder = relay->tenants;
  const std::string path = folder + "/" + name + ".yaml";
  const std::string fresh = path + ".new";
  if (fs::exists(path)) return Fail(terminal, "tenant", path + " is there already");
  if (Status written = Write(fresh, folder, FileText(name, options)); !written) {
    return Fail(terminal, "tenant", written.error().what);
  }
  const auto faults = FaultsWith(*relay, fresh, path);
  if (!faults.empty()) {
    ::unlink(fresh.c_str());
    for (const std::string& fault : faults) terminal.err << EscapeForTerminal(fault) << '\n';
    return Fail(terminal, "tenant", "nothing was written");
  }
  if (Status placed = Place(fresh, path, folder); !placed) {
    return Fail(terminal, "tenant", placed.error().what);
  }
  const int told = Tell("written: " + path, *why, options, terminal);
  terminal.out << fmt::format(
      "next: 1. put the secret or key where the file names it, readable by clawback-retractd only\n"
      "      2. clawback tenant authorize {0}: an administrator of the tenant consents\n"
      "      3. clawback address add {0} --domain RELAY-DOMAIN --why TEXT\n"
      "      4. in Exchange: a connector to this relay, an alternate journaling mailbox, and a\n"
      "         journal rule to that address\n"
      "      5. clawback tenant status {0}: connector validated, reports flow\n"
      "      6. clawback tenant set {0} actions.MALICIOUS junk --why TEXT: in mode observe the\n"
      "         trace then tells what would have been moved, and nothing is\n"
      "      7. when that looks right: clawback tenant set {0} mode enforce --why TEXT\n"
      "after a change of the file: clawback tenant reload --why TEXT, and SIGUSR1 to "
      "clawback-milter\n",
      name);
  return told;
}

int RemoveTenant(const std::string& name, const Options& options, const Terminal& terminal) {
  const auto why = options.Value("--why");
  if (!why || why->empty()) return Misused(terminal, "tenant", "remove wants --why TEXT");
  if (!options.Has("--yes")) {
    return Misused(terminal, "tenant", "remove takes the tenant out of service, it wants --yes");
  }
  const auto relay = RelayOf(options);
  if (!relay) return Fail(terminal, "tenant", relay.error().what);
  const TenantDirectoryFiles files = ReadTenantFolder(relay->tenants);
  const Tenant* tenant = files.directory.FindByName(name);
  if (tenant == nullptr)
    return Fail(terminal, "tenant",
                "there is no tenant \"" + name + "\": clawback tenant list names them");
  std::string kept = tenant->file + ".removed";
  for (int i = 1; fs::exists(kept); ++i) kept = fmt::format("{}.removed-{}", tenant->file, i);
  if (::rename(tenant->file.c_str(), kept.c_str()) != 0) {
    return Fail(terminal, "tenant", System(tenant->file).what);
  }
  SyncFolder(relay->tenants);
  const int told = Tell("kept as: " + kept, *why, options, terminal);
  terminal.out << fmt::format(
      "next: 1. take {}'s journal rule away in Exchange, else its reports bounce (550)\n"
      "      2. SIGUSR1 to clawback-milter\n"
      "undo: mv {} {}, then clawback tenant reload --why TEXT, and SIGUSR1 to clawback-milter\n",
      name, EscapeForTerminal(kept), EscapeForTerminal(tenant->file));
  return told;
}

int ReloadTenants(const Options& options, const Terminal& terminal) {
  const auto why = options.Value("--why");
  if (!why || why->empty()) return Misused(terminal, "tenant", "reload wants --why TEXT");
  return Tell("the sidecar reads the tenants again", *why, options, terminal);
}

}  // namespace clawback
