// SPDX-License-Identifier: Apache-2.0
// A sign-in and a Graph in one test server: tokens for the asking, and to everything
// else what the test says.
#ifndef CLAWBACK_TESTS_RETRACT_GRAPH_FAKE_GRAPH_H_
#define CLAWBACK_TESTS_RETRACT_GRAPH_FAKE_GRAPH_H_

#include <functional>
#include <memory>
#include <string>

#include "policy/tenant.h"
#include "retract/graph/graph_provider.h"
#include "tests/retract/graph/tls_server.h"
#include "tests/support/manual_clock.h"

namespace clawback {

inline bool IsTokenRequest(const std::string& request) {
  return request.starts_with("POST /t-1/oauth2/v2.0/token ");
}

// Every token is another: "token-1", "token-2", ...
struct FakeGraph {
  using Answer = std::function<TestReply(const std::string& request)>;

  explicit FakeGraph(Answer graph_answer)
      : answer(std::move(graph_answer)), server(here, [this](const std::string& request) {
          return IsTokenRequest(request) ? token_answer(request) : answer(request);
        }) {
    tenant.name = "contoso";
    tenant.tenant_id = "t-1";
    tenant.graph.login_url = server.origin().Url();
    tenant.graph.graph_url = server.origin().Url();
    tenant.graph.ca_file = folder.Write("ca.pem", ca.CertificatePem());
    tenant.graph.client_id = "app-1";
    tenant.graph.client_secret = "file:" + folder.Write("secret", "s3cret&canary=+\n");
  }

  std::unique_ptr<MailboxProvider> Open() {
    auto provider = OpenGraphProvider(tenant, http, limits, clock);
    return provider.ok() ? *std::move(provider) : nullptr;
  }
  int CountRequests(bool for_tokens) const {
    int count = 0;
    for (const std::string& request : server.requests()) {
      count += IsTokenRequest(request) == for_tokens ? 1 : 0;
    }
    return count;
  }
  TestReply NextToken() {
    const std::string token = "token-" + std::to_string(++tokens);
    return Json(200,
                R"({"token_type":"Bearer","expires_in":3599,"access_token":")" + token + "\"}");
  }

  TestFolder folder;
  TestCertificate ca = MakeCertificate("Test CA");
  TestCertificate here = MakeCertificate("localhost", &ca);
  Answer answer;
  std::atomic<int> tokens{0};
  Answer token_answer = [this](const std::string&) { return NextToken(); };
  TlsServer server;
  Tenant tenant;
  ManualClock clock;
  HttpClient http;
  // No pause is waited for: what one request meets is what the caller is told.
  RequestLimits limits{clock, {.short_pause = milliseconds(0)}};
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_RETRACT_GRAPH_FAKE_GRAPH_H_
