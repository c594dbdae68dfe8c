// SPDX-License-Identifier: Apache-2.0
// A tenant: one customer organisation, its service addresses, what its reports
// must prove, and what is to happen to its mail. Immutable once read; a new
// configuration is a new snapshot.
#ifndef CLAWBACK_POLICY_TENANT_H_
#define CLAWBACK_POLICY_TENANT_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "policy/base/yaml.h"
#include "policy/cloud.h"
#include "policy/exchange_online.h"
#include "policy/journal/journal_report.h"
#include "policy/judge/judgement.h"
#include "policy/lists/list_files.h"
#include "policy/region.h"
#include "policy/verdict.h"

namespace clawback {

enum class Action { kNone, kJunk, kTrash, kSoftDelete, kHardDelete };
std::string_view ToString(Action action);  // "none", "junk", "trash", "soft-delete", "hard-delete"
std::optional<Action> ActionFrom(std::string_view text);

// Observe: record what would be retracted. Enforce: do it.
enum class Mode { kObserve, kEnforce };
std::string_view ToString(Mode mode);  // "observe", "enforce"
std::optional<Mode> ModeFrom(std::string_view text);

// What becomes of a report once its decision is committed.
enum class AfterAccepting {
  kDiscard,  // it has served
  kPassOn,   // Postfix passes it on to an archive, marked with what was found
};

// Whether the bytes of reports are kept beside what was found in them.
enum class KeepBodies {
  kNone,
  kDetections,  // of messages that are MALICIOUS, SUSPICIOUS, SPOOF or SPAM
};

enum class TlsVersion { kNone, kTls12, kTls13 };

// One disposition, one action. Safe by default: nothing is done.
class ActionTable {
 public:
  Action For(Disposition disposition) const { return actions_[static_cast<size_t>(disposition)]; }
  void Set(Disposition disposition, Action action) {
    actions_[static_cast<size_t>(disposition)] = action;
  }

 private:
  std::array<Action, 7> actions_{};
};

// What an operator lists by hand. Entries are lower case.
enum class ListName {
  kExemptRecipients,  // addresses: never retracted from automatically
  kTrustedSenders,    // addresses or domains: left alone if authenticated and not MALICIOUS
  kBlockedSenders,    // addresses or domains: at least what is done about SPAM
  kProtectedPeople,   // addresses: what would be retracted from their mailboxes is held
  kBlockedHosts,      // hosts or domains that links lead to: a finding of the judges
  kBlockedHashes,     // SHA-256 of attached files: a finding of the judges
};
inline constexpr ListName kAllLists[] = {ListName::kExemptRecipients, ListName::kTrustedSenders,
                                         ListName::kBlockedSenders,   ListName::kProtectedPeople,
                                         ListName::kBlockedHosts,     ListName::kBlockedHashes};
std::string_view ToString(ListName list);  // "exempt_recipients", ...
std::optional<ListName> ListNameFrom(std::string_view text);
// Whether entry has the form that the list takes, and that form in words.
bool FitsList(ListName list, std::string_view entry);
std::string_view FormOf(ListName list);

// The secret journal address of a tenant in a region.
struct ServiceAddress {
  std::string address;  // lower case
  std::string region;
  // Of one that was issued: from when on it is refused, and which one it is to replace.
  std::optional<Time> ends{};
  std::string replaces{};

  bool IsValid(Time now) const { return !ends || now < *ends; }
};

// What a connection must prove before content is taken, and what the report must
// say. As it stands here: what is demanded of a tenant whose file does not say otherwise.
struct Demands {
  TlsVersion minimum_tls = TlsVersion::kTls12;
  std::string certificate_subject;               // CommonName; empty: not demanded
  std::vector<std::string> certificate_issuers;  // CommonNames, one of them; empty: not demanded
  // CIDR; the client must stand in one of them. Empty: not demanded.
  std::vector<std::string> networks = ExchangeOnlineNetworks();
  bool secret_address = true;  // a service address that nobody can guess
  // X-OriginatorOrg. Nothing: one of the tenant's domains; empty: not demanded.
  std::optional<std::string> originator_org;
  bool tenant_id_mark = true;     // the tenant's GUID in X-LD-Processed or the message
  bool processed_tenant = false;  // in X-LD-Processed
  bool organization_id = false;   // in the message's X-MS-Exchange-Organization-Id
};

// The volume brake of one tenant's automatic retractions: what would pass one of its
// bounds within the window is held for a person, and everything after it.
struct Breaker {
  std::int64_t count = 500;  // retractions in a window; 0: unbounded
  std::chrono::milliseconds window = std::chrono::minutes(10);
  std::int64_t share = 30;       // percent of the mailboxes that reports named; 100: unbounded
  std::int64_t share_from = 50;  // the share counts once so many retractions are in the window
};

// How the sidecar reaches the tenant's mailboxes. Secrets by reference only.
struct GraphAccess {
  Cloud cloud = Cloud::kGlobal;
  std::string login_url;  // empty: the cloud's; set for the practice tenant
  std::string graph_url;  // empty: the cloud's; set for the practice tenant
  std::string client_id;
  std::string client_secret;    // reference, or empty
  std::string certificate;      // path of the PEM certificate, or empty
  std::string certificate_key;  // reference to the PEM key
  // Reference to another issuer's token for the app (workload identity), or empty.
  std::string federated_token;
  std::optional<Time> client_secret_ends;  // as the operator says: nothing else tells
  // Where the administrator's browser ends after consenting; registered with the app.
  std::string redirect_uri = "https://localhost/clawback-consent";
  std::string ca_file;  // extra trust anchors (practice tenant); empty: the system's
};

struct Tenant {
  std::string name;                   // short, stable: names the tenant everywhere
  std::string tenant_id;              // Entra ID GUID, lower case
  std::vector<std::string> domains;   // accepted domains, lower case
  std::vector<Person> people;         // whose names others may borrow
  std::vector<TenantBrand> brands{};  // names of its own that others may borrow
  std::vector<ServiceAddress> service_addresses;
  RegionRule region_rule{};
  Demands demands;
  AfterAccepting after_accepting = AfterAccepting::kDiscard;
  KeepBodies keep_bodies = KeepBodies::kNone;
  Mode mode = Mode::kObserve;
  ActionTable actions;
  std::map<ListName, std::vector<std::string>> lists{};
  ListFiles list_files{};  // lists in files of their own
  Thresholds thresholds{};
  Breaker breaker{};
  std::int64_t approval_above = 100;  // mailboxes that one person may have retracted from at once
  GraphAccess graph;
  std::string settings_version;           // digest of the file until settings live in the ledger
  std::string file;                       // where it was read
  std::vector<JudgeLists> judge_lists{};  // what ListShelf made of all lists for judges

  // Whether address ends in one of the accepted domains (case folded).
  bool Accepts(std::string_view address) const;
  // The list's entry that names address, or its domain, exactly but for case; null: none.
  const std::string* EntryFor(ListName list, std::string_view address) const;
  bool Names(ListName list, std::string_view address) const {
    return EntryFor(list, address) != nullptr;
  }
  // What judges are told of it.
  TenantProfile Profile() const { return {name, domains, people, brands, thresholds}; }
};

// What the relay saw of a connection and its envelope; empty or kNone where Postfix
// said nothing, which always reads as "not proven".
struct Channel {
  std::string client_address;  // IP
  std::string client_name;
  TlsVersion tls = TlsVersion::kNone;
  std::string tls_version;          // as Postfix says it: "TLSv1.3"
  std::string certificate_subject;  // only from a verified chain
  std::string certificate_issuer;
  std::string mail_from;        // no angle brackets
  std::string service_address;  // RCPT TO, lower case
  std::string queue_id;
  // Not from Exchange: who put the report in with `clawback replay`, and whether they
  // vouch for what Exchange is said to have stamped.
  std::string replayed_by = {};
  bool stamps_vouched_for = false;
  std::string address_region = {};  // of service_address, as it was then
};

struct TenantFile {
  Tenant tenant;
  std::vector<ConfigFault> faults;  // none: tenant may be used
};
// relays: those that it may name, and whose regions there are; empty: not told.
TenantFile ReadTenantFile(const std::string& path, const std::vector<RelayHost>& relays = {});

// Every tenant of a relay, found by service address. Immutable.
class TenantDirectory {
 public:
  TenantDirectory() = default;
  explicit TenantDirectory(std::vector<Tenant> tenants) : tenants_(std::move(tenants)) {}

  struct Hit {
    const Tenant* tenant;  // lives as long as the directory
    const ServiceAddress* address;
  };
  // By service address, case folded. The comparison takes the same time for every
  // address of the same length.
  std::optional<Hit> FindByServiceAddress(std::string_view address) const;
  const Tenant* FindByName(std::string_view name) const;
  const std::vector<Tenant>& tenants() const { return tenants_; }

 private:
  std::vector<Tenant> tenants_;
};

struct TenantDirectoryFiles {
  TenantDirectory directory;
  std::vector<ConfigFault> faults;
};
// All *.yaml of a folder, in order of name. Two tenants with one name, tenant id,
// or service address are a fault of the second.
TenantDirectoryFiles ReadTenantFolder(const std::string& folder,
                                      const std::vector<RelayHost>& relays = {});
// The same as if the file at fresh stood in the folder too, after the others.
TenantDirectoryFiles ReadTenantFolder(const std::string& folder, const std::string& fresh,
                                      const std::vector<RelayHost>& relays = {});

}  // namespace clawback

#endif  // CLAWBACK_POLICY_TENANT_H_
