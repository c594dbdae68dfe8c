// SPDX-License-Identifier: Apache-2.0
// clawback check: reads the configuration as the daemons would, and says what is
// wrong with it and where.
#include <fmt/format.h>
#include <unistd.h>

#include <ostream>
#include <set>
#include <vector>

#include "policy/base/log.h"
#include "policy/base/yaml.h"
#include "policy/json.h"
#include "policy/model/linear_model.h"
#include "policy/relay.h"
#include "policy/tenant.h"
#include "retract/command/command.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr OptionSpec kOptions[] = {
    {"--config", "FILE", "the relay's file, as trace and status name it; the same as CONFIG"},
    {"--json", "", "one JSON object"}};

struct Checked {
  RelayConfig config;
  std::vector<std::string> tenants;
  std::vector<ConfigFault> faults;
};

// The milter goes on without a list that it cannot read; here it is a fault.
void CheckLists(const TenantDirectory& tenants, Checked* checked) {
  std::set<ListFiles> all = {checked->config.list_files};
  for (const Tenant& tenant : tenants.tenants()) all.insert(tenant.list_files);
  for (const ListFiles& files : all) {
    const ListFilesRead read = ReadListFiles(files);
    checked->faults.insert(checked->faults.end(), read.faults.begin(), read.faults.end());
  }
}

// what as a fault at the value of judge.model, which the file's own reader places.
ConfigFault AtModel(const std::string& path, const std::string& what) {
  const std::vector<ConfigFault> faults = ReadYamlFile(path, [&](YamlMap& map) {
    map.Map("judge", [&](YamlMap& judge) { judge.Fault("model", what); });
  });
  for (const ConfigFault& fault : faults) {
    if (fault.what == what) return fault;
  }
  return {path, 0, 0, what};
}

// The milter does not start with a model that it cannot read.
void CheckModel(const std::string& path, Checked* checked) {
  const std::string& model = checked->config.judge.model;
  if (model.empty()) return;
  const Result<std::string> read = ReadModelFile(model);
  if (read.ok()) return;
  checked->faults.push_back(AtModel(path, "\"judge.model\": " + read.error().what +
                                              ", expected a file that clawback learn wrote"));
}

Checked Check(const std::string& path) {
  RelayFile relay = ReadRelayFile(path);
  Checked checked{std::move(relay.config), {}, std::move(relay.faults)};
  // A file that could not be read as a whole does not say where its tenants are.
  if (!relay.keys_read) return checked;
  TenantDirectoryFiles tenants = ReadTenantFolder(checked.config.tenants, checked.config.relays);
  for (const Tenant& tenant : tenants.directory.tenants()) checked.tenants.push_back(tenant.name);
  checked.faults.insert(checked.faults.end(), tenants.faults.begin(), tenants.faults.end());
  CheckLists(tenants.directory, &checked);
  CheckModel(path, &checked);
  return checked;
}

void PrintJson(const Checked& checked, const std::string& path, std::ostream& out) {
  json::object result;
  PutText(&result, "config", path);
  PutText(&result, "relay", checked.config.relay.name);
  PutText(&result, "region", checked.config.relay.region);
  json::array& tenants = result["tenants"].emplace_array();
  for (const std::string& tenant : checked.tenants) tenants.emplace_back(tenant);
  json::array& faults = result["faults"].emplace_array();
  for (const ConfigFault& fault : checked.faults) {
    json::object item;
    PutText(&item, "file", fault.file);
    item["line"] = fault.line;
    item["column"] = fault.column;
    PutText(&item, "what", fault.what);
    faults.push_back(std::move(item));
  }
  out << JsonText(result) << '\n';
}

void PrintText(const Checked& checked, const std::string& path, std::ostream& out) {
  for (const ConfigFault& fault : checked.faults) {
    out << EscapeForTerminal(ToString(fault)) << '\n';
  }
  if (!checked.faults.empty()) return;
  out << EscapeForTerminal(fmt::format(
             "{}: relay {} in region {}, {} {}: {}", path, checked.config.relay.name,
             checked.config.relay.region, checked.tenants.size(),
             checked.tenants.size() == 1 ? "tenant" : "tenants", fmt::join(checked.tenants, ", ")))
      << '\n';
}

int Run(const Options& options, const Terminal& terminal) {
  const auto named = options.Value("--config");
  if (options.operands().size() + (named ? 1U : 0U) > 1) {
    return Misused(terminal, "check", "one CONFIG at most");
  }
  const std::string path = options.operands().empty() ? named.value_or(std::string(kDefaultConfig))
                                                      : options.operands().front();
  const Checked checked = Check(path);
  if (options.Has("--json")) {
    PrintJson(checked, path, terminal.out);
  } else {
    PrintText(checked, path, terminal.out);
    if (::access(path.c_str(), F_OK) != 0) {
      terminal.err
          << "next: name the relay's file, or start one from packaging/examples/clawback.yaml "
             "of the source; clawback.yaml(5) describes it\n";
    }
  }
  return checked.faults.empty() ? kExitDone : kExitFailed;
}

constexpr std::string_view kAbout =
    "CONFIG is the relay's file (/etc/clawback/clawback.yaml unless given); the tenant\n"
    "files that it names are read too. Every fault is printed as\n"
    "file:line:column: what, what was expected. Exit status: 0 without a fault, else 1;\n"
    "2 for wrong arguments.\n";

}  // namespace

const Subcommand kCheckCommand = {"check", "[CONFIG]", "checks the configuration",
                                  kAbout,  kOptions,   Run};

}  // namespace clawback
