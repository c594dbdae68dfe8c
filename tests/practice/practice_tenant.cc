// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/practice_tenant.h"

#include "tests/practice/control.h"
#include "tests/practice/graph.h"
#include "tests/practice/http_server.h"
#include "tests/practice/login.h"

namespace clawback::practice {

// Servers stand last: they are the first to go, so no request outlives what it needs.
struct PracticeTenant::Parts {
  explicit Parts(const Clock& clock)
      : login(world, clock),
        graph(world, clock),
        delivery(world, clock),
        control(world, delivery, clock) {}

  World world;
  PracticeUrls urls;
  Login login;
  Graph graph;
  Delivery delivery;
  Control control;
  std::unique_ptr<HttpServer> login_server;
  std::unique_ptr<HttpServer> graph_server;
  std::unique_ptr<HttpServer> control_server;

  Status Open(const PracticeConfig& config);
};

Status PracticeTenant::Parts::Open(const PracticeConfig& config) {
  world.config = config;
  world.settings = config.settings;
  world.token_key = NewGuid();
  for (const TenantConfig& tenant_config : config.tenants) {
    Result<Tenant> tenant = MakeTenant(tenant_config);
    if (!tenant.ok()) return tenant.error();
    world.tenants.push_back(std::move(*tenant));
  }
  const auto start = [&](std::int64_t port, const std::string& certificate,
                         HttpServer::Handler handler, std::unique_ptr<HttpServer>* out) -> Status {
    auto server =
        HttpServer::Start(static_cast<std::uint16_t>(port), certificate, std::move(handler));
    if (!server.ok()) return server.error();
    *out = std::move(*server);
    return {};
  };
  // The lock is held until the URLs are known: a request that comes early waits.
  const Locked lock = Lock(world);
  Status opened = start(
      config.login_port, config.certificate,
      [this](const HttpRequest& request) { return login.Handle(request); }, &login_server);
  if (opened.ok()) {
    opened = start(
        config.graph_port, config.certificate,
        [this](const HttpRequest& request) { return graph.Handle(request); }, &graph_server);
  }
  if (opened.ok()) {
    opened = start(
        config.control_port, "",
        [this](const HttpRequest& request) { return control.Handle(request); }, &control_server);
  }
  if (!opened.ok()) return opened;
  urls.login = "https://localhost:" + std::to_string(login_server->port());
  urls.graph = "https://localhost:" + std::to_string(graph_server->port());
  urls.control = "http://127.0.0.1:" + std::to_string(control_server->port());
  world.login_url = urls.login;
  world.graph_url = urls.graph;
  return {};
}

Result<std::unique_ptr<PracticeTenant>> PracticeTenant::Start(const PracticeConfig& config,
                                                              const Clock& clock) {
  auto parts = std::make_unique<Parts>(clock);
  if (Status opened = parts->Open(config); !opened.ok()) return opened.error();
  return std::unique_ptr<PracticeTenant>(new PracticeTenant(std::move(parts)));
}

PracticeTenant::PracticeTenant(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PracticeTenant::~PracticeTenant() = default;

const PracticeUrls& PracticeTenant::urls() const { return parts_->urls; }

}  // namespace clawback::practice
