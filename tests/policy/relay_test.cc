// SPDX-License-Identifier: Apache-2.0
#include "policy/relay.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/policy/temporary_folder.h"

namespace clawback {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct FaultCase {
  std::string_view text, fault;
};

constexpr FaultCase kFaultCases[] = {
    {"{}", "1:1: \"relay\" is missing, expected a mapping"},
    {"", "1:1: \"relay\" is missing, expected a mapping"},
    {"relay: us", "1:8: \"relay\": expected a mapping"},
    {"[relay]", "1:1: expected a mapping of keys to values"},
    {"relay: {name: a}", "1:8: \"region\" is missing, expected text"},
    {"relay: {name: a, region: b, nam: c}", "1:29: unknown key \"nam\", expected \"name\"?"},
    {"relay: {name: a, region: b, certificate: []}", "1:42: \"certificate\": expected text"},
    {"milter: {max_report_size: 160MB}",
     "1:27: \"max_report_size\": expected a size such as 64KiB or 160MiB, from 64KiB to 2GiB"},
    {"milter: {max_report_size: 63KiB}",
     "1:27: \"max_report_size\": expected a size such as 64KiB or 160MiB, from 64KiB to 2GiB"},
    {"milter: {max_report_size: 99999999999999999999GiB}",
     "1:27: \"max_report_size\": expected a size such as 64KiB or 160MiB, from 64KiB to 2GiB"},
    {"milter: {max_in_flight: 1MiB}", "1:25: \"max_in_flight\": expected at least max_report_size"},
    {"milter: {answer_within: 20}",
     "1:25: \"answer_within\": expected a duration such as 250ms, 15s, 10m, 48h or 30d, from 1s "
     "to 4m"},
    {"milter: {answer_within: 5m}",
     "1:25: \"answer_within\": expected a duration such as 250ms, 15s, 10m, 48h or 30d, from 1s "
     "to 4m"},
    {"judge: {workers: -1}", "1:18: \"workers\": expected a number from 0 to 1024"},
    {"judge: {workers: two}", "1:18: \"workers\": expected a number from 0 to 1024"},
    {"relays: [{name: a, region: b}]", "1:10: \"host\" is missing, expected text"},
    {"relays: [{name: a, region: b, host: c}]",
     "1:37: \"host\": expected a host name such as eu1.relay.clawback.example"},
    {"relays: [{name: a, region: b, host: c.d}, {name: a, region: b, host: e.f}]",
     "1:50: \"name\": \"a\" twice, expected one relay of a name"},
    {"relays: [{name: a, region: b, host: c.d}, {name: e, region: b, host: c.d}]",
     "1:70: \"host\": \"c.d\" twice, expected one relay of a host"},
    {"{relay: {name: a, region: b}, relays: [{name: a, region: c, host: c.d}]}",
     "1:39: \"relays\": expected this relay among them, a in region b"},
    {"{relay: {name: a, region: b}, relays: [{name: e, region: b, host: c.d}]}",
     "1:39: \"relays\": expected this relay among them, a in region b"},
    {"engines: {clam: {}}", "1:11: unknown key \"clam\", expected \"clamd\"?"},
    {"engines: {clamd: {}}",
     "1:18: \"socket\": is missing, expected the path of clamd's Unix socket"},
    {"engines: {clamd: {socket: /c, deadline: 11s}}",
     "1:41: \"deadline\": expected at most half of milter.answer_within"},
    {"engines: {clamd: {socket: /c, deadline: 5}}",
     "1:41: \"deadline\": expected a duration such as 250ms, 15s, 10m, 48h or 30d, from 10ms "
     "to 1m"},
    {"engines: {rspamd: {}}", "1:19: \"address\": expected either socket or address"},
    {"engines: {rspamd: {socket: /r, address: \"127.0.0.1:1\"}}",
     "1:41: \"address\": expected either socket or address"},
    {"engines: {rspamd: {address: \"192.0.2.1:11333\"}}",
     "1:29: \"address\": expected an address of this host itself and a port, such as "
     "127.0.0.1:11333"},
    {"engines: {rspamd: {socket: /r, settings_id: a b}}",
     "1:45: \"settings_id\": expected A-Z, a-z, 0-9, \"-\", \"_\" and \".\", at most 63"},
    {"sidecar: {requests_in_flight: 0}",
     "1:31: \"requests_in_flight\": expected a number from 1 to 1024"},
    {"sidecar: {retention: 89d}",
     "1:22: \"retention\": expected a duration such as 250ms, 15s, 10m, 48h or 30d, from 90d to "
     "3660d"},
    {"sidecar:\n  retention: 3661d",
     "2:14: \"retention\": expected a duration such as 250ms, 15s, 10m, 48h or 30d, from 90d to "
     "3660d"},
    {"sidecar: {retention: 400}",
     "1:22: \"retention\": expected a duration such as 250ms, 15s, 10m, 48h or 30d, from 90d to "
     "3660d"},
};

std::vector<std::string> FaultsOf(std::string_view text) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("c.yaml", text);
  std::vector<std::string> faults;
  for (const ConfigFault& fault : ReadRelayFile(path).faults) {
    faults.push_back(ToString(fault).substr(path.size() + 1));
  }
  return faults;
}

bool Holds(const std::vector<std::string>& faults, std::string_view fault) {
  return std::find(faults.begin(), faults.end(), fault) != faults.end();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(relay)

BOOST_AUTO_TEST_CASE(the_example_is_read_as_it_says) {
  const std::string folder = std::string(CLAWBACK_SOURCE_DIR) + "/packaging/examples";
  const RelayFile file = ReadRelayFile(folder + "/clawback.yaml");
  for (const ConfigFault& fault : file.faults) BOOST_ERROR(ToString(fault));
  const RelayConfig& config = file.config;
  BOOST_TEST(config.relay.name == "us-east");
  BOOST_TEST(config.relay.region == "us");
  BOOST_TEST(config.milter.socket == "/run/clawback-milter/milter.sock");
  BOOST_TEST(config.milter.segments == "/var/lib/clawback/segments");
  BOOST_TEST(config.milter.max_report_bytes == 160LL << 20);
  BOOST_TEST(config.milter.max_bytes_in_flight == 512LL << 20);
  BOOST_TEST(config.milter.parked_bytes == 1LL << 30);
  BOOST_TEST((config.milter.parked_for == hours(14 * 24)));
  BOOST_TEST(config.milter.bodies_bytes == 4LL << 30);
  BOOST_TEST((config.milter.bodies_for == hours(30 * 24)));
  BOOST_TEST(
      BodyFile(config.milter, Digest{}).ends_with("/bodies/" + std::string(64, '0') + ".eml"));
  BOOST_TEST((config.milter.answer_within == seconds(20)));
  BOOST_TEST((config.milter.keep_segments == hours(14 * 24)));
  BOOST_TEST(config.judge.program == "/usr/libexec/clawback/clawback-judge");
  BOOST_TEST(config.judge.workers == 0);
  BOOST_TEST(config.judge.model.empty());
  BOOST_TEST(config.sidecar.socket == "/run/clawback/retractd.sock");
  BOOST_TEST(config.sidecar.ledger == "/var/lib/clawback/ledger");
  BOOST_TEST(config.sidecar.requests_in_flight == 16);
  BOOST_TEST(config.sidecar.tenant_requests_in_flight == 16);
  BOOST_TEST((config.sidecar.lease == minutes(2)));
  BOOST_TEST((config.sidecar.give_up_after == hours(48)));
  BOOST_TEST((config.sidecar.retention == hours(400 * 24)));
  BOOST_TEST(config.relays.size() == 3U);
  BOOST_TEST(HostsOf(config.relays, "eu") == "eu1.relay.clawback.example");
  BOOST_TEST(config.tenants == folder + "/tenants.d");
}

BOOST_AUTO_TEST_CASE(a_fault_says_where_it_is_and_what_was_expected) {
  for (const FaultCase& test : kFaultCases) {
    BOOST_TEST_CONTEXT("with " << test.text) {
      const auto faults = FaultsOf(test.text);
      BOOST_TEST(Holds(faults, test.fault), (faults.empty() ? "no fault" : faults.front()));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_socket_path_that_no_socket_can_have_is_refused) {
  const std::string path = "/" + std::string(107, 'a');
  const auto faults = FaultsOf("relay: {name: a, region: b}\nmilter: {socket: " + path + "}");
  BOOST_REQUIRE_EQUAL(faults.size(), 1U);
  BOOST_TEST(faults[0] == "2:18: \"socket\": 108 bytes as an absolute path, expected at most 107");
}

BOOST_AUTO_TEST_CASE(a_models_path_counts_from_the_files_folder) {
  const TemporaryFolder folder;
  const std::string path =
      folder.Write("c.yaml", "relay: {name: a, region: b}\njudge: {model: ours.model}\n");
  BOOST_TEST(ReadRelayFile(path).config.judge.model == folder.path() + "/ours.model");
}

BOOST_AUTO_TEST_CASE(engines_are_asked_only_where_they_are_named) {
  const TemporaryFolder folder;
  const std::string relay = "relay: {name: a, region: b}\n";
  const RelayConfig none = ReadRelayFile(folder.Write("none.yaml", relay)).config;
  BOOST_TEST(!none.engines.clamd.has_value());
  BOOST_TEST(!none.engines.rspamd.has_value());
  const RelayFile both = ReadRelayFile(folder.Write(
      "both.yaml", relay + "engines:\n  clamd: {socket: c.sock, required: true}\n"
                           "  rspamd: {address: \"[::1]:9\", deadline: 80ms, settings_id: x}\n"));
  BOOST_TEST(both.faults.empty());
  const EnginesSettings& engines = both.config.engines;
  BOOST_REQUIRE(engines.clamd && engines.rspamd);
  BOOST_TEST(engines.clamd->socket == folder.path() + "/c.sock");
  BOOST_TEST(engines.clamd->required);
  BOOST_TEST((engines.clamd->deadline == seconds(5)));
  BOOST_TEST(engines.rspamd->address == "[::1]:9");
  BOOST_TEST((engines.rspamd->deadline == milliseconds(80)));
  BOOST_TEST(engines.rspamd->settings_id == "x");
}

BOOST_AUTO_TEST_CASE(an_address_of_another_host_is_no_loopback) {
  for (const char* good : {"127.0.0.1:1", "127.255.255.254:65535", "[::1]:11333"}) {
    BOOST_TEST(IsLoopbackAddress(good), good);
  }
  for (const char* bad :
       {"", ":1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.1:80",
        "localhost:11333", "10.0.0.1:1", "::1:80", "[::2]:1", "0.0.0.0:1", "127.0.0.1:1 "}) {
    BOOST_TEST(!IsLoopbackAddress(bad), bad);
  }
}

BOOST_AUTO_TEST_CASE(the_retention_may_be_long_or_short) {
  const TemporaryFolder folder;
  const std::string relay = "relay: {name: a, region: b}\n";
  for (const int days : {90, 3660}) {
    const RelayFile file = ReadRelayFile(
        folder.Write("c.yaml", relay + "sidecar: {retention: " + std::to_string(days) + "d}\n"));
    BOOST_TEST(file.faults.empty());
    BOOST_TEST((file.config.sidecar.retention == hours(days * 24)));
  }
  const RelayFile none = ReadRelayFile(folder.Write("none.yaml", relay));
  BOOST_TEST((none.config.sidecar.retention == hours(400 * 24)));
}

BOOST_AUTO_TEST_CASE(only_name_and_region_are_needed) {
  BOOST_TEST(FaultsOf("relay: {name: a, region: b}\n").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
