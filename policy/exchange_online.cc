// SPDX-License-Identifier: Apache-2.0
#include "policy/exchange_online.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "policy/base/cidr.h"

namespace clawback {

std::vector<std::string> ExchangeOnlineNetworks() {
  return {"40.92.0.0/15",  "40.107.0.0/16",      "52.100.0.0/14",
          "104.47.0.0/17", "2a01:111:f400::/48", "2a01:111:f403::/48"};
}

NetworkList ExchangeOnlineNetworksOf(const std::string& folder) {
  const std::string path =
      (std::filesystem::path(folder) / (std::string(kExchangeOnline) + ".networks")).string();
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown) && !unknown) return {ExchangeOnlineNetworks(), {}};
  NetworkList list;
  list.faults = ReadYamlFile(path, [&](YamlMap& map) {
    ReadNetworks(map, "networks", {}, &list.networks);
    if (list.networks.empty()) map.Fault("networks", "\"networks\": expected at least one network");
  });
  return list;
}

void ReadNetworks(YamlMap& map, std::string_view key,
                  const std::vector<std::string>& exchange_online, std::vector<std::string>* out) {
  std::vector<std::string> written;
  map.Strings(key, &written);
  if (!map.Has(key)) return;
  out->clear();
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == kExchangeOnline && !exchange_online.empty()) {
      out->insert(out->end(), exchange_online.begin(), exchange_online.end());
    } else if (written[i].empty() || ParseNetwork(written[i])) {
      out->push_back(written[i]);
    } else {
      map.Fault(key, i,
                fmt::format("\"{}\": expected a network such as 40.92.0.0/15 or "
                            "2a01:111:f400::/48, without host bits{}",
                            key, exchange_online.empty() ? "" : ", or exchange-online"));
    }
  }
}

}  // namespace clawback
