// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/consent.h"

#include <algorithm>

#include "tests/practice/text.h"

namespace clawback::practice {
namespace {

HttpReply Page(int number, const std::string& text) {
  HttpReply reply;
  reply.status = 400;
  reply.headers.Set("Content-Type", "text/html; charset=utf-8");
  reply.body = "<!DOCTYPE html><title>Sign in</title><p>AADSTS" + std::to_string(number) + ": " +
               text + "</p>";
  return reply;
}

std::string Parameter(const Pairs& query, std::string_view name) {
  const std::string* value = Find(query, name);
  return value ? *value : "";
}

bool IsDefaultScope(const std::string& scope) {
  return scope.ends_with("/.default") && scope.find(' ') == scope.npos;
}

// admin_consent=True stands in a refusal too.
std::string Refusal(const std::string& state) {
  return "error=access_denied&error_description=" +
         PercentEncode("AADSTS65004: User declined to consent to access the app.\r\n") +
         "&admin_consent=True&state=" + PercentEncode(state);
}

}  // namespace

HttpReply AnswerAdminConsent(World& world, Tenant& tenant, const HttpRequest& request) {
  const Pairs query = ParseForm(request.Query()).value_or(Pairs());
  App* app = tenant.FindRegistered(Parameter(query, "client_id"));
  if (!app) return Page(700016, "Application was not found in the directory.");
  const std::string redirect_uri = Parameter(query, "redirect_uri");
  const auto& registered = app->config.redirect_uris;
  if (std::find(registered.begin(), registered.end(), redirect_uri) == registered.end()) {
    return Page(50011, "The redirect URI specified in the request does not match.");
  }
  const std::string scope = Parameter(query, "scope");
  if (!IsDefaultScope(scope)) return Page(70011, "The value of 'scope' is not valid.");
  const std::string state = Parameter(query, "state");
  HttpReply reply;
  reply.status = 302;
  std::string said = Refusal(state);
  if (world.settings.admin_consents) {
    app->config.consented = true;
    said = "admin_consent=True&tenant=" + tenant.config.id + "&scope=" + PercentEncode(scope) +
           "&state=" + PercentEncode(state);
  }
  reply.headers.Set("Location", redirect_uri + "?" + said);
  return reply;
}

}  // namespace clawback::practice
