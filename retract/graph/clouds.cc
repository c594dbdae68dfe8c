// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/clouds.h"

#include <string_view>

namespace clawback {
namespace {

Result<WebOrigin> Overridden(std::string_view key, const std::string& url, std::string_view host) {
  if (url.empty()) return WebOrigin{std::string(host)};
  auto origin = ParseOrigin(url);
  if (!origin.ok()) return Within(key, origin.error());
  return origin;
}

}  // namespace

Result<Endpoints> EndpointsOf(const GraphAccess& access) {
  const CloudCapabilities& hosts = CapabilitiesOf(access.cloud);
  auto login = Overridden("graph.login_url", access.login_url, hosts.login_host);
  if (!login.ok()) return login.error();
  auto graph = Overridden("graph.graph_url", access.graph_url, hosts.graph_host);
  if (!graph.ok()) return graph.error();
  return Endpoints{*std::move(login), *std::move(graph)};
}

}  // namespace clawback
