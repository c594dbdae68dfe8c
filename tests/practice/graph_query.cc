// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/graph_query.h"

#include <algorithm>
#include <charconv>

namespace clawback::practice {
namespace {

namespace json = boost::json;

constexpr std::string_view kEmptyMark = "empty";
constexpr std::string_view kSystemOptions[] = {"filter",  "select", "top",    "skip",     "count",
                                               "orderby", "expand", "search", "skiptoken"};

Answer NotSupported(const std::string& name) {
  return GraphError(400, "BadRequest", "The query parameter '" + name + "' is not supported.");
}

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Answer InvalidNumber(const std::string& name, const std::string& value) {
  return GraphError(400, "BadRequest",
                    "The query specified in the URI is not valid. Invalid value '" + value +
                        "' for " + name + " query option found.");
}

std::optional<Answer> ReadSelect(const std::string& value, const QueryRules& rules,
                                 GraphQuery* out) {
  for (const std::string& part : Split(value, ',')) {
    const std::string name(Trim(part));
    if (name == "*") continue;
    if (!rules.properties.contains(name)) {
      return GraphError(
          400, rules.syntax_code,
          "Parsing OData Select and Expand failed: Could not find a property named '" + name +
              "' on type 'microsoft.graph." + rules.type + "'.");
    }
    out->select.push_back(name);
  }
  return std::nullopt;
}

std::optional<Answer> ReadTop(const std::string& value, const QueryRules& rules, GraphQuery* out) {
  const auto number = Number(value);
  if (!number || *number < 0) return InvalidNumber("$top", value);
  if (*number < 1 || *number > rules.max_top) {
    return GraphError(400, "Request_UnsupportedQuery",
                      "Invalid page size specified: '" + value + "'. Must be between 1 and " +
                          std::to_string(rules.max_top) + " inclusive.");
  }
  out->top = static_cast<size_t>(*number);
  return std::nullopt;
}

// Both "$skip=20" and "$skiptoken=20-empty" are made by Page.
std::optional<Answer> ReadSkip(const std::string& name, const std::string& value, GraphQuery* out) {
  std::string_view digits = value;
  if (name == "$skiptoken") {
    out->empty_page = digits.ends_with(kEmptyMark);
    if (out->empty_page) digits.remove_suffix(kEmptyMark.size() + 1);
  }
  const auto number = Number(digits);
  if (!number || *number < 0) return InvalidNumber(name, value);
  out->skip = static_cast<size_t>(*number);
  return std::nullopt;
}

std::optional<Answer> ReadOption(const std::string& name, const std::string& value,
                                 const GraphRequest& request, const QueryRules& rules,
                                 GraphQuery* out) {
  if (name == "$select") return ReadSelect(value, rules, out);
  if (name == "$top") return ReadTop(value, rules, out);
  if (name == "$skip" || name == "$skiptoken") return ReadSkip(name, value, out);
  if (name == "$orderby") out->order_by = value;
  if (name == "$count") {
    if (value != "true" && value != "false") return InvalidNumber(name, value);
    out->count = value == "true";
    const bool advanced =
        EqualIgnoringCase(request.http.headers.Get("ConsistencyLevel"), "eventual");
    if (out->count && rules.type == "user" && !advanced) {
      return GraphError(400, "Request_BadRequest", "$count is not currently supported.");
    }
  }
  if (name == "$filter") {
    Result<Filter> filter = ParseFilter(value, rules.filterable);
    if (!filter.ok()) return GraphError(400, rules.filter_code, filter.error().what);
    out->filter = std::move(*filter);
  }
  return std::nullopt;
}

std::string NextLink(const World& world, const GraphRequest& request, size_t skip, bool empty) {
  const std::string& base =
      world.config.graph_public_url.empty() ? world.graph_url : world.config.graph_public_url;
  std::string link = base + std::string(request.http.Path()) + "?";
  for (const auto& [name, value] : request.query) {
    if (name == "$skip" || name == "$skiptoken") continue;
    link += PercentEncode(name) + "=" + PercentEncode(value) + "&";
  }
  link += "%24skiptoken=" + std::to_string(skip);
  if (empty) link += "-" + std::string(kEmptyMark);
  return link;
}

}  // namespace

bool GraphQuery::Selects(std::string_view property) const {
  return std::find(select.begin(), select.end(), property) != select.end();
}

std::optional<Answer> ReadQuery(World& world, const GraphRequest& request, const QueryRules& rules,
                                GraphQuery* out) {
  out->top = static_cast<size_t>(rules.default_top);
  std::set<std::string> seen;
  for (const auto& [name, value] : request.query) {
    if (!seen.insert(name).second) {
      return GraphError(400, "BadRequest",
                        "Query option '" + name + "' was specified more than once.");
    }
    if (rules.options.contains(name)) {
      if (auto fault = ReadOption(name, value, request, rules, out)) return fault;
    } else if (name.starts_with("$") ||
               std::find(std::begin(kSystemOptions), std::end(kSystemOptions), name) !=
                   std::end(kSystemOptions)) {
      return NotSupported(name);
    } else {
      ++world.ignored_parameters[name];  // a custom option: the service does not look at it
    }
  }
  // "List messages": what is sorted by must stand first in the filter.
  if (!out->order_by.empty() && out->filter &&
      !BeginsWith(out->order_by, out->filter->FirstProperty())) {
    return GraphError(400, "InefficientFilter",
                      "The restriction or sort order is too complex for this operation.");
  }
  return std::nullopt;
}

Answer Page(const World& world, const GraphRequest& request, const GraphQuery& query,
            const std::string& context, size_t matches, const Render& render) {
  json::object body{{"@odata.context", world.graph_url + "/v1.0/$metadata#" + context}};
  if (query.count) body["@odata.count"] = static_cast<std::int64_t>(matches);
  const size_t first = std::min(query.skip, matches);
  const size_t end = query.empty_page ? first : std::min(first + query.top, matches);
  json::array value;
  for (size_t i = first; i < end; ++i) value.push_back(render(i));
  if (end < matches) {
    const bool empty_next = world.settings.empty_pages && !query.empty_page;
    body["@odata.nextLink"] = NextLink(world, request, end, empty_next);
  }
  body["value"] = std::move(value);
  return Ok(std::move(body));
}

}  // namespace clawback::practice
