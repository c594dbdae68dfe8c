// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "policy/source_checks.h"

namespace clawback {
namespace {

constexpr std::string_view kId = "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1";

Demands AllDemands() {
  Demands demands;
  demands.minimum_tls = TlsVersion::kTls12;
  demands.certificate_subject = "mail.protection.outlook.com";
  demands.networks = {"40.92.0.0/15", "2a01:111:f400::/48"};
  demands.secret_address = false;
  return demands;
}

Channel GoodChannel() {
  Channel channel;
  channel.client_address = "40.93.255.255";
  channel.tls = TlsVersion::kTls13;
  channel.tls_version = "TLSv1.3";
  channel.certificate_subject = "mail.protection.outlook.com";
  return channel;
}

Tenant WithAddress(const std::string& name, const std::string& address) {
  Tenant tenant;
  tenant.name = name;
  tenant.service_addresses = {{address, "us"}};
  return tenant;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tenant)

BOOST_AUTO_TEST_CASE(a_channel_that_proves_everything_meets_every_demand) {
  BOOST_TEST(!UnmetByChannel(AllDemands(), GoodChannel()));
  Demands none;
  none.minimum_tls = TlsVersion::kNone;
  none.networks.clear();
  none.secret_address = false;
  BOOST_TEST(!UnmetByChannel(none, Channel{}));
}

BOOST_AUTO_TEST_CASE(the_first_demand_that_is_not_met_is_named) {
  struct Case {
    std::string unmet;
    void (*change)(Channel&);
  };
  const Case cases[] = {
      {"TLS: none, expected at least TLS 1.2",
       [](Channel& c) { c.tls = TlsVersion::kNone, c.tls_version = ""; }},
      {"TLS: \"TLSv1.1\", expected at least TLS 1.2",
       [](Channel& c) { c.tls = TlsVersion::kNone, c.tls_version = "TLSv1.1"; }},
      {"verified client certificate: none, expected \"mail.protection.outlook.com\"",
       [](Channel& c) { c.certificate_subject = ""; }},
      {"verified client certificate: \"mail.protection.outlook.com.evil.example\", expected "
       "\"mail.protection.outlook.com\"",
       [](Channel& c) { c.certificate_subject += ".evil.example"; }},
      {"client address: \"40.94.0.0\", expected one in the tenant's networks",
       [](Channel& c) { c.client_address = "40.94.0.0"; }},
      {"client address: none, expected one in the tenant's networks",
       [](Channel& c) { c.client_address = ""; }},
      {"client address: \"unknown\", expected one in the tenant's networks",
       [](Channel& c) { c.client_address = "unknown"; }},
      {"client address: \"2a01:111:f401::1\", expected one in the tenant's networks",
       [](Channel& c) { c.client_address = "2a01:111:f401::1"; }},
  };
  for (const Case& test : cases) {
    Channel channel = GoodChannel();
    test.change(channel);
    BOOST_TEST(UnmetByChannel(AllDemands(), channel).value_or("met") == test.unmet);
  }
}

BOOST_AUTO_TEST_CASE(both_address_families_are_matched) {
  for (const std::string address : {"40.92.0.0", "40.93.7.9", "IPv6:2a01:111:f400:1::1",
                                    "2A01:111:F400::25", "::ffff:40.92.1.1"}) {
    Channel channel = GoodChannel();
    channel.client_address = address;
    BOOST_TEST(!UnmetByChannel(AllDemands(), channel), address);
  }
}

BOOST_AUTO_TEST_CASE(the_marks_must_all_be_the_tenants_own) {
  Tenant tenant;
  tenant.tenant_id = kId;
  tenant.demands.originator_org = "contoso.onmicrosoft.com";
  const std::string id(kId), other = "00000000-0000-0000-0000-000000000000";
  const std::string capitals = "7F3C1A52-9D0E-4B7A-8C11-5E2F90A4D6B1";
  struct Case {
    TenantMarks marks;
    bool met;
  };
  const Case cases[] = {
      {{"contoso.onmicrosoft.com", id, id}, true},
      {{"CONTOSO.onmicrosoft.com", id, ""}, true},
      {{"contoso.onmicrosoft.com", "", id}, true},
      {{"contoso.onmicrosoft.com", capitals, ""}, true},
      {{"contoso.onmicrosoft.com", "", ""}, false},
      {{"contoso.onmicrosoft.com", id, other}, false},
      {{"contoso.onmicrosoft.com", other, id}, false},
      {{"contoso.onmicrosoft.com", id + ",ExtAddr", ""}, false},
      {{"", id, id}, false},
      {{"contoso.onmicrosoft.com.evil.example", id, id}, false},
  };
  for (size_t i = 0; i < std::size(cases); ++i) {
    BOOST_TEST(!UnmetByMarks(tenant, cases[i].marks).has_value() == cases[i].met, "case " << i);
  }
  tenant.demands.originator_org = "";
  tenant.demands.tenant_id_mark = false;
  BOOST_TEST(!UnmetByMarks(tenant, {}));
  BOOST_TEST(!UnmetByMarks(tenant, {"x", other, other}));
}

BOOST_AUTO_TEST_CASE(a_service_address_finds_its_tenant_in_any_case) {
  const TenantDirectory directory(
      {WithAddress("a", "jrn-1@relay.example"), WithAddress("b", "jrn-2@relay.example")});
  const auto hit = directory.FindByServiceAddress("JRN-2@Relay.Example");
  BOOST_REQUIRE(hit.has_value());
  BOOST_TEST(hit->tenant->name == "b");
  BOOST_TEST(hit->address->region == "us");
  for (const std::string_view miss :
       {"", "jrn-3@relay.example", "jrn-2@relay.exampl", "jrn-2@relay.example ", "jrn-2"}) {
    BOOST_TEST(!directory.FindByServiceAddress(miss).has_value(), miss);
  }
  BOOST_TEST(directory.FindByName("a")->name == "a");
  BOOST_TEST(directory.FindByName("c") == nullptr);
}

BOOST_AUTO_TEST_CASE(words_read_back) {
  for (const Action action :
       {Action::kNone, Action::kJunk, Action::kTrash, Action::kSoftDelete, Action::kHardDelete}) {
    BOOST_TEST((ActionFrom(ToString(action)) == action));
  }
  for (const Mode mode : {Mode::kObserve, Mode::kEnforce}) {
    BOOST_TEST((ModeFrom(ToString(mode)) == mode));
  }
  BOOST_TEST(!ActionFrom("delete"));
}

BOOST_AUTO_TEST_CASE(nothing_is_done_unless_the_table_says_so) {
  const ActionTable table;
  for (const Disposition disposition : kAllDispositions) {
    BOOST_TEST((table.For(disposition) == Action::kNone));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
