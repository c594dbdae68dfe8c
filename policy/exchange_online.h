// SPDX-License-Identifier: Apache-2.0
// Where Exchange Online sends mail from. Shipped with the release; a relay whose list is
// newer writes exchange-online.networks into its folder of tenants.
#ifndef CLAWBACK_POLICY_EXCHANGE_ONLINE_H_
#define CLAWBACK_POLICY_EXCHANGE_ONLINE_H_

#include <string>
#include <string_view>
#include <vector>

#include "policy/base/yaml.h"

namespace clawback {

// What stands for the list in a tenant's networks.
inline constexpr std::string_view kExchangeOnline = "exchange-online";
// The CommonName that its outbound servers show, whatever the tenant.
inline constexpr std::string_view kExchangeOnlineName = "mail.protection.outlook.com";

// The shipped list, in CIDR notation ("Office 365 URLs and IP address ranges", id 10).
std::vector<std::string> ExchangeOnlineNetworks();

struct NetworkList {
  std::vector<std::string> networks;
  std::vector<ConfigFault> faults;  // none: networks may be used
};
// The list in force for the tenants of a folder: its exchange-online.networks
// ("networks: [...]" in YAML), else the shipped one.
NetworkList ExchangeOnlineNetworksOf(const std::string& folder);

// Reads key as networks in CIDR notation; the word exchange-online stands for those.
void ReadNetworks(YamlMap& map, std::string_view key,
                  const std::vector<std::string>& exchange_online, std::vector<std::string>* out);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_EXCHANGE_ONLINE_H_
