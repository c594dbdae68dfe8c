// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/http.h"

namespace clawback::practice {

void HttpHeaders::Set(std::string_view name, std::string value) {
  for (HttpHeader& field : fields_) {
    if (EqualIgnoringCase(field.name, name)) {
      field.value = std::move(value);
      return;
    }
  }
  fields_.push_back({std::string(name), std::move(value)});
}

std::string_view HttpHeaders::Get(std::string_view name) const {
  for (const HttpHeader& field : fields_) {
    if (EqualIgnoringCase(field.name, name)) return field.value;
  }
  return {};
}

bool HttpHeaders::Has(std::string_view name) const { return !All(name).empty(); }

std::vector<std::string_view> HttpHeaders::All(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const HttpHeader& field : fields_) {
    if (EqualIgnoringCase(field.name, name)) values.push_back(field.value);
  }
  return values;
}

HttpReply JsonReply(int status, const boost::json::value& body) {
  HttpReply reply;
  reply.status = status;
  reply.headers.Add("Content-Type", "application/json; charset=utf-8");
  reply.body = boost::json::serialize(body);
  return reply;
}

}  // namespace clawback::practice
