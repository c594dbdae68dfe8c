// SPDX-License-Identifier: Apache-2.0
// The folder of tenants read again while the sidecar runs: who is new, gone or changed
// is audited with the digest of the file, and the mailboxes follow.
#include <map>

#include "policy/base/log.h"
#include "policy/base/text.h"
#include "policy/json.h"
#include "retract/sidecar/live_settings.h"

namespace clawback {
namespace {

namespace json = boost::json;

using Known = std::map<std::string, Tenant, std::less<>>;

struct Difference {
  std::string what;  // of the audit
  Tenant tenant;
  std::string before;  // digest; empty: was not there
};

Known ByName(const TenantDirectory& tenants) {
  Known known;
  for (const Tenant& tenant : tenants.tenants()) known.emplace(tenant.name, tenant);
  return known;
}

std::vector<Difference> Compare(const Known& before, const Known& now) {
  std::vector<Difference> differences;
  for (const auto& [name, tenant] : now) {
    const auto was = before.find(name);
    if (was == before.end()) {
      differences.push_back({"tenant.add", tenant, ""});
    } else if (was->second.settings_version != tenant.settings_version) {
      differences.push_back({"tenant.change", tenant, was->second.settings_version});
    }
  }
  for (const auto& [name, tenant] : before) {
    if (now.find(name) != now.end()) continue;
    differences.push_back({"tenant.remove", tenant, tenant.settings_version});
  }
  return differences;
}

AuditNote NoteOf(const Difference& difference, const Actor& who, const std::string& why) {
  json::object evidence;
  if (!difference.before.empty()) evidence["digest_before"] = difference.before;
  if (difference.what != "tenant.remove") evidence["digest"] = difference.tenant.settings_version;
  return {who, difference.what,          difference.tenant.name, difference.tenant.file,
          why, json::serialize(evidence)};
}

}  // namespace

void LiveSettings::Begin(const TenantDirectory& tenants, ApplyTenants apply) {
  const std::lock_guard lock(changing_);
  known_ = ByName(tenants);
  apply_ = std::move(apply);
}

std::vector<std::string> LiveSettings::TenantNames() {
  const std::lock_guard lock(changing_);
  std::vector<std::string> names;
  for (const auto& [name, tenant] : known_) names.push_back(name);
  return names;
}

std::string LiveSettings::fault() const {
  const std::lock_guard lock(faulting_);
  return fault_;
}

void LiveSettings::NoteFault(const std::string& fault) {
  const std::lock_guard lock(faulting_);
  fault_ = fault;
}

Result<std::string> LiveSettings::Reload(const std::string& arguments, const Actor& who) {
  std::string why;
  const Status read = ReadJson(arguments, [&](const JsonReader& in) {
    in.Text("why", &why);
    if (why.empty()) in.Fault("why", "is missing: say why, it goes into the audit");
  });
  if (!read) return read.error();
  const std::lock_guard lock(changing_);
  const auto tenants = ReadTenants();
  NoteFault(tenants ? "" : "tenants not reloaded, those read before stay: " + tenants.error().what);
  if (!tenants) return tenants.error();
  json::object done;
  json::array changes, unusable;
  for (const Difference& difference : Compare(known_, ByName(*tenants))) {
    if (Status noted = ledger_.AppendAudit(NoteOf(difference, who, why)); !noted) {
      return noted.error();
    }
    if (difference.what == "tenant.remove") {
      known_.erase(difference.tenant.name);
    } else {
      known_.insert_or_assign(difference.tenant.name, difference.tenant);
    }
    changes.push_back(json::object{{"what", difference.what}, {"tenant", difference.tenant.name}});
  }
  if (apply_) {
    for (const Error& error : apply_(*tenants)) {
      Log(Severity::kError, "tenant-not-reloaded", {{"error", error.what}});
      unusable.emplace_back(RepairUtf8(error.what));
    }
  }
  if (Status published = Publish(); !published) return published.error();
  Log(Severity::kInfo, "tenants-reloaded", {{"tenants", std::to_string(known_.size())}});
  done["changes"] = std::move(changes);
  done["unusable"] = std::move(unusable);
  return json::serialize(done);
}

}  // namespace clawback
