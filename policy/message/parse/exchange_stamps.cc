// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/exchange_stamps.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "policy/base/text.h"
#include "policy/message/parse/header_block.h"

namespace clawback {
namespace {

constexpr std::string_view kOrganization = "X-MS-Exchange-Organization-";

bool Is(const HeaderField& field, std::string_view name) {
  return EqualIgnoringCase(field.name, name);
}

// RFC 5322 3.2.2: comments in parentheses, nested.
std::string WithoutComments(std::string_view value) {
  std::string out;
  int depth = 0;
  for (const char c : value) {
    if (c == '(') ++depth;
    if (depth == 0) out += c;
    if (c == ')' && depth > 0) --depth;
  }
  return out;
}

// "Received: from A by B ...": B, lower case.
std::string ReceivedBy(std::string_view value) {
  const std::string lower = " " + LowerAscii(WithoutComments(value)) + " ";
  const std::size_t by = lower.find(" by ");
  if (by == std::string::npos) return {};
  const std::size_t begin = std::min(lower.find_first_not_of(" \t", by + 4), lower.size());
  return lower.substr(begin, lower.find_first_of(" \t;", begin) - begin);
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// How many fields stand above the line that the front door wrote on taking the mail
// from outside; none where the mail came through no front door.
std::size_t FieldsAboveFrontDoor(const std::vector<HeaderField>& headers) {
  constexpr std::string_view kFrontDoor = ".mail.protection.outlook.com";
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!Is(headers[i], "Received")) continue;
    if (LowerAscii(headers[i].value).find(kFrontDoor) == std::string::npos) continue;
    if (EndsWith(ReceivedBy(headers[i].value), kFrontDoor)) return i;
  }
  return 0;
}

// Exchange appends its own fields; the first of them marks where they begin.
std::size_t FirstOrganizationField(const std::vector<HeaderField>& headers) {
  const auto found = std::find_if(headers.begin(), headers.end(), [](const HeaderField& field) {
    return field.name.size() > kOrganization.size() &&
           EqualIgnoringCase(std::string_view(field.name).substr(0, kOrganization.size()),
                             kOrganization);
  });
  return static_cast<std::size_t>(found - headers.begin());
}

std::pair<std::string_view, std::string_view> KeyAndValue(std::string_view text, char sign) {
  const std::size_t at = text.find(sign);
  if (at == std::string_view::npos) return {Trim(text), {}};
  return {Trim(text.substr(0, at)), Trim(text.substr(at + 1))};
}

template <typename Visit>
void Split(std::string_view text, std::string_view separators, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (!Trim(text.substr(0, end)).empty()) visit(Trim(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// "spf=fail smtp.mailfrom=d; dkim=none ...": no authserv-id, unlike RFC 8601. A result
// counts only at the front of its segment, and the first of its kind.
void ReadResults(std::string_view value, ExchangeStamps* stamps) {
  std::map<std::string, std::string> results, properties;
  Split(value, ";", [&](std::string_view segment) {
    bool first = true;
    Split(segment, " \t", [&](std::string_view word) {
      const auto [key, result] = KeyAndValue(word, '=');
      (first ? results : properties).emplace(LowerAscii(key), LowerAscii(result));
      first = false;
    });
  });
  stamps->spf = results["spf"];
  stamps->dkim = results["dkim"];
  stamps->dmarc = results["dmarc"];
  stamps->compauth = results["compauth"];
  stamps->compauth_reason = properties["reason"];
  stamps->header_from = properties["header.from"];
}

void ReadAuthentication(const std::vector<HeaderField>& headers, ExchangeStamps* stamps) {
  SingleField results;
  const std::size_t end = FieldsAboveFrontDoor(headers);
  for (std::size_t i = 0; i < end; ++i) {
    if (Is(headers[i], "Authentication-Results")) results.See(WithoutComments(headers[i].value));
  }
  const std::string value = results.value.value_or("");
  if (EqualIgnoringCase(Trim(value).substr(0, 4), "spf=")) ReadResults(value, stamps);
}

std::string Upper(std::string_view text) {
  std::string upper = LowerAscii(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return upper;
}

// "CIP:192.0.2.1;SCL:5;...". A key that occurs twice and differs is unknown.
std::map<std::string, SingleField> Pairs(std::string_view value) {
  std::map<std::string, SingleField> pairs;
  Split(value, ";", [&](std::string_view pair) {
    const auto [key, text] = KeyAndValue(pair, ':');
    pairs[Upper(key)].See(std::string(text));
  });
  return pairs;
}

// The fields of Exchange's own block, by lower-case name.
std::map<std::string, SingleField> OwnBlock(const std::vector<HeaderField>& headers) {
  std::map<std::string, SingleField> block;
  for (std::size_t i = FirstOrganizationField(headers); i < headers.size(); ++i) {
    block[LowerAscii(headers[i].name)].See(headers[i].value);
  }
  return block;
}

}  // namespace

ExchangeStamps ReadExchangeStamps(const std::vector<HeaderField>& headers) {
  ExchangeStamps stamps;
  ReadAuthentication(headers, &stamps);
  auto block = OwnBlock(headers);
  const auto own = [&](std::string_view name) {
    return block[std::string(name)].value.value_or("");
  };
  const std::string organization = LowerAscii(kOrganization);
  auto report = Pairs(own("x-forefront-antispam-report"));
  const auto reported = [&](const char* key) { return report[key].value.value_or(""); };
  auto antispam = Pairs(own("x-microsoft-antispam"));
  stamps.scl = reported("SCL");
  if (stamps.scl.empty()) stamps.scl = own(organization + "scl");
  stamps.bcl = antispam["BCL"].value.value_or("");
  stamps.category = Upper(reported("CAT"));
  stamps.filter_verdict = Upper(reported("SFV"));
  stamps.direction = Upper(reported("DIR"));
  stamps.connecting_ip = own(organization + "connectingip");
  if (stamps.connecting_ip.empty()) stamps.connecting_ip = reported("CIP");
  stamps.auth_as = own(organization + "authas");
  if (stamps.compauth.empty()) {
    stamps.compauth = LowerAscii(own(organization + "compauthres"));
    stamps.compauth_reason = own(organization + "compauthreason");
  }
  return stamps;
}

}  // namespace clawback
