// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/decision_record.h"

#include "policy/base/names.h"
#include "policy/json.h"

namespace clawback {
namespace {

constexpr Name<TlsVersion> kTls[] = {
    {TlsVersion::kNone, "none"}, {TlsVersion::kTls12, "1.2"}, {TlsVersion::kTls13, "1.3"}};

std::optional<TlsVersion> TlsFrom(std::string_view text) { return ValueOf(kTls, text); }

boost::json::object ChannelToJson(const Channel& channel) {
  boost::json::object value;
  PutText(&value, "client_address", channel.client_address);
  PutText(&value, "client_name", channel.client_name);
  value["tls"] = NameOf(kTls, channel.tls);
  PutText(&value, "tls_version", channel.tls_version);
  PutBytes(&value, "certificate_subject", channel.certificate_subject);
  PutBytes(&value, "certificate_issuer", channel.certificate_issuer);
  PutBytes(&value, "mail_from", channel.mail_from);
  PutBytes(&value, "service_address", channel.service_address);
  PutText(&value, "queue_id", channel.queue_id);
  PutText(&value, "address_region", channel.address_region);
  if (!channel.replayed_by.empty()) {
    PutText(&value, "replayed_by", channel.replayed_by);
    value["stamps_vouched_for"] = channel.stamps_vouched_for;
  }
  return value;
}

void ChannelFromJson(const JsonReader& reader, Channel* channel) {
  reader.Text("client_address", &channel->client_address);
  reader.Text("client_name", &channel->client_name);
  reader.Named("tls", &channel->tls, TlsFrom);
  reader.Text("tls_version", &channel->tls_version);
  reader.Bytes("certificate_subject", &channel->certificate_subject);
  reader.Bytes("certificate_issuer", &channel->certificate_issuer);
  reader.Bytes("mail_from", &channel->mail_from);
  reader.Bytes("service_address", &channel->service_address);
  reader.Text("queue_id", &channel->queue_id);
  reader.Text("address_region", &channel->address_region);
  reader.Text("replayed_by", &channel->replayed_by);
  reader.Bool("stamps_vouched_for", &channel->stamps_vouched_for);
}

boost::json::array SourceToJson(const std::vector<SourceCheck>& checks) {
  boost::json::array list;
  list.reserve(checks.size());
  for (const SourceCheck& check : checks) {
    boost::json::object value{
        {"check", ToString(check.proof)}, {"demanded", check.demanded}, {"met", check.met}};
    PutText(&value, "seen", check.seen);
    if (!check.expected.empty()) PutText(&value, "expected", check.expected);
    list.push_back(std::move(value));
  }
  return list;
}

void SourceFromJson(const JsonReader& reader, SourceCheck* check) {
  reader.Named("check", &check->proof, ProofFrom);
  reader.Bool("demanded", &check->demanded);
  reader.Bool("met", &check->met);
  reader.Text("seen", &check->seen);
  reader.Text("expected", &check->expected);
}

void FieldsFromJson(const JsonReader& reader, DecisionRecord* record) {
  std::string digest, received;
  reader.Text("report_digest", &digest);
  const auto parsed_digest = DigestFromHex(digest);
  if (!parsed_digest) return reader.Fault("report_digest", "expected 64 hexadecimal digits");
  record->report_digest = *parsed_digest;
  reader.Text("received", &received);
  const auto parsed_time = ParseTime(received);
  if (!parsed_time) return reader.Fault("received", "expected a time of RFC 3339 in UTC");
  record->received = *parsed_time;
  reader.Integer("report_bytes", &record->report_bytes);
  reader.Text("relay", &record->relay);
  reader.Text("region", &record->region);
  reader.Text("tenant", &record->tenant);
  if (reader.Has("region_policy")) {  // of before it was recorded: none
    reader.Named("region_policy", &record->region_rule.policy, RegionPolicyFrom);
  }
  reader.Texts("fallback_relays", &record->region_rule.fallback_relays);
  reader.Object("channel",
                [&](const JsonReader& channel) { ChannelFromJson(channel, &record->channel); });
  reader.Objects("source", [&](const JsonReader& check) {
    SourceFromJson(check, &record->source.emplace_back());
  });
  reader.Bool("parked_bytes_kept", &record->parked_bytes_kept);
  reader.Bool("body_kept", &record->body_kept);
  reader.Object("judged_with",
                [&](const JsonReader& with) { record->judged_with = JudgedWithFromJson(with); });
}

// A value inside that has a reader of its own, as text again.
std::string Inner(const boost::json::value& value, std::string_view key) {
  const boost::json::object* object = value.if_object();
  const boost::json::value* inner = object != nullptr ? object->if_contains(key) : nullptr;
  return inner != nullptr ? boost::json::serialize(*inner) : "";
}

}  // namespace

std::string ToJson(const DecisionRecord& record) {
  boost::json::object value;
  value["report_digest"] = ToHex(record.report_digest);
  value["report_bytes"] = record.report_bytes;
  value["received"] = FormatTime(record.received);
  PutText(&value, "relay", record.relay);
  PutText(&value, "region", record.region);
  PutText(&value, "tenant", record.tenant);
  value["region_policy"] = ToString(record.region_rule.policy);
  if (!record.region_rule.fallback_relays.empty()) {
    boost::json::array& relays = value["fallback_relays"].emplace_array();
    for (const std::string& relay : record.region_rule.fallback_relays) relays.emplace_back(relay);
  }
  value["channel"] = ChannelToJson(record.channel);
  if (!record.source.empty()) value["source"] = SourceToJson(record.source);
  value["parked_bytes_kept"] = record.parked_bytes_kept;
  if (record.body_kept) value["body_kept"] = true;
  if (record.judged_with) value["judged_with"] = JudgedWithToJson(*record.judged_with);
  // These two are JSON already: a report may name 100,000 recipients, and building
  // their tree a second time would double the cost of a commit.
  std::string json = boost::json::serialize(value);
  json.pop_back();
  json.append(",\"judgement\":").append(ToJson(record.judgement));
  json.append(",\"decision\":").append(ToJson(record.decision)).append("}");
  return json;
}

Result<DecisionRecord> DecisionRecordFromJson(std::string_view json) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(json, error);
  if (error) return Error{ErrorKind::kInvalid, "not JSON: " + error.message()};
  DecisionRecord record;
  std::string fault;
  const JsonReader reader(value, "", &fault);
  if (fault.empty()) FieldsFromJson(reader, &record);
  if (!fault.empty()) return Error{ErrorKind::kInvalid, fault};
  Result<Judgement> judgement = JudgementFromJson(Inner(value, "judgement"));
  if (!judgement.ok()) return Within("judgement", judgement.error());
  Result<Decision> decision = DecisionFromJson(Inner(value, "decision"));
  if (!decision.ok()) return Within("decision", decision.error());
  record.judgement = *std::move(judgement);
  record.decision = *std::move(decision);
  return record;
}

}  // namespace clawback
