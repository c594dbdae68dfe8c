// SPDX-License-Identifier: Apache-2.0
#include "policy/settings.h"

#include <boost/test/unit_test.hpp>

namespace clawback {
namespace {

Tenant Contoso() {
  Tenant tenant;
  tenant.name = "contoso";
  tenant.settings_version = "ab12";
  tenant.actions.Set(Disposition::kMalicious, Action::kSoftDelete);
  return tenant;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settings)

BOOST_AUTO_TEST_CASE(files_and_settings_are_merged_and_pins_win) {
  struct Row {
    Pins pins;
    std::optional<Mode> mode;
    std::map<Disposition, Action> actions;
    Mode expected_mode;
    Action expected_malicious, expected_spam;
  };
  const Row rows[] = {
      {{}, {}, {}, Mode::kObserve, Action::kSoftDelete, Action::kNone},
      {{}, Mode::kEnforce, {}, Mode::kEnforce, Action::kSoftDelete, Action::kNone},
      {{{"mode", "f:3"}}, Mode::kEnforce, {}, Mode::kObserve, Action::kSoftDelete, Action::kNone},
      {{},
       {},
       {{Disposition::kMalicious, Action::kTrash}, {Disposition::kSpam, Action::kJunk}},
       Mode::kObserve,
       Action::kTrash,
       Action::kJunk},
      {{{"actions.MALICIOUS", "f:5"}},
       {},
       {{Disposition::kMalicious, Action::kNone}, {Disposition::kSpam, Action::kJunk}},
       Mode::kObserve,
       Action::kSoftDelete,
       Action::kJunk},
  };
  for (const Row& row : rows) {
    Settings settings;
    settings.version = 7;
    settings.tenants["contoso"] = {row.mode, row.actions};
    settings.tenants["fabrikam"].mode = Mode::kEnforce;
    const Tenant tenant = Effective(Contoso(), row.pins, settings);
    BOOST_TEST((tenant.mode == row.expected_mode));
    BOOST_TEST((tenant.actions.For(Disposition::kMalicious) == row.expected_malicious));
    BOOST_TEST((tenant.actions.For(Disposition::kSpam) == row.expected_spam));
    BOOST_TEST(tenant.settings_version == "ab12+7");
  }
}

BOOST_AUTO_TEST_CASE(without_a_change_the_version_is_the_files) {
  BOOST_TEST(Effective(Contoso(), {}, Settings{}).settings_version == "ab12");
}

BOOST_AUTO_TEST_CASE(changes_are_checked) {
  TenantSettings settings;
  const Tenant tenant = Contoso();
  BOOST_TEST(Change(tenant, {}, "mode", "enforce", &settings).ok());
  BOOST_TEST(Change(tenant, {}, "actions.SPAM", "trash", &settings).ok());
  BOOST_TEST((settings.actions.at(Disposition::kSpam) == Action::kTrash));
  BOOST_TEST(Change(tenant, {}, "actions.SPAM", "inherit", &settings).ok());
  BOOST_TEST(settings.actions.empty());
  for (const auto& [key, value] : {std::pair("mode", "loud"), std::pair("actions.SPAM", "burn"),
                                   std::pair("actions.NONE", "junk"), std::pair("colour", "red")}) {
    BOOST_TEST(!Change(tenant, {}, key, value, &settings).ok(), key);
  }
  const Status pinned = Change(tenant, {{"mode", "contoso.yaml:9"}}, "mode", "observe", &settings);
  BOOST_REQUIRE(!pinned.ok());
  BOOST_TEST((pinned.error().kind == ErrorKind::kRefused));
  BOOST_TEST(pinned.error().what.find("contoso.yaml:9") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_cloud_without_permanent_delete_refuses_hard_delete) {
  Tenant tenant = Contoso();
  TenantSettings settings;
  BOOST_TEST(Change(tenant, {}, "actions.SPAM", "hard-delete", &settings).ok());
  tenant.graph.cloud = Cloud::kChina;
  BOOST_TEST(!Change(tenant, {}, "actions.SPAM", "hard-delete", &settings).ok());
}

BOOST_AUTO_TEST_CASE(settings_come_back_from_json_and_unknown_words_are_refused) {
  Settings settings;
  settings.version = 3;
  settings.tenants["contoso"] = {Mode::kEnforce, {{Disposition::kBulk, Action::kTrash}}};
  const auto read = SettingsFromJson(ToJson(settings));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(ToJson(*read) == ToJson(settings));
  BOOST_TEST(!SettingsFromJson(R"({"tenants":{}})").ok());
  BOOST_TEST(!SettingsFromJson(R"({"version":1,"tenants":{"a":{"mode":"loud"}}})").ok());
  BOOST_TEST(!SettingsFromJson(R"({"version":1,"tenants":[]})").ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
