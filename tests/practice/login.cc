// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/login.h"

#include <algorithm>
#include <thread>

#include "policy/base/secret.h"
#include "tests/practice/assertion.h"
#include "tests/practice/consent.h"
#include "tests/practice/fault_reply.h"
#include "tests/practice/token.h"

namespace clawback::practice {
namespace {

namespace json = boost::json;

constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

json::object ErrorBody(const LoginError& error, Time now) {
  const std::string trace = NewGuid();
  const std::string correlation = NewGuid();
  std::string stamp = SecondsTime(now);
  stamp[10] = ' ';
  const std::string number = std::to_string(error.number);
  return {{"error", error.error},
          {"error_description", "AADSTS" + number + ": " + error.text + " Trace ID: " + trace +
                                    " Correlation ID: " + correlation + " Timestamp: " + stamp},
          {"error_codes", json::array{error.number}},
          {"timestamp", stamp},
          {"trace_id", trace},
          {"correlation_id", correlation},
          {"error_uri", "https://login.microsoftonline.com/error?code=" + number}};
}

HttpReply ErrorReply(const LoginError& error, Time now) {
  return JsonReply(error.status, ErrorBody(error, now));
}

// 90033: "A transient error has occurred."
LoginError OrderedError(const Fault& fault) {
  const std::string code = fault.code.empty() ? "temporarily_unavailable" : fault.code;
  return {code, 90033, FaultMessage(fault), fault.status};
}

HttpReply NotFound() {
  HttpReply reply;
  reply.status = 404;
  return reply;
}

LoginError UnknownTenant(const std::string& name) {
  return {"invalid_request", 90002,
          "Tenant '" + name +
              "' not found. Check to make sure you have the correct tenant ID and are signing into "
              "the correct cloud."};
}

LoginError Missing(std::string_view parameter) {
  return {
      "invalid_request", 900144,
      "The request body must contain the following parameter: '" + std::string(parameter) + "'."};
}

HttpReply OpenIdConfiguration(const World& world, const std::string& name, const Tenant& tenant) {
  const std::string base = world.login_url + "/" + name;
  return JsonReply(
      200, json::object{
               {"token_endpoint", base + "/oauth2/v2.0/token"},
               {"token_endpoint_auth_methods_supported",
                json::array{"client_secret_post", "private_key_jwt", "client_secret_basic"}},
               {"jwks_uri", base + "/discovery/v2.0/keys"},
               {"response_modes_supported", json::array{"query", "fragment", "form_post"}},
               {"subject_types_supported", json::array{"pairwise"}},
               {"id_token_signing_alg_values_supported", json::array{"RS256"}},
               {"response_types_supported", json::array{"code", "id_token", "code id_token"}},
               {"scopes_supported", json::array{"openid", "profile", "email", "offline_access"}},
               {"issuer", world.login_url + "/" + tenant.config.id + "/v2.0"},
               {"request_uri_parameter_supported", false},
               {"authorization_endpoint", base + "/oauth2/v2.0/authorize"},
               {"device_authorization_endpoint", base + "/oauth2/v2.0/devicecode"},
               {"http_logout_supported", true},
               {"end_session_endpoint", base + "/oauth2/v2.0/logout"},
               {"tenant_region_scope", nullptr},
               {"cloud_instance_name", std::string(tenant.LoginHost())},
               {"msgraph_host", std::string(tenant.GraphHost())}});
}

// RFC 6749 2.3.1: name and secret are form-encoded before they are joined.
void TakeBasicCredentials(const HttpRequest& request, Pairs* form) {
  const std::string_view header = request.headers.Get("Authorization");
  if (!BeginsWith(header, "Basic ")) return;
  const auto decoded = FromBase64(Trim(header.substr(6)));
  const size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) return;
  const auto client_id = DecodeQuery(std::string_view(*decoded).substr(0, colon));
  const auto secret = DecodeQuery(std::string_view(*decoded).substr(colon + 1));
  if (!client_id || !secret) return;
  if (!Find(*form, "client_id")) form->emplace_back("client_id", *client_id);
  form->emplace_back("client_secret", *secret);
}

std::optional<LoginError> ScopeFault(const World& world, const Tenant& tenant,
                                     const std::string& scope) {
  constexpr std::string_view kDefault = "/.default";
  if (!scope.ends_with(kDefault) || scope.find(' ') != scope.npos) {
    return LoginError{"invalid_scope", 70011,
                      "The provided request must include a 'scope' input parameter. The provided "
                      "value for the input parameter 'scope' is not valid. The scope " +
                          scope + " is not valid."};
  }
  std::string resource = scope.substr(0, scope.size() - kDefault.size());
  while (resource.ends_with('/')) resource.pop_back();
  if (resource == "https://" + std::string(tenant.GraphHost()) || resource == world.graph_url ||
      (!resource.empty() && resource == world.config.graph_public_url) ||
      resource == "00000003-0000-0000-c000-000000000000") {
    return std::nullopt;
  }
  return LoginError{"invalid_resource", 500011,
                    "The resource principal named " + resource +
                        " was not found in the tenant named " + tenant.config.name + "."};
}

LoginError SecretFault(const App& app) {
  return {"invalid_client", 7000215,
          "Invalid client secret provided. Ensure the secret being sent in the request is the "
          "client secret value, not the client secret ID, for a secret added to app '" +
              app.config.client_id + "'.",
          401};
}

// A token of another issuer: what stands now in one of the files, and nothing older. The
// issuer's signature is the issuer's matter.
bool IsFederated(const App& app, const std::string& assertion) {
  const auto& paths = app.config.federated_tokens;
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    const auto token = LoadSecret("file:" + path, Links::kFollowed);
    return token.ok() && ConstantTimeEqual(token->Reveal(), assertion);
  });
}

std::optional<LoginError> CredentialFault(World& world, const Tenant& tenant, const App& app,
                                          const Pairs& form, const std::string& tenant_name,
                                          Time now) {
  if (const std::string* assertion = Find(form, "client_assertion")) {
    const std::string* type = Find(form, "client_assertion_type");
    if (!type) return Missing("client_assertion_type");
    if (*type != kJwtBearer) {
      return LoginError{"invalid_request", 50124, "Invalid client_assertion_type."};
    }
    if (IsFederated(app, *assertion)) return std::nullopt;
    const std::vector<std::string> audiences = {
        world.login_url + "/" + tenant_name + "/oauth2/v2.0/token",
        world.login_url + "/" + tenant.config.id + "/oauth2/v2.0/token"};
    const AssertionCheck check = CheckAssertion(*assertion, app, audiences, now);
    if (check.fault) return check.fault;
    if (!world.used_assertions.insert(app.config.client_id + " " + check.jti).second) {
      return LoginError{"invalid_client", 50012,
                        "Client assertion was used before: its 'jti' is not unique.", 401};
    }
    return std::nullopt;
  }
  const std::string* secret = Find(form, "client_secret");
  if (!secret) {
    return LoginError{"invalid_client", 7000218,
                      "The request body must contain the following parameter: 'client_assertion' "
                      "or 'client_secret'.",
                      401};
  }
  const auto& secrets = app.config.secrets;
  const bool known = std::any_of(secrets.begin(), secrets.end(), [&](const std::string& mine) {
    return ConstantTimeEqual(mine, *secret);
  });
  return known ? std::nullopt : std::optional(SecretFault(app));
}

// What is wrong with the form, up to its credential.
std::optional<LoginError> FormFault(const HttpRequest& request, const Pairs& form) {
  if (!BeginsWith(request.headers.Get("Content-Type"), "application/x-www-form-urlencoded")) {
    return Missing("grant_type");
  }
  const std::string* grant = Find(form, "grant_type");
  if (!grant) return Missing("grant_type");
  if (*grant != "client_credentials") {
    return LoginError{"unsupported_grant_type", 70003,
                      "The app requested an unsupported grant type '" + *grant + "'."};
  }
  if (!Find(form, "client_id")) return Missing("client_id");
  if (!Find(form, "scope")) return Missing("scope");
  return std::nullopt;
}

}  // namespace

HttpReply Login::Token(const HttpRequest& request, const std::string& tenant_name) {
  const Time now = clock_.Now();
  auto form = ParseForm(request.body);
  if (!form) form.emplace();
  TakeBasicCredentials(request, &*form);

  const Locked lock = Lock(world_);
  Tenant* tenant = world_.FindTenant(tenant_name);
  if (!tenant) return ErrorReply(UnknownTenant(tenant_name), now);
  if (auto fault = FormFault(request, *form)) return ErrorReply(*fault, now);
  const std::string& client_id = *Find(*form, "client_id");
  const App* app = tenant->FindApp(client_id);
  if (!app) {
    return ErrorReply({"unauthorized_client", 700016,
                       "Application with identifier '" + client_id +
                           "' was not found in the directory '" + tenant->config.name + "'."},
                      now);
  }
  if (auto fault = ScopeFault(world_, *tenant, *Find(*form, "scope"))) {
    return ErrorReply(*fault, now);
  }
  if (auto fault = CredentialFault(world_, *tenant, *app, *form, tenant_name, now)) {
    return ErrorReply(*fault, now);
  }
  const milliseconds lifetime = world_.settings.token_lifetime;
  const AccessToken token{tenant->config.id, app->config.client_id, app->config.roles,
                          now + lifetime};
  ++world_.tokens_issued;
  // Microsoft says one second less than the token lives.
  const auto seconds = std::max<std::int64_t>(lifetime.count() / 1000 - 1, 0);
  return JsonReply(
      200,
      json::object{{"token_type", "Bearer"},
                   {"expires_in", seconds},
                   {"ext_expires_in", seconds},
                   {"access_token", SignToken(token, "https://" + std::string(tenant->GraphHost()),
                                              now, world_.token_key)}});
}

HttpReply Login::Route(const HttpRequest& request) {
  const auto path = DecodePath(request.Path());
  const auto parts = Split(path.value_or("/"), '/');
  if (parts.size() < 3) return NotFound();
  const std::string& tenant_name = parts[1];
  const std::string rest = path->substr(tenant_name.size() + 1);
  if (rest == "/oauth2/v2.0/token") {
    if (request.method == "POST") return Token(request, tenant_name);
    return ErrorReply(
        {"invalid_request", 900561,
         "The endpoint only accepts POST requests. Received a " + request.method + " request.",
         405},
        clock_.Now());
  }
  if (request.method != "GET") return NotFound();
  if (rest == "/discovery/v2.0/keys") return JsonReply(200, json::object{{"keys", json::array()}});
  if (rest == "/v2.0/adminconsent") {
    const Locked lock = Lock(world_);
    Tenant* tenant = world_.FindTenant(tenant_name);
    if (!tenant) return ErrorReply(UnknownTenant(tenant_name), clock_.Now());
    return AnswerAdminConsent(world_, *tenant, request);
  }
  if (rest == "/v2.0/.well-known/openid-configuration" ||
      rest == "/.well-known/openid-configuration") {
    const Locked lock = Lock(world_);
    const Tenant* tenant = world_.FindTenant(tenant_name);
    if (!tenant) return ErrorReply(UnknownTenant(tenant_name), clock_.Now());
    return OpenIdConfiguration(world_, tenant_name, *tenant);
  }
  return NotFound();
}

HttpReply Login::Handle(const HttpRequest& request) {
  std::optional<Fault> fault;
  {
    const Locked lock = Lock(world_);
    fault = world_.faults.Take("login", request, "", "");
  }
  if (fault) std::this_thread::sleep_for(fault->latency);
  const bool acts = !fault || fault->status == 0 || fault->moment == FaultMoment::kAfterAct;
  HttpReply reply = acts ? Route(request) : HttpReply{};
  if (fault) ApplyFault(*fault, ErrorBody(OrderedError(*fault), clock_.Now()), &reply);
  reply.headers.Set("x-ms-request-id", NewGuid());
  reply.headers.Set("Date", HttpDate(clock_.Now()));
  reply.headers.Set("Cache-Control", "no-store, no-cache");

  LoggedRequest logged;
  logged.host = "login";
  logged.method = request.method;
  logged.target = request.target;
  logged.status = reply.status;
  logged.request_id = std::string(reply.headers.Get("x-ms-request-id"));
  logged.client_request_id = std::string(request.headers.Get("client-request-id"));
  logged.time = clock_.Now();
  const Locked lock = Lock(world_);
  world_.LogRequest(std::move(logged));
  return reply;
}

}  // namespace clawback::practice
