// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/graph_filter.h"

#include <cctype>
#include <optional>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/text.h"
#include "tests/practice/text.h"

namespace clawback::practice {

namespace json = boost::json;

struct Filter::Node {
  enum class Kind { kAnd, kOr, kCompare, kStartsWith, kAny };
  Kind kind = Kind::kCompare;
  std::shared_ptr<const Node> left, right;  // kAnd, kOr
  std::string property;
  std::string comparison;  // eq, ge, ...
  json::value literal;
};

namespace {

using Node = Filter::Node;
using NodePointer = std::shared_ptr<const Node>;
constexpr int kMaxDepth = 20;

enum class TokenKind { kWord, kText, kSymbol, kEnd };

struct FilterToken {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
};

Error Invalid(std::string what) { return {ErrorKind::kInvalid, std::move(what)}; }

Result<FilterToken> ReadText(std::string_view text, size_t* at) {
  std::string value;
  for (size_t i = *at + 1; i < text.size(); ++i) {
    if (text[i] != '\'') {
      value += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '\'') {
      value += text[i++];  // OData: a quote is doubled within a literal
    } else {
      *at = i + 1;
      return FilterToken{TokenKind::kText, std::move(value)};
    }
  }
  return Invalid("There is an unterminated string literal at position " +
                 std::to_string(text.size()) + " in '" + std::string(text) + "'.");
}

Result<std::vector<FilterToken>> Tokens(std::string_view text) {
  std::vector<FilterToken> tokens;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == ' ') {
      ++at;
    } else if (c == '\'') {
      Result<FilterToken> token = ReadText(text, &at);
      if (!token.ok()) return token.error();
      tokens.push_back(std::move(*token));
    } else if (c == '(' || c == ')' || c == ',') {
      tokens.push_back({TokenKind::kSymbol, std::string(1, c)});
      ++at;
    } else {
      const size_t end = text.find_first_of(" '(),", at);
      const size_t stop = end == text.npos ? text.size() : end;
      std::string_view word = text.substr(at, stop - at);
      // "p:p": the variable of a lambda and its first use.
      if (const size_t colon = word.find(':');
          colon != word.npos && std::isalpha(static_cast<unsigned char>(c)) != 0) {
        tokens.push_back({TokenKind::kWord, std::string(word.substr(0, colon + 1))});
        word.remove_prefix(colon + 1);
      }
      if (!word.empty()) tokens.push_back({TokenKind::kWord, std::string(word)});
      at = stop;
    }
  }
  tokens.push_back({});
  return tokens;
}

class Parser {
 public:
  Parser(std::vector<FilterToken> tokens, const PropertyTypes& types)
      : tokens_(std::move(tokens)), types_(types) {}

  Result<NodePointer> Parse() {
    Result<NodePointer> root = Or(0);
    if (root.ok() && Next().kind != TokenKind::kEnd) return Syntax();
    return root;
  }
  const std::string& first_property() const { return first_property_; }

 private:
  const FilterToken& Next() const { return tokens_[at_]; }
  FilterToken Take() { return at_ + 1 < tokens_.size() ? tokens_[at_++] : tokens_.back(); }
  bool TakeIf(TokenKind kind, std::string_view text) {
    if (Next().kind != kind || Next().text != text) return false;
    ++at_;
    return true;
  }
  Error Syntax() const {
    return Invalid("Invalid filter clause: Syntax error at '" + Next().text + "'.");
  }

  Result<NodePointer> Joined(Node::Kind kind, int depth) {
    const bool is_or = kind == Node::Kind::kOr;
    Result<NodePointer> left = is_or ? Joined(Node::Kind::kAnd, depth) : Term(depth);
    while (left.ok() && TakeIf(TokenKind::kWord, is_or ? "or" : "and")) {
      Result<NodePointer> right = is_or ? Joined(Node::Kind::kAnd, depth) : Term(depth);
      if (!right.ok()) return right;
      auto node = std::make_shared<Node>();
      node->kind = kind;
      node->left = *left;
      node->right = *right;
      left = NodePointer(std::move(node));
    }
    return left;
  }
  Result<NodePointer> Or(int depth) { return Joined(Node::Kind::kOr, depth); }

  Result<NodePointer> Term(int depth) {
    if (depth > kMaxDepth) return Invalid("The filter is nested too deeply.");
    if (TakeIf(TokenKind::kSymbol, "(")) {
      Result<NodePointer> inner = Or(depth + 1);
      if (inner.ok() && !TakeIf(TokenKind::kSymbol, ")")) return Syntax();
      return inner;
    }
    const FilterToken word = Take();
    if (word.kind != TokenKind::kWord) return Syntax();
    if (word.text == "startswith") return StartsWith();
    if (word.text.ends_with("/any")) return Any(word.text.substr(0, word.text.size() - 4));
    return Compare(word.text);
  }

  Result<PropertyType> TypeOf(const std::string& property) {
    const auto found = types_.find(property);
    if (found == types_.end()) {
      return Invalid("Could not find a property named '" + property +
                     "', or it cannot be filtered.");
    }
    if (first_property_.empty()) first_property_ = property;
    return found->second;
  }

  Result<NodePointer> StartsWith() {
    if (!TakeIf(TokenKind::kSymbol, "(")) return Syntax();
    const FilterToken property = Take();
    const bool comma = TakeIf(TokenKind::kSymbol, ",");
    const FilterToken literal = Take();
    if (!comma || literal.kind != TokenKind::kText || !TakeIf(TokenKind::kSymbol, ")")) {
      return Syntax();
    }
    const Result<PropertyType> type = TypeOf(property.text);
    if (!type.ok()) return type.error();
    if (*type != PropertyType::kText) return Invalid("startswith needs a string property.");
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kStartsWith;
    node->property = property.text;
    node->literal = literal.text;
    return NodePointer(std::move(node));
  }

  // property/any(p:p eq 'x')
  Result<NodePointer> Any(const std::string& property) {
    const Result<PropertyType> type = TypeOf(property);
    if (!type.ok()) return type.error();
    if (*type != PropertyType::kTexts) return Invalid("'any' needs a collection: " + property);
    if (!TakeIf(TokenKind::kSymbol, "(")) return Syntax();
    const FilterToken variable = Take();
    const FilterToken use = Take();
    if (!variable.text.ends_with(':') || variable.text != use.text + ":") return Syntax();
    if (!TakeIf(TokenKind::kWord, "eq")) return Syntax();
    const FilterToken literal = Take();
    if (literal.kind != TokenKind::kText || !TakeIf(TokenKind::kSymbol, ")")) return Syntax();
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kAny;
    node->property = property;
    node->literal = literal.text;
    return NodePointer(std::move(node));
  }

  Result<NodePointer> Compare(const std::string& property) {
    const Result<PropertyType> type = TypeOf(property);
    if (!type.ok()) return type.error();
    const FilterToken comparison = Take();
    if (comparison.kind != TokenKind::kWord) return Syntax();
    const bool ordered = comparison.text == "ge" || comparison.text == "gt" ||
                         comparison.text == "le" || comparison.text == "lt";
    if (comparison.text != "eq" && !(ordered && *type == PropertyType::kTime)) {
      return Invalid("Unsupported or invalid query filter clause: operator '" + comparison.text +
                     "' on property '" + property + "'.");
    }
    Result<json::value> literal = Literal(*type);
    if (!literal.ok()) return literal.error();
    auto node = std::make_shared<Node>();
    node->property = property;
    node->comparison = comparison.text;
    node->literal = std::move(*literal);
    return NodePointer(std::move(node));
  }

  Result<json::value> Literal(PropertyType type) {
    const FilterToken token = Take();
    if (type == PropertyType::kText && token.kind == TokenKind::kText) {
      return json::value(token.text);
    }
    const bool truth = token.text == "true" || token.text == "false";
    if (type == PropertyType::kBool && token.kind == TokenKind::kWord && truth) {
      return json::value(token.text == "true");
    }
    if (type == PropertyType::kTime && token.kind == TokenKind::kWord && ParseTime(token.text)) {
      return json::value(token.text);
    }
    return Invalid("A binary operator with incompatible types was detected near '" + token.text +
                   "'.");
  }

  std::vector<FilterToken> tokens_;
  size_t at_ = 0;
  const PropertyTypes& types_;
  std::string first_property_;
};

bool CompareTimes(const std::string& comparison, std::string_view a, std::string_view b) {
  const auto left = ParseTime(a);
  const auto right = ParseTime(b);
  if (!left || !right) return false;
  if (comparison == "ge") return *left >= *right;
  if (comparison == "gt") return *left > *right;
  if (comparison == "le") return *left <= *right;
  if (comparison == "lt") return *left < *right;
  return *left == *right;
}

bool Compares(const Node& node, const json::value& value) {
  if (node.literal.is_bool()) return value == node.literal;
  if (!value.is_string()) return false;
  const std::string_view mine = value.as_string();
  const std::string_view literal = node.literal.as_string();
  const bool same = node.comparison == "eq" && EqualIgnoringCase(mine, literal);
  return same || CompareTimes(node.comparison, mine, literal);
}

bool Evaluate(const Node& node, const PropertyReader& read) {
  switch (node.kind) {
    case Node::Kind::kAnd:
      return Evaluate(*node.left, read) && Evaluate(*node.right, read);
    case Node::Kind::kOr:
      return Evaluate(*node.left, read) || Evaluate(*node.right, read);
    case Node::Kind::kCompare:
      return Compares(node, read(node.property));
    case Node::Kind::kStartsWith: {
      const json::value value = read(node.property);
      return value.is_string() && BeginsWith(std::string_view(value.as_string()),
                                             std::string_view(node.literal.as_string()));
    }
    case Node::Kind::kAny: {
      const json::value values = read(node.property);
      if (!values.is_array()) return false;
      for (const json::value& value : values.as_array()) {
        if (EqualIgnoringCase(std::string_view(value.as_string()),
                              std::string_view(node.literal.as_string()))) {
          return true;
        }
      }
      return false;
    }
  }
  return false;
}

}  // namespace

bool Filter::Matches(const PropertyReader& read) const { return Evaluate(*root_, read); }

Result<Filter> ParseFilter(std::string_view text, const PropertyTypes& types) {
  Result<std::vector<FilterToken>> tokens = Tokens(text);
  if (!tokens.ok()) return tokens.error();
  Parser parser(std::move(*tokens), types);
  Result<NodePointer> root = parser.Parse();
  if (!root.ok()) return root.error();
  Filter filter;
  filter.root_ = *root;
  filter.first_property_ = parser.first_property();
  return filter;
}

}  // namespace clawback::practice
