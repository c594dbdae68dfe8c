// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "policy/base/digest.h"
#include "policy/tenant.h"
#include "tests/policy/temporary_folder.h"

namespace clawback {
namespace {

constexpr std::string_view kGood = R"(name: contoso
tenant_id: 7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1
domains: [contoso.example]
service_addresses:
  - address: jrn-1@relay.clawback.example
    region: us
demands:
  minimum_tls: "1.2"
  networks: [40.92.0.0/15]
  secret_address: false
mode: observe
actions:
  MALICIOUS: soft-delete
graph:
  cloud: global
  client_id: 0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e
  client_secret: file:/etc/clawback/contoso.secret
)";

std::string Replaced(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const size_t at = text.find(from);
  BOOST_REQUIRE_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

// The faults of a file with that text, each "line:column: what".
std::vector<std::string> FaultsOf(const std::string& text) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("t.yaml", text);
  std::vector<std::string> faults;
  for (const ConfigFault& fault : ReadTenantFile(path).faults) {
    const std::string line = ToString(fault);
    BOOST_REQUIRE_EQUAL(line.substr(0, path.size() + 1), path + ":");
    faults.push_back(line.substr(path.size() + 1));
  }
  return faults;
}

struct FaultCase {
  std::string_view from, to, fault;
};

constexpr FaultCase kFaultCases[] = {
    {"mode: observe", "region_policy: loose",
     "11:16: \"region_policy\": expected one of strict, primary"},
    {"mode: observe", "region_policy: primary",
     "11:16: \"region_policy\": expected fallback_relays beside primary, the names of the relays "
     "that may take another region's reports"},
    {"mode: observe", "fallback_relays: [us-west]",
     "11:18: \"fallback_relays\": expected none, for region_policy is strict: reports of another "
     "region are never taken"},
    {"mode: observe", "region_policy: primary\nfallback_relays: [us-west, \"US west\"]",
     "12:28: \"fallback_relays\": expected the name of a relay, a-z, 0-9 and inner \"-\", at most "
     "63"},
    {"mode: observe", "after_accepting: forward",
     "11:18: \"after_accepting\": expected one of discard, pass-on"},
    {"mode: observe", "keep_bodies: all",
     "11:14: \"keep_bodies\": expected one of none, detections"},
    {"name: contoso", "name: Contoso Ltd",
     "1:7: \"name\": expected a-z, 0-9 and inner \"-\", at most 63"},
    {"name: contoso", "nmae: contoso", "1:1: unknown key \"nmae\", expected \"name\"?"},
    {"7f3c1a52-9d0e", "7f3c1a529d0e",
     "2:12: \"tenant_id\": expected a GUID such as 7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1"},
    {"[contoso.example]", "[contoso.example, contoso]",
     "3:28: \"domains\": expected a domain such as contoso.example "
     "(international ones in their xn-- form)"},
    {"[contoso.example]", "contoso.example", "3:10: \"domains\": expected a list of texts"},
    {"[contoso.example]", "[]", "3:10: \"domains\" is empty, expected a list of texts"},
    {"jrn-1@relay.clawback.example", "jrn 1@relay.clawback.example",
     "5:14: \"address\": expected an address, local@domain"},
    {"    region: us\n", "", "5:5: \"region\" is missing, expected text"},
    {"    region: us\n", "    region:\n", "6:5: \"region\" is empty, expected text"},
    {"    region: us\n",
     "    region: us\n  - address: JRN-1@relay.clawback.example\n    region: eu\n",
     "7:14: \"address\": the same service address twice, expected one"},
    {"\"1.2\"", "\"1.1\"", "8:16: \"minimum_tls\": expected one of none, 1.2, 1.3"},
    {"\"1.2\"", "none\n  certificate_subject: a.example",
     "8:16: \"minimum_tls\": expected 1.2 or 1.3 with certificate_subject"},
    {"[40.92.0.0/15]", "[40.92.0.0/15, 40.93.0.0/15]",
     "9:28: \"networks\": expected a network such as 40.92.0.0/15 or 2a01:111:f400::/48, "
     "without host bits, or exchange-online"},
    {"secret_address: false", "secret_address: true",
     "5:14: \"address\": can be guessed, expected 26 random letters and digits or more before the "
     "@ (clawback address add issues such), or demands.secret_address: false"},
    {"secret_address: false", "secret_address: false\n  certificate_issuers: [Some CA]",
     "11:24: \"certificate_issuers\": expected certificate_subject with it, for an authority "
     "vouches "
     "for many names"},
    {"mode: observe", "mode: enforced", "11:7: \"mode\": expected one of observe, enforce"},
    {"mode: observe", "mode: observe\nmode: enforce", "12:1: key \"mode\" twice, first in line 11"},
    {"MALICIOUS: soft-delete", "NONE: junk",
     "13:3: unknown key \"NONE\", expected one of BULK, SPAM, SPOOF, SUSPICIOUS, MALICIOUS, "
     "UNSCANNABLE"},
    {"MALICIOUS: soft-delete", "MALICIOUS: delete",
     "13:14: \"MALICIOUS\": expected one of none, junk, trash, soft-delete, hard-delete"},
    {"cloud: global", "cloud: mars",
     "15:10: \"cloud\": expected one of global, gcc-high, dod, china"},
    {"0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e", "app",
     "16:14: \"client_id\": expected a GUID such as 7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1"},
    {"file:/etc/clawback/contoso.secret", "hunter2",
     "17:18: \"client_secret\": expected a reference, file:/path or credential:NAME, never the "
     "secret itself"},
    {"  client_secret: file:/etc/clawback/contoso.secret\n", "",
     "15:3: no credential, expected client_secret, certificate with certificate_key, or "
     "federated_token"},
    {"client_secret: file:/etc/clawback/contoso.secret\n",
     "client_secret: file:/s\n  certificate: a.pem\n",
     "17:18: expected client_secret, certificate with certificate_key, or federated_token, not "
     "both"},
    {"client_secret: file:/etc/clawback/contoso.secret\n",
     "federated_token: file:/t\n  certificate: a.pem\n",
     "17:20: expected client_secret, certificate with certificate_key, or federated_token, not "
     "both"},
    {"cloud: global", "client_secret_ends: soon",
     "15:23: \"client_secret_ends\": expected a day such as 2027-03-31, or a time such as "
     "2027-03-31T12:00:00Z"},
    {"client_secret: file:/etc/clawback/contoso.secret",
     "federated_token: file:/t\n  client_secret_ends: 2027-03-31",
     "18:23: \"client_secret_ends\" without \"client_secret\", expected both"},
    {"cloud: global", "redirect_uri: http://relay.example/consent",
     "15:17: \"redirect_uri\": expected https://host/path, or http://localhost/path, as registered "
     "with the app"},
    {"cloud: global", "redirect_uri: https://relay.example/consent?x",
     "15:17: \"redirect_uri\": expected https://host/path, or http://localhost/path, as registered "
     "with the app"},
    {"client_secret: file:/etc/clawback/contoso.secret", "certificate: a.pem",
     "17:16: \"certificate\" without \"certificate_key\", expected both"},
    {"client_secret: file:/etc/clawback/contoso.secret", "certificate_key: file:/a.key",
     "17:20: \"certificate_key\" without \"certificate\", expected both"},
    {"cloud: global", "login_url: http://localhost:1",
     "15:14: \"login_url\": expected https://host or https://host:port"},
    {"cloud: global", "graph_url: https://user@localhost",
     "15:14: \"graph_url\": expected https://host or https://host:port"},
    {"mode: observe", "people:\n  - addresses: [a@b.example]",
     "12:5: \"name\" is missing, expected text"},
    {"mode: observe", "people:\n  - name: A B\n    addresses: [a@b.example, a]",
     "13:30: \"addresses\": expected an address, local@domain"},
    {"mode: observe", "mode: [observe", "12:8: end of sequence flow not found, expected YAML"},
    {"mode: observe", "mode: observe\x04", "11:14: expected UTF-8 text without control characters"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tenant_file)

BOOST_AUTO_TEST_CASE(a_file_that_demands_nothing_by_name_demands_what_is_safe) {
  const TemporaryFolder folder;
  const std::string demands =
      "demands:\n  minimum_tls: \"1.2\"\n  networks: [40.92.0.0/15]\n  secret_address: false\n";
  const std::string secret = Replaced("jrn-1@", "k4mzq7ydx2vtn6rh3wcj5bpsl2eafgui@");
  std::string text = secret;
  text.erase(text.find(demands), demands.size());
  const TenantFile file = ReadTenantFile(folder.Write("t.yaml", text));
  for (const ConfigFault& fault : file.faults) BOOST_ERROR(ToString(fault));
  const Demands& safe = file.tenant.demands;
  BOOST_TEST((safe.minimum_tls == TlsVersion::kTls12));
  BOOST_TEST(safe.networks == ExchangeOnlineNetworks());
  BOOST_TEST(safe.secret_address);
  BOOST_TEST(!safe.originator_org.has_value());  // one of the domains
  BOOST_TEST(safe.tenant_id_mark);
  BOOST_TEST(safe.certificate_subject.empty());
  // The guessable address of the sample is then a fault.
  text = std::string(kGood);
  text.erase(text.find(demands), demands.size());
  BOOST_TEST(FaultsOf(text).size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_list_of_exchange_online_can_be_replaced_for_a_folder) {
  const TemporaryFolder folder;
  const std::string path =
      folder.Write("t.yaml", Replaced("[40.92.0.0/15]", "[192.0.2.0/24, exchange-online]"));
  std::vector<std::string> expected = {"192.0.2.0/24"};
  for (const std::string& each : ExchangeOnlineNetworks()) expected.push_back(each);
  BOOST_TEST(ReadTenantFile(path).tenant.demands.networks == expected);
  folder.Write("exchange-online.networks", "networks: [198.51.100.0/24]\n");
  expected = {"192.0.2.0/24", "198.51.100.0/24"};
  BOOST_TEST(ReadTenantFile(path).tenant.demands.networks == expected);
  for (const std::string_view wrong : {"networks: [198.51.100.1/24]\n", "networks: []\n", "{}\n",
                                       "networks: [exchange-online]\n", "net: [192.0.2.0/24]\n"}) {
    folder.Write("exchange-online.networks", wrong);
    const auto faults = ReadTenantFile(path).faults;
    BOOST_REQUIRE_MESSAGE(!faults.empty(), wrong);
    BOOST_TEST(ToString(faults.back()).find("exchange-online.networks:1:") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(the_example_is_read_as_it_says) {
  const std::string path =
      std::string(CLAWBACK_SOURCE_DIR) + "/packaging/examples/tenants.d/contoso.yaml";
  const TenantFile file = ReadTenantFile(path);
  for (const ConfigFault& fault : file.faults) BOOST_ERROR(ToString(fault));
  const Tenant& tenant = file.tenant;
  BOOST_TEST(tenant.name == "contoso");
  BOOST_TEST(tenant.tenant_id == "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1");
  BOOST_TEST(tenant.domains.size() == 2U);
  BOOST_TEST(tenant.people.size() == 1U);
  BOOST_TEST(tenant.people.at(0).name == "Alice Moreau");
  BOOST_TEST(tenant.people.at(0).addresses.at(0) == "alice.moreau@private.example");
  BOOST_TEST(tenant.service_addresses.at(0).address ==
             "k4mzq7ydx2vtn6rh3wcj5bpsl2eafgui@relay.clawback.example");
  BOOST_TEST(tenant.service_addresses.at(0).region == "us");
  BOOST_TEST((tenant.demands.minimum_tls == TlsVersion::kTls12));
  BOOST_TEST(tenant.demands.certificate_subject.empty());
  BOOST_TEST(tenant.demands.networks == ExchangeOnlineNetworks());
  BOOST_TEST(tenant.demands.secret_address);
  BOOST_TEST(tenant.demands.originator_org.value() == "contosotest.onmicrosoft.com");
  BOOST_TEST(tenant.demands.tenant_id_mark);
  BOOST_TEST((tenant.mode == Mode::kObserve));
  BOOST_TEST((tenant.actions.For(Disposition::kMalicious) == Action::kSoftDelete));
  BOOST_TEST((tenant.actions.For(Disposition::kSpam) == Action::kJunk));
  BOOST_TEST((tenant.actions.For(Disposition::kBulk) == Action::kNone));
  BOOST_TEST((tenant.actions.For(Disposition::kUnscannable) == Action::kNone));
  BOOST_TEST((tenant.graph.cloud == Cloud::kGlobal));
  BOOST_TEST(tenant.graph.client_id == "0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e");
  BOOST_TEST(tenant.graph.certificate == "/etc/clawback/contoso.crt");
  BOOST_TEST(tenant.graph.certificate_key == "credential:contoso-key");
  BOOST_TEST(tenant.file == path);
}

BOOST_AUTO_TEST_CASE(judges_are_told_the_domains_and_the_people_folded) {
  const TemporaryFolder folder;
  const std::string path = folder.Write(
      "t.yaml", Replaced("mode: observe", "people:\n  - {name: A B, addresses: [A@B.example]}"));
  const TenantProfile expected{"contoso", {"contoso.example"}, {{"A B", {"a@b.example"}}}};
  BOOST_TEST((ReadTenantFile(path).tenant.Profile() == expected));
}

BOOST_AUTO_TEST_CASE(brands_thresholds_and_lists_are_read_and_bounded) {
  const TemporaryFolder folder;
  const Tenant tenant =
      ReadTenantFile(
          folder.Write("t.yaml",
                       Replaced("mode: observe",
                                "brands:\n  - {name: Contoso Pay, domains: [Pay.example]}\n"
                                "thresholds: {malicious: 95, spam: 60}\n"
                                "blocked_hosts: [Evil.example]\n"
                                "list_files: {new_domains: new.txt}\n")))
          .tenant;
  BOOST_TEST((tenant.brands == std::vector<TenantBrand>{{"Contoso Pay", {"pay.example"}}}));
  BOOST_TEST((tenant.thresholds == Thresholds{.malicious = 95, .spam = 60}));
  BOOST_TEST(tenant.lists.at(ListName::kBlockedHosts).at(0) == "evil.example");
  BOOST_TEST(tenant.list_files.paths.at(2) == folder.path() + "/new.txt");
  for (const char* bad :
       {"thresholds: {malicious: 79}", "thresholds: {suspicious: 81}", "thresholds: {spam: 5}",
        "thresholds: {unscannable: 50}", "blocked_hashes: [abc]",
        "brands: [{name: A, domains: [a b]}]", "list_files: {old_domains: x}"}) {
    BOOST_TEST(
        ReadTenantFile(folder.Write("b.yaml", Replaced("mode: observe", bad))).faults.size() == 1U,
        bad);
  }
}

BOOST_AUTO_TEST_CASE(the_settings_version_is_the_start_of_the_files_digest) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("t.yaml", kGood);
  BOOST_TEST(ReadTenantFile(path).tenant.settings_version == ToHex(Sha256Of(kGood)).substr(0, 16));
}

BOOST_AUTO_TEST_CASE(a_fault_says_where_it_is_and_what_was_expected) {
  BOOST_REQUIRE(FaultsOf(std::string(kGood)).empty());
  for (const FaultCase& test : kFaultCases) {
    BOOST_TEST_CONTEXT("with " << test.to) {
      const auto faults = FaultsOf(Replaced(test.from, test.to));
      BOOST_REQUIRE(!faults.empty());
      const auto at = std::find(faults.begin(), faults.end(), test.fault);
      BOOST_TEST((at != faults.end()), faults.front());
    }
  }
}

BOOST_AUTO_TEST_CASE(every_fault_is_reported_in_the_order_of_the_file) {
  std::string text = Replaced("mode: observe", "mode: maybe");
  text.replace(text.find("name: contoso"), 13, "name: ''");
  text += "  bogus: 1\n";
  const auto faults = FaultsOf(text);
  BOOST_REQUIRE_EQUAL(faults.size(), 3U);
  BOOST_TEST(faults[0].substr(0, 4) == "1:7:");
  BOOST_TEST(faults[1].substr(0, 5) == "11:7:");
  BOOST_TEST(faults[2].substr(0, 5) == "18:3:");
}

BOOST_AUTO_TEST_CASE(every_required_section_is_asked_for) {
  for (const std::string_view key : {"name", "tenant_id", "domains", "graph"}) {
    const auto faults = FaultsOf("mode: observe\n");
    const std::string wanted = "1:1: \"" + std::string(key) + "\" is missing";
    const bool found = std::any_of(faults.begin(), faults.end(), [&](const std::string& fault) {
      return fault.substr(0, wanted.size()) == wanted;
    });
    BOOST_TEST(found, key);
  }
}

BOOST_AUTO_TEST_CASE(hard_delete_is_refused_where_the_cloud_has_no_permanent_delete) {
  for (const std::string cloud : {"gcc-high", "dod", "china"}) {
    std::string text = Replaced("cloud: global", "cloud: " + cloud);
    text.replace(text.find("soft-delete"), 11, "hard-delete");
    const auto faults = FaultsOf(text);
    BOOST_REQUIRE_EQUAL(faults.size(), 1U);
    BOOST_TEST(faults[0] == "13:14: \"MALICIOUS\": hard-delete cannot be done in cloud " + cloud +
                                ", whose Graph has no permanentDelete; expected soft-delete or "
                                "milder");
  }
  BOOST_TEST(FaultsOf(Replaced("soft-delete", "hard-delete")).empty());
}

BOOST_AUTO_TEST_CASE(how_the_app_signs_in_and_where_consent_ends) {
  const TemporaryFolder folder;
  const std::string path = folder.Write(
      "t.yaml",
      Replaced("cloud: global",
               "client_secret_ends: 2027-03-31\n  redirect_uri: http://localhost:8080/x"));
  const TenantFile file = ReadTenantFile(path);
  BOOST_REQUIRE(file.faults.empty());
  BOOST_TEST(FormatTime(file.tenant.graph.client_secret_ends.value()) ==
             "2027-03-31T00:00:00.000Z");
  BOOST_TEST(file.tenant.graph.redirect_uri == "http://localhost:8080/x");
  const std::string other =
      folder.Write("u.yaml", Replaced("client_secret: file:/etc/clawback/contoso.secret",
                                      "federated_token: file:tokens/azure"));
  BOOST_TEST(ReadTenantFile(other).tenant.graph.federated_token ==
             "file:" + folder.path() + "/tokens/azure");
}

BOOST_AUTO_TEST_CASE(a_secret_in_the_file_is_never_repeated_in_the_fault) {
  for (const std::string& fault :
       FaultsOf(Replaced("file:/etc/clawback/contoso.secret", "s3cr3t-canary"))) {
    BOOST_TEST(fault.find("s3cr3t-canary") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(relative_paths_count_from_the_files_folder) {
  const TemporaryFolder folder;
  std::string text = Replaced("client_secret: file:/etc/clawback/contoso.secret",
                              "certificate: keys/app.crt\n  certificate_key: file:keys/app.key\n"
                              "  ca_file: ../ca.pem");
  const TenantFile file = ReadTenantFile(folder.Write("t.yaml", text));
  for (const ConfigFault& fault : file.faults) BOOST_ERROR(ToString(fault));
  BOOST_TEST(file.tenant.graph.certificate == folder.path() + "/keys/app.crt");
  BOOST_TEST(file.tenant.graph.certificate_key == "file:" + folder.path() + "/keys/app.key");
  BOOST_TEST(file.tenant.graph.ca_file ==
             std::filesystem::path(folder.path()).parent_path().string() + "/ca.pem");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_is_one_fault_without_a_place) {
  const TenantFile file = ReadTenantFile("/nonexistent/t.yaml");
  BOOST_REQUIRE_EQUAL(file.faults.size(), 1U);
  BOOST_TEST(ToString(file.faults[0]) == "/nonexistent/t.yaml: no such file");
}

BOOST_AUTO_TEST_CASE(strict_and_discarded_unless_the_file_says_otherwise) {
  const TemporaryFolder folder;
  const Tenant plain = ReadTenantFile(folder.Write("a.yaml", kGood)).tenant;
  BOOST_TEST((plain.region_rule.policy == RegionPolicy::kStrict));
  BOOST_TEST(plain.region_rule.fallback_relays.empty());
  BOOST_TEST((plain.after_accepting == AfterAccepting::kDiscard));
  BOOST_TEST((plain.keep_bodies == KeepBodies::kNone));
  const std::string other =
      Replaced("mode: observe",
               "region_policy: primary\nfallback_relays: [us-west, eu1]\nafter_accepting: pass-on\n"
               "keep_bodies: detections");
  const Tenant changed = ReadTenantFile(folder.Write("b.yaml", other)).tenant;
  BOOST_TEST((changed.region_rule.policy == RegionPolicy::kPrimary));
  BOOST_TEST((changed.region_rule.fallback_relays == std::vector<std::string>{"us-west", "eu1"}));
  BOOST_TEST((changed.after_accepting == AfterAccepting::kPassOn));
  BOOST_TEST((changed.keep_bodies == KeepBodies::kDetections));
}

BOOST_AUTO_TEST_CASE(regions_and_relays_that_are_not_known_are_faults_with_their_place) {
  const std::vector<RelayHost> relays = {{"us-east", "us", "e.relay.example"},
                                         {"eu1", "eu", "x.relay.example"}};
  const TemporaryFolder folder;
  const auto fault_of = [&](const std::string& text) {
    const std::string path = folder.Write("t.yaml", text);
    const auto faults = ReadTenantFolder(folder.path(), relays).faults;
    return faults.empty() ? "" : ToString(faults.front()).substr(path.size() + 1);
  };
  BOOST_TEST(fault_of(std::string(kGood)) == "");
  BOOST_TEST(fault_of(Replaced("region: us", "region: uk")) ==
             "6:13: \"region\": no relay stands in uk, expected one of eu, us");
  BOOST_TEST(fault_of(Replaced("mode: observe",
                               "region_policy: primary\nfallback_relays: [eu1, us-eats]")) ==
             "12:24: \"fallback_relays\": there is no relay us-eats, expected one of eu1, us-east");
}

BOOST_AUTO_TEST_CASE(a_folder_gives_its_tenants_in_order_of_name) {
  const TemporaryFolder folder;
  std::string second(kGood);
  second.replace(second.find("contoso"), 7, "fabrikam");
  second.replace(second.find("7f3c1a52"), 8, "00000000");
  second.replace(second.find("jrn-1"), 5, "jrn-2");
  folder.Write("b.yaml", kGood);
  folder.Write("a.yaml", second);
  folder.Write("c.yaml.bak", "not: read");
  const TenantDirectoryFiles files = ReadTenantFolder(folder.path());
  for (const ConfigFault& fault : files.faults) BOOST_ERROR(ToString(fault));
  BOOST_REQUIRE_EQUAL(files.directory.tenants().size(), 2U);
  BOOST_TEST(files.directory.tenants()[0].name == "fabrikam");
  BOOST_TEST(files.directory.tenants()[1].name == "contoso");
}

BOOST_AUTO_TEST_CASE(what_two_tenants_claim_is_a_fault_of_the_second) {
  const TemporaryFolder folder;
  folder.Write("a.yaml", kGood);
  const std::string second = folder.Write("b.yaml", kGood);
  const TenantDirectoryFiles files = ReadTenantFolder(folder.path());
  BOOST_REQUIRE_EQUAL(files.faults.size(), 3U);
  BOOST_TEST(ToString(files.faults[0]) == second + ": name \"contoso\" is also in " +
                                              folder.path() +
                                              "/a.yaml, expected one tenant to have it");
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_there_is_a_fault) {
  const TenantDirectoryFiles files = ReadTenantFolder("/nonexistent");
  BOOST_REQUIRE_EQUAL(files.faults.size(), 1U);
  BOOST_TEST(files.faults[0].file == "/nonexistent");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
