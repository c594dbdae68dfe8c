// SPDX-License-Identifier: Apache-2.0
// What persons ask for in the protocol: retract and undo.
#include "policy/json.h"
#include "retract/sidecar/protocol.h"
#include "retract/sidecar/protocol_fields.h"

namespace clawback {
namespace {

namespace json = boost::json;

json::array Numbers(const std::vector<std::int64_t>& numbers) {
  json::array list;
  for (const std::int64_t number : numbers) list.push_back(number);
  return list;
}

// The array of whole numbers under key of text, a JSON object.
Status ReadNumbers(std::string_view text, std::string_view key, std::vector<std::int64_t>* out) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const auto* list = error || !value.is_object() ? nullptr : value.get_object().if_contains(key);
  const Error wrong{ErrorKind::kInvalid, std::string(key) + ": expected whole numbers"};
  if (list == nullptr || !list->is_array()) return wrong;
  for (const json::value& number : list->get_array()) {
    if (!number.is_int64()) return wrong;
    out->push_back(number.get_int64());
  }
  return {};
}

}  // namespace

std::string ToJson(const RetractRequest& request) {
  json::object out{{"ids", Numbers(request.ids)}, {"action", ToString(request.action)}};
  if (!request.recipient.empty()) PutBytes(&out, "recipient", request.recipient);
  PutText(&out, "reason", request.reason);
  return json::serialize(out);
}

Result<RetractRequest> RetractRequestFromJson(std::string_view text) {
  // What is not understood might have been a restriction.
  if (const auto unknown =
          UnknownField(text, {"ids", "action", "recipient", "recipient_hex", "reason"})) {
    return Error{ErrorKind::kInvalid, *unknown + ": no such argument"};
  }
  RetractRequest request;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    Require(in, {"ids", "action", "reason"});
    in.Named("action", &request.action, ActionFrom);
    in.Bytes("recipient", &request.recipient);
    in.Text("reason", &request.reason);
  });
  if (!read) return read.error();
  if (Status ids = ReadNumbers(text, "ids", &request.ids); !ids) return ids.error();
  if (request.ids.empty() || request.ids.size() > kMostByHand) {
    return Error{ErrorKind::kInvalid, "ids: expected 1 to " + std::to_string(kMostByHand)};
  }
  return request;
}

std::string ToJson(const UndoRequest& request) {
  json::object out{{"id", request.id}};
  if (!request.recipient.empty()) PutBytes(&out, "recipient", request.recipient);
  PutText(&out, "reason", request.reason);
  return json::serialize(out);
}

Result<UndoRequest> UndoRequestFromJson(std::string_view text) {
  if (const auto unknown = UnknownField(text, {"id", "recipient", "recipient_hex", "reason"})) {
    return Error{ErrorKind::kInvalid, *unknown + ": no such argument"};
  }
  UndoRequest request;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    Require(in, {"id", "reason"});
    in.Integer("id", &request.id);
    in.Bytes("recipient", &request.recipient);
    in.Text("reason", &request.reason);
  });
  if (!read) return read.error();
  return request;
}

std::string ToJson(const RetractAnswer& answer) {
  json::array refused;
  for (const RefusedByHand& one : answer.refused) {
    json::object fields{{"id", one.id}};
    PutText(&fields, "what", one.what);
    refused.push_back(std::move(fields));
  }
  return json::serialize(json::object{{"armed", Numbers(answer.armed)},
                                      {"under_way", answer.under_way},
                                      {"refused", std::move(refused)}});
}

Result<RetractAnswer> RetractAnswerFromJson(std::string_view text) {
  RetractAnswer answer;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    Require(in, {"armed", "under_way", "refused"});
    in.Integer("under_way", &answer.under_way);
    in.Objects("refused", [&](const JsonReader& one) {
      RefusedByHand& refused = answer.refused.emplace_back();
      one.Integer("id", &refused.id);
      one.Text("what", &refused.what);
    });
  });
  if (!read) return read.error();
  if (Status armed = ReadNumbers(text, "armed", &answer.armed); !armed) return armed.error();
  return answer;
}

std::string ToJson(const Asked& answer) {
  json::object out{{"armed", Numbers(answer.armed)},
                   {"under_way", answer.under_way},
                   {"called_off", answer.called_off}};
  PutText(&out, "note", answer.note);
  return json::serialize(out);
}

Result<Asked> AskedFromJson(std::string_view text) {
  Asked answer;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    Require(in, {"armed", "under_way"});
    in.Integer("under_way", &answer.under_way);
    in.Integer("called_off", &answer.called_off);
    in.Text("note", &answer.note);
  });
  if (!read) return read.error();
  if (Status armed = ReadNumbers(text, "armed", &answer.armed); !armed) return armed.error();
  return answer;
}

}  // namespace clawback
