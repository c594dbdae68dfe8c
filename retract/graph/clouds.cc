// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/clouds.h"

#include <string_view>

namespace clawback {
namespace {

struct CloudHosts {
  std::string_view login;
  std::string_view graph;
};

CloudHosts HostsOf(Cloud cloud) {
  switch (cloud) {
    case Cloud::kGccHigh:
      return {"login.microsoftonline.us", "graph.microsoft.us"};
    case Cloud::kDod:
      return {"login.microsoftonline.us", "dod-graph.microsoft.us"};
    case Cloud::kChina:
      return {"login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"};
    case Cloud::kGlobal:
      break;
  }
  return {"login.microsoftonline.com", "graph.microsoft.com"};
}

Result<WebOrigin> Overridden(std::string_view key, const std::string& url, std::string_view host) {
  if (url.empty()) return WebOrigin{std::string(host)};
  auto origin = ParseOrigin(url);
  if (!origin.ok()) return Within(key, origin.error());
  return origin;
}

}  // namespace

Result<Endpoints> EndpointsOf(const GraphAccess& access) {
  const CloudHosts hosts = HostsOf(access.cloud);
  auto login = Overridden("graph.login_url", access.login_url, hosts.login);
  if (!login.ok()) return login.error();
  auto graph = Overridden("graph.graph_url", access.graph_url, hosts.graph);
  if (!graph.ok()) return graph.error();
  return Endpoints{*std::move(login), *std::move(graph)};
}

}  // namespace clawback
