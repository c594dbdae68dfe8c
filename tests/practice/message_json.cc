// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/message_json.h"

#include <algorithm>
#include <iterator>

namespace clawback::practice {
namespace {

namespace json = boost::json;

constexpr std::string_view kDefaultProperties[] = {"createdDateTime",
                                                   "lastModifiedDateTime",
                                                   "changeKey",
                                                   "categories",
                                                   "receivedDateTime",
                                                   "sentDateTime",
                                                   "hasAttachments",
                                                   "internetMessageId",
                                                   "subject",
                                                   "bodyPreview",
                                                   "importance",
                                                   "parentFolderId",
                                                   "conversationId",
                                                   "conversationIndex",
                                                   "isDeliveryReceiptRequested",
                                                   "isReadReceiptRequested",
                                                   "isRead",
                                                   "isDraft",
                                                   "webLink",
                                                   "inferenceClassification",
                                                   "body",
                                                   "sender",
                                                   "from",
                                                   "toRecipients",
                                                   "ccRecipients",
                                                   "bccRecipients",
                                                   "replyTo",
                                                   "flag"};
constexpr std::string_view kBeyondBasic[] = {"body", "bodyPreview", "uniqueBody",
                                             "internetMessageHeaders"};
constexpr size_t kPreviewBytes = 255;

json::object Recipient(const MailAddress& address) {
  return {{"emailAddress", json::object{{"name", address.name}, {"address", address.address}}}};
}

json::array Recipients(const std::vector<MailAddress>& addresses) {
  json::array out;
  for (const MailAddress& address : addresses) out.push_back(Recipient(address));
  return out;
}

json::value First(const std::vector<MailAddress>& addresses) {
  return addresses.empty() ? json::value(nullptr) : json::value(Recipient(addresses.front()));
}

json::value AddressOf(const std::vector<MailAddress>& addresses) {
  return addresses.empty() ? json::value(nullptr) : json::value(addresses.front().address);
}

json::array Headers(const MessageSummary& summary) {
  json::array out;
  for (const auto& [name, value] : summary.headers) {
    out.push_back(json::object{{"name", name}, {"value", value}});
  }
  return out;
}

std::string ChangeKey(const Item& item) {
  return "CQAAABYAAAA" + Base64Url(item.ordinary_id.substr(10, 18));
}

json::value FromSummary(const MessageSummary& summary, std::string_view path) {
  if (path == "internetMessageId") return json::value(summary.internet_message_id);
  if (path == "subject") return json::value(summary.subject);
  if (path == "hasAttachments") return json::value(summary.has_attachments);
  if (path == "from") return First(summary.from);
  if (path == "sender") return First(summary.sender);
  if (path == "from/emailAddress/address") return AddressOf(summary.from);
  if (path == "sender/emailAddress/address") return AddressOf(summary.sender);
  if (path == "toRecipients") return Recipients(summary.to);
  if (path == "ccRecipients") return Recipients(summary.cc);
  if (path == "bccRecipients") return Recipients(summary.bcc);
  if (path == "replyTo") return Recipients(summary.reply_to);
  if (path == "internetMessageHeaders") return Headers(summary);
  if (path == "bodyPreview") return json::value(CutUtf8(summary.body, kPreviewBytes));
  if (path == "body" || path == "uniqueBody") {
    return json::object{{"contentType", summary.body_is_html ? "html" : "text"},
                        {"content", summary.body}};
  }
  return nullptr;
}

}  // namespace

const std::string& IdOf(const Item& item, IdKind kind) {
  return kind == IdKind::kImmutable ? item.immutable_id : item.ordinary_id;
}

QueryRules MessageRules() {
  QueryRules rules;
  rules.type = "message";
  for (const std::string_view name : kDefaultProperties) rules.properties.emplace(name);
  rules.properties.insert({"id", "internetMessageHeaders", "uniqueBody"});
  rules.filterable = {{"internetMessageId", PropertyType::kText},
                      {"subject", PropertyType::kText},
                      {"from/emailAddress/address", PropertyType::kText},
                      {"sender/emailAddress/address", PropertyType::kText},
                      {"parentFolderId", PropertyType::kText},
                      {"conversationId", PropertyType::kText},
                      {"receivedDateTime", PropertyType::kTime},
                      {"sentDateTime", PropertyType::kTime},
                      {"isRead", PropertyType::kBool},
                      {"isDraft", PropertyType::kBool},
                      {"hasAttachments", PropertyType::kBool}};
  rules.syntax_code = "RequestBroker--ParseUri";
  rules.filter_code = "ErrorInvalidUrlQueryFilter";
  return rules;
}

bool IsBeyondBasic(std::string_view property) {
  return std::find(std::begin(kBeyondBasic), std::end(kBeyondBasic), property) !=
         std::end(kBeyondBasic);
}

json::value MessageProperty(const Item& item, std::string_view path, IdKind ids) {
  if (path == "id") return json::value(IdOf(item, ids));
  if (path == "parentFolderId") return json::value(item.folder_id);
  if (path == "receivedDateTime" || path == "createdDateTime") {
    return json::value(SecondsTime(item.received));
  }
  if (path == "sentDateTime")
    return json::value(SecondsTime(item.message->summary.sent.value_or(item.received)));
  if (path == "lastModifiedDateTime") return json::value(SecondsTime(item.modified));
  if (path == "isRead") return json::value(item.read);
  if (path == "isDraft" || path == "isReadReceiptRequested") return json::value(false);
  if (path == "changeKey") return json::value(ChangeKey(item));
  if (path == "categories") return json::array();
  if (path == "importance") return json::value("normal");
  if (path == "inferenceClassification") return json::value("focused");
  if (path == "flag") return json::object{{"flagStatus", "notFlagged"}};
  if (path == "webLink") {
    return json::value("https://outlook.office365.com/owa/?ItemID=" +
                       PercentEncode(item.ordinary_id) + "&exvsurl=1&viewmodel=ReadMessageItem");
  }
  if (path == "conversationId") {
    return json::value("AAQkAD" + Base64Url(GuidFrom("conversation " + item.immutable_id)) + "=");
  }
  if (path == "conversationIndex") {
    return json::value("AQHa" + Base64Url(GuidFrom(item.immutable_id).substr(0, 17)));
  }
  return FromSummary(item.message->summary, path);
}

json::object MessageJson(const Item& item, const GraphQuery& query, IdKind ids, bool basic_only) {
  json::object out{{"@odata.etag", "W/\"" + ChangeKey(item) + "\""}, {"id", IdOf(item, ids)}};
  const auto add = [&](std::string_view name) {
    if (basic_only && IsBeyondBasic(name)) return;
    out[name] = MessageProperty(item, name, ids);
  };
  if (query.select.empty()) {
    for (const std::string_view name : kDefaultProperties) add(name);
  } else {
    for (const std::string& name : query.select) add(name);
  }
  return out;
}

}  // namespace clawback::practice
