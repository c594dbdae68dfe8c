// SPDX-License-Identifier: Apache-2.0
#include "policy/cloud.h"

#include <boost/test/unit_test.hpp>
#include <set>

namespace clawback {

BOOST_AUTO_TEST_SUITE(cloud)

BOOST_AUTO_TEST_CASE(each_cloud_has_its_own_graph_and_its_word) {
  std::set<std::string_view> graphs;
  for (const Cloud cloud : kAllClouds) {
    graphs.insert(CapabilitiesOf(cloud).graph_host);
    BOOST_TEST((CloudFrom(ToString(cloud)) == cloud));
  }
  BOOST_TEST(graphs.size() == 4U);
  BOOST_TEST(!CloudFrom("mars"));
}

BOOST_AUTO_TEST_CASE(the_hosts_are_microsofts) {
  BOOST_TEST(CapabilitiesOf(Cloud::kGlobal).login_host == "login.microsoftonline.com");
  BOOST_TEST(CapabilitiesOf(Cloud::kGlobal).graph_host == "graph.microsoft.com");
  BOOST_TEST(CapabilitiesOf(Cloud::kGccHigh).login_host == "login.microsoftonline.us");
  BOOST_TEST(CapabilitiesOf(Cloud::kGccHigh).graph_host == "graph.microsoft.us");
  BOOST_TEST(CapabilitiesOf(Cloud::kDod).login_host == "login.microsoftonline.us");
  BOOST_TEST(CapabilitiesOf(Cloud::kDod).graph_host == "dod-graph.microsoft.us");
  BOOST_TEST(CapabilitiesOf(Cloud::kChina).login_host == "login.chinacloudapi.cn");
  BOOST_TEST(CapabilitiesOf(Cloud::kChina).graph_host == "microsoftgraph.chinacloudapi.cn");
}

BOOST_AUTO_TEST_CASE(only_the_global_cloud_deletes_for_good) {
  BOOST_TEST(!WhyNoHardDelete(Cloud::kGlobal));
  for (const Cloud other : {Cloud::kGccHigh, Cloud::kDod, Cloud::kChina}) {
    const auto why = WhyNoHardDelete(other);
    BOOST_REQUIRE(why);
    BOOST_TEST(why->find(ToString(other)) != why->npos);
    BOOST_TEST(why->find("permanentDelete") != why->npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
