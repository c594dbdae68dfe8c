// SPDX-License-Identifier: Apache-2.0
// OData $filter, as far as Graph's users and messages take it (OData 4.01 URL
// conventions 5.1.1): eq, ge, gt, le, lt, and, or, parentheses, startswith, and
// any(x:x eq '...') on collections.
#ifndef CLAWBACK_TESTS_PRACTICE_GRAPH_FILTER_H_
#define CLAWBACK_TESTS_PRACTICE_GRAPH_FILTER_H_

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "policy/base/result.h"

namespace clawback::practice {

enum class PropertyType { kText, kTime, kBool, kTexts };
using PropertyTypes = std::map<std::string, PropertyType, std::less<>>;
// A property's value by its path ("from/emailAddress/address"): a string (times in
// RFC 3339), bool, array of strings, or null.
using PropertyReader = std::function<boost::json::value(std::string_view path)>;

class Filter {
 public:
  // Texts compare without regard to ASCII case, as Exchange and Entra do.
  bool Matches(const PropertyReader& read) const;
  // The property named first: $orderby must agree with it.
  const std::string& FirstProperty() const { return first_property_; }

  struct Node;

 private:
  friend Result<Filter> ParseFilter(std::string_view, const PropertyTypes&);
  std::shared_ptr<const Node> root_;
  std::string first_property_;
};

// kInvalid: not OData, a property not in types, or a comparison that the service
// does not offer; the text says which.
Result<Filter> ParseFilter(std::string_view text, const PropertyTypes& types);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_GRAPH_FILTER_H_
