// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/decision_record.h"

#include <boost/test/unit_test.hpp>

#include "tests/retract/ledger/samples.h"

namespace clawback {
namespace {

DecisionRecord RoundTrip(const DecisionRecord& record) {
  auto read = DecisionRecordFromJson(ToJson(record));
  BOOST_REQUIRE_MESSAGE(read.ok(), samples::Fault(read));
  return *std::move(read);
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string FaultOf(const std::string& json) {
  const auto read = DecisionRecordFromJson(json);
  BOOST_REQUIRE(!read.ok());
  BOOST_TEST((read.error().kind == ErrorKind::kInvalid));
  return read.error().what;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decision_record)

BOOST_AUTO_TEST_CASE(every_field_comes_back) {
  DecisionRecord record = samples::Record(1, {Action::kTrash, {"ada@contoso.example"}, ""});
  record.parked_bytes_kept = true;
  record.body_kept = true;
  record.source = {{Proof::kTls, true, true, "TLSv1.3", ""},
                   {Proof::kNetwork, true, false, "203.0.113.7", "one in the tenant's networks"},
                   {Proof::kCertificateSubject, false, true, "mail.protection.outlook.com", ""}};
  record.region_rule = {RegionPolicy::kPrimary, {"us-west", "eu1"}};
  const DecisionRecord read = RoundTrip(record);
  BOOST_TEST((read.report_digest == record.report_digest));
  BOOST_TEST(read.report_bytes == record.report_bytes);
  BOOST_TEST((read.received == record.received));
  BOOST_TEST(read.relay == record.relay);
  BOOST_TEST(read.region == record.region);
  BOOST_TEST(read.tenant == record.tenant);
  BOOST_TEST(read.channel.client_address == record.channel.client_address);
  BOOST_TEST(read.channel.client_name == record.channel.client_name);
  BOOST_TEST((read.channel.tls == TlsVersion::kTls13));
  BOOST_TEST(read.channel.tls_version == record.channel.tls_version);
  BOOST_TEST(read.channel.certificate_subject == record.channel.certificate_subject);
  BOOST_TEST(read.channel.certificate_issuer == record.channel.certificate_issuer);
  BOOST_TEST(read.channel.mail_from == record.channel.mail_from);
  BOOST_TEST(read.channel.service_address == record.channel.service_address);
  BOOST_TEST(read.channel.queue_id == record.channel.queue_id);
  BOOST_TEST(read.channel.address_region == "us");
  BOOST_TEST((read.region_rule.policy == RegionPolicy::kPrimary));
  BOOST_TEST((read.region_rule.fallback_relays == record.region_rule.fallback_relays));
  BOOST_TEST(read.parked_bytes_kept);
  BOOST_TEST(read.body_kept);
  BOOST_REQUIRE_EQUAL(read.source.size(), 3U);
  BOOST_TEST((read.source[1].proof == Proof::kNetwork));
  BOOST_TEST(read.source[1].demanded);
  BOOST_TEST(!read.source[1].met);
  BOOST_TEST(read.source[1].seen == "203.0.113.7");
  BOOST_TEST(read.source[1].expected == "one in the tenant's networks");
  BOOST_TEST((read.judgement.fingerprint == record.judgement.fingerprint));
  BOOST_TEST((read.judgement.verdict.disposition == Disposition::kMalicious));
  BOOST_REQUIRE_EQUAL(read.decision.recipients.size(), 1U);
  BOOST_TEST((read.decision.recipients[0].action == Action::kTrash));
  BOOST_TEST(ToJson(read) == ToJson(record));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_come_back) {
  DecisionRecord record = samples::Record(1, {Action::kJunk, {"\xff@contoso.example"}, "<\x80@x>"});
  record.channel.mail_from = std::string("\xc3(\0\"\n", 5);
  const DecisionRecord read = RoundTrip(record);
  BOOST_TEST(read.channel.mail_from == record.channel.mail_from);
  BOOST_TEST(read.judgement.report.message_id == "<\x80@x>");
  BOOST_TEST(read.decision.recipients[0].address == "\xff@contoso.example");
}

BOOST_AUTO_TEST_CASE(a_newer_records_keys_are_passed_over) {
  const std::string json = Replaced(ToJson(samples::Record(1)), "{", "{\"from_the_future\":[1],");
  BOOST_TEST(DecisionRecordFromJson(json).ok());
}

BOOST_AUTO_TEST_CASE(an_older_record_without_regions_is_read_and_proves_nothing) {
  std::string json = Replaced(ToJson(samples::Record(1)), "\"region_policy\":\"strict\",", "");
  json = Replaced(json, ",\"address_region\":\"us\"", "");
  const auto read = DecisionRecordFromJson(json);
  BOOST_REQUIRE_MESSAGE(read.ok(), samples::Fault(read));
  BOOST_TEST(read->channel.address_region.empty());
  BOOST_TEST((StandingOf(read->relay, read->region, read->channel.address_region,
                         read->region_rule) == RegionStanding::kUnproven));
}

BOOST_AUTO_TEST_CASE(a_fault_is_named) {
  const std::string json = ToJson(samples::Record(1));
  BOOST_TEST(FaultOf("").find("not JSON") != std::string::npos);
  BOOST_TEST(FaultOf("[]").find("expected an object") != std::string::npos);
  BOOST_TEST(FaultOf(Replaced(json, "\"report_digest\":\"", "\"report_digest\":\"x"))
                 .find("report_digest") != std::string::npos);
  BOOST_TEST(FaultOf(Replaced(json, "\"received\":\"", "\"received\":\"x")).find("received") !=
             std::string::npos);
  BOOST_TEST(
      FaultOf(Replaced(json, "\"report_bytes\":", "\"report_bytes\":-")).find("report_bytes") !=
      std::string::npos);
  BOOST_TEST(FaultOf(Replaced(json, "\"decision\":", "\"decided\":")).find("decision") !=
             std::string::npos);
  BOOST_TEST(FaultOf(Replaced(json, "\"judgement\":", "\"judged\":")).find("judgement") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_record_cut_anywhere_is_an_error) {
  const std::string json = ToJson(samples::Record(1));
  std::size_t read = 0;
  for (std::size_t size = 0; size < json.size(); ++size) {
    if (DecisionRecordFromJson(std::string_view(json).substr(0, size)).ok()) ++read;
  }
  BOOST_TEST(read == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
