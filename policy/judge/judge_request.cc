// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "policy/base/names.h"
#include "policy/json.h"
#include "policy/judge/judgement.h"
#include "policy/judge/verdict_json.h"

namespace clawback {
namespace {

using boost::json::array;
using boost::json::object;

constexpr Name<Question> kQuestions[] = {{Question::kJudge, "judge"},
                                         {Question::kVerdict, "verdict"},
                                         {Question::kFingerprint, "fingerprint"},
                                         {Question::kFeatures, "features"}};
constexpr Name<ChannelTrust> kTrusts[] = {{ChannelTrust::kUnproven, "unproven"},
                                          {ChannelTrust::kProven, "proven"}};

std::optional<Question> QuestionFrom(std::string_view text) { return ValueOf(kQuestions, text); }
std::optional<ChannelTrust> TrustFrom(std::string_view text) { return ValueOf(kTrusts, text); }

// People with their addresses, brands with their domains.
template <typename Named>
array NamedToJson(const std::vector<Named>& all, std::string_view key,
                  std::vector<std::string> Named::*from) {
  array values;
  values.reserve(all.size());
  for (const Named& each : all) {
    object value;
    PutText(&value, "name", each.name);
    value[key] = TextsToJson(each.*from);
    values.emplace_back(std::move(value));
  }
  return values;
}

Person PersonFromJson(const JsonReader& reader) {
  Person person;
  reader.Text("name", &person.name);
  reader.Texts("addresses", &person.addresses);
  return person;
}

TenantBrand BrandFromJson(const JsonReader& reader) {
  TenantBrand brand;
  reader.Text("name", &brand.name);
  reader.Texts("domains", &brand.domains);
  return brand;
}

void ProfileFromJson(const JsonReader& reader, TenantProfile* tenant) {
  reader.Text("name", &tenant->name);
  reader.Texts("domains", &tenant->domains);
  reader.Objects("people", [&](const JsonReader& person) {
    tenant->people.push_back(PersonFromJson(person));
  });
  reader.Objects("brands",
                 [&](const JsonReader& brand) { tenant->brands.push_back(BrandFromJson(brand)); });
  reader.Object("thresholds",
                [&](const JsonReader& r) { ThresholdsFromJson(r, &tenant->thresholds); });
}

}  // namespace

std::string ToJson(const JudgeRequest& request) {
  object tenant;
  PutText(&tenant, "name", request.tenant.name);
  tenant["domains"] = TextsToJson(request.tenant.domains);
  tenant["people"] = NamedToJson(request.tenant.people, "addresses", &Person::addresses);
  tenant["brands"] = NamedToJson(request.tenant.brands, "domains", &TenantBrand::domains);
  tenant["thresholds"] = ThresholdsToJson(request.tenant.thresholds);
  object value;
  value["question"] = NameOf(kQuestions, request.question);
  value["trust"] = NameOf(kTrusts, request.trust);
  value["tenant"] = std::move(tenant);
  return boost::json::serialize(value);
}

Result<JudgeRequest> JudgeRequestFromJson(std::string_view json) {
  JudgeRequest request;
  const Status read = ReadJson(json, [&](const JsonReader& reader) {
    reader.Named("question", &request.question, QuestionFrom);
    reader.Named("trust", &request.trust, TrustFrom);
    reader.Object("tenant",
                  [&](const JsonReader& tenant) { ProfileFromJson(tenant, &request.tenant); });
  });
  if (!read.ok()) return Within("judge request", read.error());
  return request;
}

}  // namespace clawback
