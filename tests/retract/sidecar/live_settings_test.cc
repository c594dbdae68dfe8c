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
    Tenant("contoso", '7',
           "service_addresses: [{address: old@us.relay.example, region: us}]\n"
           "demands: {secret_address: false}\n");
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

BOOST_AUTO_TEST_CASE(no_address_is_issued_for_a_region_where_no_relay_stands) {
  Bench bench;
  LiveSettings live(*bench.ledger, bench.folder / "tenants.d", bench.snapshot, "us",
                    {{"us-east", "us", "us-east.relay.example"}});
  const auto add = [&](const char* arguments) { return live.AddAddress(arguments, kAna); };
  BOOST_TEST(add(R"({"tenant":"contoso","why":"x"})").ok());
  const auto refused =
      add(R"({"tenant":"contoso","region":"eu","domain":"relay.example","why":"x"})");
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.error().what.find("no relay stands in \"eu\"") != std::string::npos);
}

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

// Text of the address that the answer names.
std::string Issued(const Result<std::string>& answer) {
  BOOST_REQUIRE_MESSAGE(answer.ok(), (answer.ok() ? "" : answer.error().what));
  return std::string(json::parse(*answer).at("address").as_string());
}

Result<std::string> Rotate(Bench& bench, const std::string& more = "") {
  return bench.live.RotateAddress(R"({"tenant":"contoso","why":"yearly")" + more + "}", kAna);
}

Result<std::string> Retire(Bench& bench, const std::string& address, const std::string& more = "") {
  return bench.live.RetireAddress(R"({"address":")" + address + R"(","why":"done")" + more + "}",
                                  kAna);
}

BOOST_AUTO_TEST_CASE(of_a_rotated_address_both_are_valid_until_the_old_one_is_retired) {
  Bench bench;
  const std::string first = Issued(Rotate(bench));  // the file's address is replaced
  Issued(Rotate(bench));                            // and the one that replaced it
  json::array rows = bench.Addresses(R"({"tenant":"contoso"})");
  BOOST_TEST(rows.size() == 3U);
  BOOST_TEST(rows[1].at("replaces").as_string() == "old@us.relay.example");
  for (const json::value& row : rows) {
    BOOST_TEST(row.at("valid").as_bool());
    BOOST_TEST(!row.as_object().contains("ends"));
  }
  // The first one is being replaced by the second: neither a second time.
  const std::string second(rows[2].at("address").as_string());
  BOOST_TEST(rows[2].at("replaces").as_string() == first);
  BOOST_TEST((Rotate(bench, R"(,"address":")" + first + "\"").error().kind == ErrorKind::kRefused));

  BOOST_REQUIRE(Retire(bench, first).ok());
  rows = bench.Addresses(R"({"tenant":"contoso"})");
  BOOST_TEST(!rows[1].at("valid").as_bool());
  BOOST_TEST((Retire(bench, first).error().kind == ErrorKind::kNotFound));
  // What the file names ends where it is taken out of the file.
  const auto pinned = Retire(bench, "old@us.relay.example");
  BOOST_TEST((pinned.error().kind == ErrorKind::kRefused));
  BOOST_TEST(pinned.error().what.find("contoso.yaml:4") != std::string::npos);
  // The milter is told, and the audit names neither secret.
  const Settings published = *ReadSettingsSnapshot(bench.snapshot);
  const auto& addresses = published.tenants.at("contoso").addresses;
  BOOST_REQUIRE_EQUAL(addresses.size(), 2U);
  BOOST_TEST(!addresses[0].IsValid(SystemClock().Now()));
  BOOST_TEST(addresses[1].IsValid(SystemClock().Now()));
  std::vector<std::string> what;
  const auto entries = bench.ledger->FindAudit({});
  for (const AuditEntry& entry : *entries) {
    what.push_back(entry.note.what);
    for (const std::string& secret : {first, second}) {
      const std::string local = secret.substr(0, secret.find('@'));
      BOOST_TEST((entry.note.target + entry.note.evidence).find(local) == std::string::npos);
    }
  }
  BOOST_TEST(what ==
             std::vector<std::string>({"address.retire", "address.rotate", "address.rotate"}));
}

BOOST_AUTO_TEST_CASE(an_old_address_can_end_by_itself_but_never_the_last_one) {
  Bench bench;
  const std::string only = Issued(bench.live.AddAddress(
      R"({"tenant":"fabrikam","why":"first","domain":"us.relay.example"})", kAna));
  const auto last = Retire(bench, only);
  BOOST_TEST((last.error().kind == ErrorKind::kRefused));
  BOOST_TEST(last.error().what.find("rotate") != std::string::npos);
  const auto rotate = [&](const std::string& more) {
    return bench.live.RotateAddress(R"({"tenant":"fabrikam","why":"w")" + more + "}", kAna);
  };
  BOOST_TEST((rotate(R"(,"ends":"2020-01-01T00:00:00Z")").error().kind == ErrorKind::kInvalid));
  BOOST_TEST((rotate(R"(,"ends":"soon")").error().kind == ErrorKind::kInvalid));
  const std::string fresh = Issued(rotate(R"(,"ends":"2999-01-01T00:00:00Z")"));
  json::array rows = bench.Addresses(R"({"tenant":"fabrikam"})");
  BOOST_TEST(rows[0].at("ends").as_string() == "2999-01-01T00:00:00.000Z");
  BOOST_TEST(rows[0].at("valid").as_bool());
  // The other one ends: this one must not.
  BOOST_TEST((Retire(bench, fresh).error().kind == ErrorKind::kRefused));
  BOOST_TEST(Retire(bench, only, R"(,"ends":"2998-01-01T00:00:00Z")").ok());
  BOOST_TEST(
      (rotate(R"(,"address":"nobody@us.relay.example")").error().kind == ErrorKind::kNotFound));
  // Of a file's address no end can be set here.
  BOOST_TEST(
      (Rotate(bench, R"(,"ends":"2999-01-01T00:00:00Z")").error().kind == ErrorKind::kRefused));
  BOOST_TEST((rotate(R"(,"region":"eu")").error().kind == ErrorKind::kNotFound));
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
