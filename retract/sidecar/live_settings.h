// SPDX-License-Identifier: Apache-2.0
// The tenants as they are in force: the files' with the ledger's settings laid over
// them. Changes settings, and publishes them to the milter.
#ifndef CLAWBACK_RETRACT_SIDECAR_LIVE_SETTINGS_H_
#define CLAWBACK_RETRACT_SIDECAR_LIVE_SETTINGS_H_

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "retract/ledger/ledger.h"

namespace clawback {

// Safe from any thread.
class LiveSettings {
 public:
  // tenants: the folder of the files. snapshot: where the milter reads. region: the
  // relay's. relays: those that tenants may name.
  LiveSettings(Ledger& ledger, std::string tenants, std::string snapshot, std::string region,
               std::vector<RelayHost> relays = {})
      : ledger_(ledger),
        tenants_(std::move(tenants)),
        snapshot_(std::move(snapshot)),
        region_(std::move(region)),
        relays_(std::move(relays)) {}

  // To the milter, and the limits to the ledger.
  Status Publish();

  // The tenant as its file says now. kNotFound: there is none; kInvalid: a file has a
  // fault.
  Result<Tenant> Find(const std::string& name) const;

  // Arguments and results as docs/api.md says, in JSON. ShowSettings: as the snapshot has them.
  Result<std::string> List();
  Result<std::string> Show(const std::string& arguments);
  Result<std::string> ShowSettings(const std::string& arguments);
  Result<std::string> Set(const std::string& arguments, const Actor& who);
  Result<std::string> EditList(ListChange change, const std::string& arguments, const Actor& who);
  Result<std::string> EditPeople(ListChange change, const std::string& arguments, const Actor& who);
  Result<std::string> EditBrands(ListChange change, const std::string& arguments, const Actor& who);
  // tenants: as the sidecar started with them. apply: what is to be done with the fresh
  // ones; answers the errors, one a tenant that cannot be used.
  using ApplyTenants = std::function<std::vector<Error>(const TenantDirectory&)>;
  void Begin(const TenantDirectory& tenants, ApplyTenants apply);
  // The names as last read.
  std::vector<std::string> TenantNames();
  // Reads the folder again; audits who is new, gone or changed.
  Result<std::string> Reload(const std::string& arguments, const Actor& who);
  // Why the last reload left the tenants as they were; empty: it did not. Safe from any thread.
  std::string fault() const;
  // The tenants as they are in force now.
  Result<TenantDirectory> EffectiveTenants() const;
  Result<std::string> ListAddresses(const std::string& arguments);
  Result<std::string> AddAddress(const std::string& arguments, const Actor& who);
  // A new address beside an old one, and the end of an address.
  Result<std::string> RotateAddress(const std::string& arguments, const Actor& who);
  Result<std::string> RetireAddress(const std::string& arguments, const Actor& who);

 private:
  // A tenant as its file says, and all settings.
  struct Standing {
    Tenant file;
    Settings settings;
  };
  // Of the tenant that arguments name.
  Result<Standing> Asked(const std::string& arguments) const;
  static Result<std::string> Told(const Result<Standing>& standing);
  // One change of one tenant's settings, audited as what about target, and published.
  // evidence gets "version" added.
  struct Wanted {
    std::string tenant, what, target, why, evidence = "{}";
    std::function<Status(const Tenant& file, const Pins&, TenantSettings*)> change;
  };
  // An address that is to be issued, and what becomes of the one it replaces.
  struct Issue {
    std::string tenant, region, domain, why, what;
    std::string replaces{};
    std::optional<Time> ends{};  // of the replaced one
  };
  Result<std::string> IssueAddress(const Issue& issue, const Actor& who);
  Result<Standing> Apply(const Wanted& wanted, const Actor& who);
  Result<TenantDirectory> ReadTenants() const;
  void NoteFault(const std::string& fault);

  Ledger& ledger_;
  const std::string tenants_, snapshot_, region_;
  const std::vector<RelayHost> relays_;
  std::map<std::string, Tenant, std::less<>> known_;  // as last read
  ApplyTenants apply_;
  std::mutex changing_;  // one change, and its publication, at a time
  mutable std::mutex faulting_;
  std::string fault_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_LIVE_SETTINGS_H_
