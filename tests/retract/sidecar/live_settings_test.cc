// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/live_settings.h"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "retract/ledger/settings_snapshot.h"
#include "tests/retract/ledger/samples.h"

namespace clawback {
namespace {

namespace json = boost::json;

const Actor kAna{ActorKind::kUser, 1000, "ana"};

struct Bench {
  Bench() {
    std::filesystem::create_directory(folder / "tenants.d");
    Tenant("contoso", '7', "service_addresses: [{address: old@us.relay.example, region: us}]\n");
    Tenant("fabrikam", '8', "trusted_senders: [file.example]\n");
  }
  void Tenant(const std::string& name, char digit, const std::string& more) const {
    std::ofstream(folder / ("tenants.d/" + name + ".yaml"))
        << "name: " << name << "\ntenant_id: " << digit
        << "f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1\ndomains: [" << name << ".example]\n"
        << more
        << "graph: {client_id: 0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e, client_secret: "
           "\"file:/x\"}\n";
  }
  json::array Addresses(const std::string& arguments = "{}") {
    return json::parse(*live.ListAddresses(arguments)).at("rows").as_array();
  }

  samples::TemporaryFolder folder;
  std::unique_ptr<Ledger> ledger = *OpenSqliteLedger(folder / "ledger");
  const std::string snapshot = folder / "run.settings";
  LiveSettings live{*ledger, folder / "tenants.d", snapshot, "us"};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(live_settings)

BOOST_AUTO_TEST_CASE(an_issued_address_is_random_published_listed_and_audited_without_the_secret) {
  Bench bench;
  const auto added = bench.live.AddAddress(R"({"tenant":"contoso","why":"new rule"})", kAna);
  BOOST_REQUIRE_MESSAGE(added.ok(), (added.ok() ? "" : added.error().what));
  const std::string address(json::parse(*added).at("address").as_string());
  const std::string local = address.substr(0, address.find('@'));
  BOOST_TEST(local.size() == 32U);
  BOOST_TEST(local.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == std::string::npos);
  BOOST_TEST(address.substr(32) == "@us.relay.example");

  const json::array rows = bench.Addresses(R"({"tenant":"contoso"})");
  BOOST_REQUIRE_EQUAL(rows.size(), 2U);
  const std::string from(rows[0].at("from").as_string());
  BOOST_TEST(from.find("contoso.yaml:4") != std::string::npos, from);
  BOOST_TEST(rows[1].at("address").as_string() == address);
  BOOST_TEST(rows[1].at("from").as_string() == "settings");
  BOOST_TEST(ReadSettingsSnapshot(bench.snapshot)->tenants.at("contoso").addresses.size() == 1U);

  const auto entries = bench.ledger->FindAudit({});
  BOOST_REQUIRE_EQUAL(entries->size(), 1U);
  const AuditNote& note = entries->front().note;
  BOOST_TEST(note.what == "address.add");
  BOOST_TEST(note.why == "new rule");
  BOOST_TEST((note.target + note.evidence).find(local) == std::string::npos);
  BOOST_TEST(note.evidence.find(R"("region":"us")") != std::string::npos);

  const auto next = bench.live.AddAddress(R"({"tenant":"contoso","why":"again"})", kAna);
  BOOST_TEST(json::parse(*next).at("address").as_string() != address);
  BOOST_TEST(bench.Addresses().size() == 3U);
}

BOOST_AUTO_TEST_CASE(an_address_needs_a_domain_a_region_and_a_reason) {
  Bench bench;
  for (const std::string wrong :
       {R"({"tenant":"contoso"})", R"({"tenant":"nobody","why":"x"})",
        R"({"tenant":"contoso","why":"x","region":"eu"})", R"({"tenant":"fabrikam","why":"x"})",
        R"({"tenant":"contoso","why":"x","region":"E U"})",
        R"({"tenant":"contoso","why":"x","domain":"not a domain"})"}) {
    BOOST_TEST(!bench.live.AddAddress(wrong, kAna).ok(), wrong);
  }
  BOOST_TEST(bench.ledger->FindAudit({})->empty());
  const auto eu = bench.live.AddAddress(
      R"({"tenant":"contoso","why":"x","region":"eu","domain":"EU.relay.example"})", kAna);
  BOOST_REQUIRE(eu.ok());
  const std::string address(json::parse(*eu).at("address").as_string());
  BOOST_TEST(address.substr(32) == "@eu.relay.example");
}

BOOST_AUTO_TEST_CASE(lists_and_people_are_changed_shown_and_audited) {
  Bench bench;
  const auto added = bench.live.EditList(
      ListChange::kAdd,
      R"({"tenant":"contoso","list":"blocked_senders","entry":"Bad.example","why":"ticket"})",
      kAna);
  BOOST_REQUIRE(added.ok());
  BOOST_TEST(added->find(R"("key":"blocked_senders","value":"bad.example")") != std::string::npos);
  const auto person = bench.live.EditPeople(
      ListChange::kAdd,
      R"({"tenant":"contoso","person":"Alice Moreau","addresses":["a@b.example"],"why":"w"})",
      kAna);
  BOOST_REQUIRE(person.ok());
  BOOST_TEST(person->find("Alice Moreau <a@b.example>") != std::string::npos);
  const auto entries = bench.ledger->FindAudit({});
  BOOST_REQUIRE_EQUAL(entries->size(), 2U);
  BOOST_TEST(entries->at(0).note.what == "settings.person-add");
  BOOST_TEST(entries->at(1).note.evidence.find("Bad.example") != std::string::npos);
  const auto pinned = bench.live.EditList(
      ListChange::kAdd,
      R"({"tenant":"fabrikam","list":"trusted_senders","entry":"a.example","why":"w"})", kAna);
  BOOST_REQUIRE(!pinned.ok());
  BOOST_TEST(pinned.error().what.find("fabrikam.yaml:4") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
