// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/judgement.h"

#include <charconv>
#include <cstddef>
#include <utility>

#include "policy/engine_answer_json.h"
#include "policy/journal/report_json.h"
#include "policy/json.h"
#include "policy/judge/verdict_json.h"

namespace clawback {
namespace {

using boost::json::object;

// --- fingerprint ----------------------------------------------------------------

// Two hex digits a byte, one hash after the other: half of what a JSON array takes,
// and no reader can round a number of 64 bits.
template <typename Hash>
std::string HashesToHex(const std::vector<Hash>& hashes) {
  std::string hex;
  hex.reserve(hashes.size() * 2 * sizeof(Hash));
  for (const Hash hash : hashes) {
    for (unsigned shift = 8 * sizeof(Hash); shift > 0; shift -= 4) {
      hex.push_back("0123456789abcdef"[(hash >> (shift - 4)) & 0xFU]);
    }
  }
  return hex;
}

template <typename Hash>
bool HashesFromHex(std::string_view hex, std::vector<Hash>* hashes) {
  constexpr std::size_t kDigits = 2 * sizeof(Hash);
  if (hex.size() % kDigits != 0) return false;
  for (std::size_t i = 0; i < hex.size(); i += kDigits) {
    Hash hash = 0;
    const char* end = hex.data() + i + kDigits;
    const auto [stop, error] = std::from_chars(hex.data() + i, end, hash, 16);
    if (error != std::errc() || stop != end) return false;
    hashes->push_back(hash);
  }
  return true;
}

object FingerprintToJson(const Fingerprint& fingerprint) {
  object value;
  PutBytes(&value, "message_id", fingerprint.message_id);
  PutBytes(&value, "from", fingerprint.from);
  PutBytes(&value, "subject", fingerprint.subject);
  value["date"] = fingerprint.date;
  PutBytes(&value, "network_message_id", fingerprint.network_message_id);
  value["text"] = HashesToHex(fingerprint.text);
  value["text_triples"] = fingerprint.text_triples;
  value["attachments"] = TextsToJson(fingerprint.attachments);
  return value;
}

void FingerprintFromJson(const JsonReader& reader, Fingerprint* fingerprint) {
  reader.Bytes("message_id", &fingerprint->message_id);
  reader.Bytes("from", &fingerprint->from);
  reader.Bytes("subject", &fingerprint->subject);
  reader.Integer("date", &fingerprint->date);
  reader.Bytes("network_message_id", &fingerprint->network_message_id);
  std::string hashes;
  reader.Text("text", &hashes);
  if (!HashesFromHex(hashes, &fingerprint->text)) {
    reader.Fault("text", "expected 16 hexadecimal digits a hash");
  }
  reader.Integer("text_triples", &fingerprint->text_triples);
  reader.Texts("attachments", &fingerprint->attachments);
}

// --- features --------------------------------------------------------------------

object FeaturesToJson(const FeatureVector& features) {
  return object{{"content", HashesToHex(features.content)},
                {"structure", HashesToHex(features.structure)}};
}

void FeaturesFromJson(const JsonReader& reader, FeatureVector* features) {
  const auto read = [&](std::string_view key, std::vector<std::uint32_t>* hashes) {
    std::string hex;
    reader.Text(key, &hex);
    if (!HashesFromHex(hex, hashes)) reader.Fault(key, "expected 8 hexadecimal digits a feature");
  };
  read("content", &features->content);
  read("structure", &features->structure);
}

object HuntToJson(const HuntFeatures& hunt) {
  object value;
  value["hosts"] = TextsToJson(hunt.hosts);
  value["domains"] = TextsToJson(hunt.domains);
  value["urls"] = HashesToHex(hunt.urls);
  if (!hunt.files.empty()) value["files"] = TextsToJson(hunt.files);
  PutText(&value, "subject_key", hunt.subject_key);
  if (hunt.more) value["more"] = true;
  return value;
}

void HuntFromJson(const JsonReader& reader, HuntFeatures* hunt) {
  reader.Texts("hosts", &hunt->hosts);
  reader.Texts("domains", &hunt->domains);
  reader.Texts("files", &hunt->files);
  std::string hex;
  reader.Text("urls", &hex);
  if (!HashesFromHex(hex, &hunt->urls)) {
    reader.Fault("urls", "expected 16 hexadecimal digits an address");
  }
  reader.Text("subject_key", &hunt->subject_key);
  reader.Bool("more", &hunt->more);
}

void SenderFromJson(const JsonReader& reader, MessageSender* sender) {
  reader.Text("address", &sender->address);
  reader.Bool("authenticated", &sender->authenticated);
}

}  // namespace

std::string ToJson(const Judgement& judgement) {
  std::string json = "{\"report\":";
  json.append(boost::json::serialize(ReportToJson(judgement.report)));
  json.back() = ',';  // its closing brace comes after the recipients
  json.append("\"recipients\":");
  AppendRecipients(judgement.report.recipients, &json);
  json.push_back('}');

  object value;
  value["fingerprint"] = FingerprintToJson(judgement.fingerprint);
  value["verdict"] = VerdictToJson(judgement.verdict);
  PutText(&value, "from", judgement.from);
  value["message_bytes"] = judgement.message_bytes;
  object sender;
  PutText(&sender, "address", judgement.sender.address);
  sender["authenticated"] = judgement.sender.authenticated;
  value["sender"] = std::move(sender);
  if (!judgement.model.empty()) PutText(&value, "model", judgement.model);
  if (judgement.message_offset) value["message_offset"] = *judgement.message_offset;
  if (!judgement.hunt.empty()) value["hunt"] = HuntToJson(judgement.hunt);
  if (!judgement.engines.empty()) value["engines"] = EngineAnswersToJson(judgement.engines);
  if (!judgement.lists.empty()) value["lists"] = TextsToJson(judgement.lists);
  if (judgement.features != FeatureVector{}) {
    value["features"] = FeaturesToJson(judgement.features);
  }
  std::string rest = boost::json::serialize(value);
  rest.front() = ',';
  return json.append(rest);
}

Result<Judgement> JudgementFromJson(std::string_view json) {
  Judgement judgement;
  const Status read = ReadJson(json, [&](const JsonReader& reader) {
    for (const std::string_view key : {"report", "fingerprint", "verdict"}) {
      if (!reader.Has(key)) reader.Fault(key, "is missing");
    }
    reader.Object("report", [&](const JsonReader& r) { ReportFromJson(r, &judgement.report); });
    reader.Object("fingerprint",
                  [&](const JsonReader& r) { FingerprintFromJson(r, &judgement.fingerprint); });
    reader.Object("verdict", [&](const JsonReader& r) { VerdictFromJson(r, &judgement.verdict); });
    reader.Text("from", &judgement.from);
    reader.Integer("message_bytes", &judgement.message_bytes);
    reader.Object("sender", [&](const JsonReader& r) { SenderFromJson(r, &judgement.sender); });
    reader.Text("model", &judgement.model);
    if (reader.Has("message_offset")) {
      reader.Integer("message_offset", &judgement.message_offset.emplace());
    }
    reader.Object("hunt", [&](const JsonReader& r) { HuntFromJson(r, &judgement.hunt); });
    reader.Objects("engines", [&](const JsonReader& r) {
      judgement.engines.push_back(EngineAnswerFromJson(r));
    });
    reader.Texts("lists", &judgement.lists);
    reader.Object("features",
                  [&](const JsonReader& r) { FeaturesFromJson(r, &judgement.features); });
  });
  if (!read.ok()) return Within("judgement", read.error());
  return judgement;
}

std::string ToJson(const Fingerprint& fingerprint) {
  return boost::json::serialize(FingerprintToJson(fingerprint));
}

Result<Fingerprint> FingerprintFromJson(std::string_view json) {
  Fingerprint fingerprint;
  const Status read =
      ReadJson(json, [&](const JsonReader& reader) { FingerprintFromJson(reader, &fingerprint); });
  if (!read.ok()) return Within("fingerprint", read.error());
  return fingerprint;
}

}  // namespace clawback
