// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange as values: what the servers hand to Graph, login and control,
// and what they get back.
#ifndef CLAWBACK_TESTS_PRACTICE_HTTP_H_
#define CLAWBACK_TESTS_PRACTICE_HTTP_H_

#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/practice/text.h"

namespace clawback::practice {

struct HttpHeader {
  std::string name;
  std::string value;
};

// Header names are compared without case.
class HttpHeaders {
 public:
  void Add(std::string name, std::string value) {
    fields_.push_back({std::move(name), std::move(value)});
  }
  void Set(std::string_view name, std::string value);
  // The first of that name, or "".
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;
  std::vector<std::string_view> All(std::string_view name) const;
  const std::vector<HttpHeader>& fields() const { return fields_; }

 private:
  std::vector<HttpHeader> fields_;
};

struct HttpRequest {
  std::string method;
  std::string target;  // as sent: path, and query after '?'
  HttpHeaders headers;
  std::string body;

  std::string_view Path() const { return std::string_view(target).substr(0, target.find('?')); }
  std::string_view Query() const {
    const size_t mark = target.find('?');
    return mark == target.npos ? std::string_view() : std::string_view(target).substr(mark + 1);
  }
};

// How an answer reaches the other side: whole, or in the ways networks fail.
// kStalled: nothing for slow_for, and then the end of the connection.
enum class Sending { kWhole, kCutBefore, kCutWithin, kSlowly, kStalled };

struct HttpReply {
  int status = 200;
  HttpHeaders headers;
  std::string body;
  Sending sending = Sending::kWhole;
  std::chrono::milliseconds slow_for{0};  // for kSlowly and kStalled
};

HttpReply JsonReply(int status, const boost::json::value& body);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_HTTP_H_
