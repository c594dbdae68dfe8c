// SPDX-License-Identifier: Apache-2.0
// The query of a Graph request, read as strictly as the service reads it, and the
// pages that a listing is answered in.
#ifndef CLAWBACK_TESTS_PRACTICE_GRAPH_QUERY_H_
#define CLAWBACK_TESTS_PRACTICE_GRAPH_QUERY_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/practice/graph_answer.h"
#include "tests/practice/graph_filter.h"
#include "tests/practice/world.h"

namespace clawback::practice {

// What one kind of request takes.
struct QueryRules {
  std::string type;                               // "message", for error texts
  std::set<std::string, std::less<>> options;     // "$filter", ...
  std::set<std::string, std::less<>> properties;  // that $select may name
  PropertyTypes filterable;
  std::int64_t default_top = 10;
  std::int64_t max_top = 1000;
  std::string syntax_code;  // error code for a bad $select
  std::string filter_code;  // and for a bad $filter
};

struct GraphQuery {
  std::optional<Filter> filter;
  std::vector<std::string> select;  // empty: the default properties
  size_t top = 10;
  size_t skip = 0;
  bool empty_page = false;  // this page is to be an empty one
  bool count = false;
  std::string order_by;

  bool Selects(std::string_view property) const;
};

// Fills *out, or answers with the error. World's lock must be held.
std::optional<Answer> ReadQuery(World& world, const GraphRequest& request, const QueryRules& rules,
                                GraphQuery* out);

// The page that query asks for, out of all matches in order; render makes one entry.
// World's lock must be held.
using Render = std::function<boost::json::object(size_t index)>;
Answer Page(const World& world, const GraphRequest& request, const GraphQuery& query,
            const std::string& context, size_t matches, const Render& render);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_GRAPH_QUERY_H_
