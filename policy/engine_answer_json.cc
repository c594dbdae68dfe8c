// SPDX-License-Identifier: Apache-2.0
#include "policy/engine_answer_json.h"

#include <string>
#include <utility>

#include "policy/base/text.h"

namespace clawback {
namespace {

using boost::json::array;
using boost::json::object;

object SymbolToJson(const EngineSymbol& symbol) {
  object value;
  PutText(&value, "name", symbol.name);
  value["score"] = symbol.score;
  return value;
}

object EngineAnswerToJson(const EngineAnswer& answer) {
  object value;
  PutText(&value, "engine", answer.engine);
  value["outcome"] = ToString(answer.outcome);
  value["required"] = answer.required;
  if (!answer.version.empty()) PutText(&value, "version", answer.version);
  if (!answer.detail.empty()) PutText(&value, "detail", answer.detail);
  if (!answer.signatures.empty()) {
    array names;
    for (const std::string& name : answer.signatures) names.emplace_back(RepairUtf8(name));
    value["signatures"] = std::move(names);
  }
  if (answer.action.empty()) return value;
  PutText(&value, "action", answer.action);
  value["score"] = answer.score;
  value["threshold"] = answer.threshold;
  array symbols;
  for (const EngineSymbol& symbol : answer.symbols) symbols.emplace_back(SymbolToJson(symbol));
  value["symbols"] = std::move(symbols);
  return value;
}

}  // namespace

boost::json::array EngineAnswersToJson(const std::vector<EngineAnswer>& answers) {
  array values;
  values.reserve(answers.size());
  for (const EngineAnswer& answer : answers) values.emplace_back(EngineAnswerToJson(answer));
  return values;
}

EngineAnswer EngineAnswerFromJson(const JsonReader& reader) {
  EngineAnswer answer;
  reader.Text("engine", &answer.engine);
  reader.Named("outcome", &answer.outcome, EngineOutcomeFrom);
  reader.Bool("required", &answer.required);
  reader.Text("version", &answer.version);
  reader.Text("detail", &answer.detail);
  reader.Texts("signatures", &answer.signatures);
  reader.Text("action", &answer.action);
  reader.Number("score", &answer.score);
  reader.Number("threshold", &answer.threshold);
  reader.Objects("symbols", [&](const JsonReader& symbol) {
    EngineSymbol read;
    symbol.Text("name", &read.name);
    symbol.Number("score", &read.score);
    answer.symbols.push_back(std::move(read));
  });
  return answer;
}

}  // namespace clawback
