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
    settings.tenants["contoso"] = {.mode = row.mode, .actions = row.actions};
    settings.tenants["fabrikam"].mode = Mode::kEnforce;
    const Tenant tenant = Effective(Contoso(), row.pins, settings);
    BOOST_TEST((tenant.mode == row.expected_mode));
    BOOST_TEST((tenant.actions.For(Disposition::kMalicious) == row.expected_malicious));
    BOOST_TEST((tenant.actions.For(Disposition::kSpam) == row.expected_spam));
    BOOST_TEST(tenant.settings_version == "ab12+7");
  }
}

BOOST_AUTO_TEST_CASE(another_organisation_under_the_same_name_inherits_nothing) {
  Tenant before = Contoso();
  before.tenant_id = "1";
  Settings settings;
  settings.version = 1;
  SettingsOf(before, &settings).mode = Mode::kEnforce;
  const auto kept = SettingsFromJson(ToJson(settings));
  BOOST_REQUIRE(kept.ok());
  BOOST_TEST((Effective(before, {}, *kept).mode == Mode::kEnforce));
  Tenant after = Contoso();
  after.tenant_id = "2";
  BOOST_TEST((Effective(after, {}, *kept).mode == Mode::kObserve));
  SettingsOf(after, &settings).actions[Disposition::kSpam] = Action::kJunk;
  BOOST_TEST((Effective(after, {}, settings).mode == Mode::kObserve));
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

BOOST_AUTO_TEST_CASE(lists_and_people_are_changed_entry_by_entry_and_checked) {
  const Tenant tenant = Contoso();
  TenantSettings settings;
  const auto add = [&](std::string_view list, std::string_view entry) {
    return ChangeList(tenant, {}, ListChange::kAdd, list, entry, &settings);
  };
  BOOST_TEST(add("trusted_senders", "Partner.Example").ok());
  BOOST_TEST(add("exempt_recipients", "Boss@contoso.example").ok());
  BOOST_TEST(!add("trusted_senders", "partner.example").ok());  // is there
  BOOST_TEST(!add("exempt_recipients", "contoso.example").ok());
  BOOST_TEST(!add("blocked_senders", "*").ok());
  BOOST_TEST(!add("friends", "a@b.example").ok());
  const auto remove = [&](std::string_view entry) {
    return ChangeList(tenant, {}, ListChange::kRemove, "trusted_senders", entry, &settings);
  };
  BOOST_TEST((remove("other.example").error().kind == ErrorKind::kNotFound));
  BOOST_TEST(remove("PARTNER.example").ok());
  BOOST_TEST(settings.lists.at(ListName::kTrustedSenders).empty());

  const auto person = [&](ListChange change, const Person& who) {
    return ChangePeople(tenant, {}, change, who, &settings);
  };
  BOOST_TEST(person(ListChange::kAdd, {"Alice Moreau", {"Alice@private.example"}}).ok());
  BOOST_TEST(settings.people.at(0).addresses.at(0) == "alice@private.example");
  BOOST_TEST(!person(ListChange::kAdd, {"Alice Moreau", {}}).ok());
  BOOST_TEST(!person(ListChange::kAdd, {" ", {}}).ok());
  BOOST_TEST(!person(ListChange::kAdd, {"Bob\nMoreau", {}}).ok());
  BOOST_TEST(!person(ListChange::kAdd, {"Bob", {"bob"}}).ok());
  BOOST_TEST(person(ListChange::kRemove, {"Alice Moreau", {}}).ok());
  BOOST_TEST(!person(ListChange::kRemove, {"Alice Moreau", {}}).ok());

  const Pins pins = {{"people", "c.yaml:4"}, {"trusted_senders", "c.yaml:7"}};
  const Status list =
      ChangeList(tenant, pins, ListChange::kAdd, "trusted_senders", "a.example", &settings);
  BOOST_TEST((list.error().kind == ErrorKind::kRefused));
  const Status people = ChangePeople(tenant, pins, ListChange::kAdd, {"Bob", {}}, &settings);
  BOOST_TEST((people.error().kind == ErrorKind::kRefused));
}

BOOST_AUTO_TEST_CASE(lists_people_and_addresses_are_in_force_unless_the_file_names_the_key) {
  Tenant file = Contoso();
  file.service_addresses = {{"old@relay.example", "us"}};
  file.people = {{"From File", {}}};
  Settings settings;
  settings.version = 1;
  TenantSettings& changed = settings.tenants["contoso"];
  changed.addresses = {{"new@relay.example", "us"}, {"old@relay.example", "eu"}};
  changed.people = {{"From Settings", {}}};
  changed.lists[ListName::kBlockedSenders] = {"bad.example"};
  const Tenant free = Effective(file, {}, settings);
  BOOST_REQUIRE_EQUAL(free.service_addresses.size(), 2U);
  BOOST_TEST(free.service_addresses[0].region == "us");  // the file's, as it says
  BOOST_TEST(free.service_addresses[1].address == "new@relay.example");
  BOOST_TEST(free.people.at(0).name == "From Settings");
  BOOST_TEST(free.Profile().people.at(0).name == "From Settings");  // reaches the judges
  BOOST_TEST(free.Names(ListName::kBlockedSenders, "x@BAD.example"));
  BOOST_TEST(!free.Names(ListName::kBlockedSenders, "x@sub.bad.example"));
  const Tenant pinned = Effective(file, {{"people", "f:1"}, {"blocked_senders", "f:2"}}, settings);
  BOOST_TEST(pinned.people.at(0).name == "From File");
  BOOST_TEST(!pinned.Names(ListName::kBlockedSenders, "x@bad.example"));
}

BOOST_AUTO_TEST_CASE(an_address_issued_to_one_tenant_is_never_anothers) {
  Tenant other;
  other.name = "fabrikam";
  other.service_addresses = {{"secret@relay.example", "us"}, {"own@relay.example", "us"}};
  Settings settings;
  settings.version = 1;
  settings.tenants["contoso"].addresses = {{"secret@relay.example", "us"}};
  const TenantDirectory both = Effective(TenantDirectory({other, Contoso()}), settings);
  const auto hit = both.FindByServiceAddress("secret@relay.example");
  BOOST_REQUIRE(hit.has_value());
  BOOST_TEST(hit->tenant->name == "contoso");
  BOOST_TEST(both.FindByServiceAddress("own@relay.example").has_value());
  const TenantDirectory alone = Effective(TenantDirectory({other}), settings);
  BOOST_TEST(!alone.FindByServiceAddress("secret@relay.example").has_value());
}

BOOST_AUTO_TEST_CASE(settings_come_back_from_json_and_unknown_words_are_refused) {
  Settings settings;
  settings.version = 3;
  settings.tenants["contoso"] = {"7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1",
                                 Mode::kEnforce,
                                 {{Disposition::kBulk, Action::kTrash}},
                                 {{"a@relay.example", "us"}},
                                 {{"Alice Moreau", {"alice@private.example"}}},
                                 {{ListName::kTrustedSenders, {"partner.example"}}}};
  const auto read = SettingsFromJson(ToJson(settings));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(ToJson(*read) == ToJson(settings));
  BOOST_TEST(read->tenants.at("contoso").addresses.at(0).region == "us");
  BOOST_TEST(read->tenants.at("contoso").people.at(0).addresses.size() == 1U);
  BOOST_TEST(read->tenants.at("contoso").lists.at(ListName::kTrustedSenders).size() == 1U);
  BOOST_TEST(!SettingsFromJson(R"({"version":1,"tenants":{"a":{"addresses":[{}]}}})").ok());
  BOOST_TEST(!SettingsFromJson(R"({"tenants":{}})").ok());
  BOOST_TEST(!SettingsFromJson(R"({"version":1,"tenants":{"a":{"mode":"loud"}}})").ok());
  BOOST_TEST(!SettingsFromJson(R"({"version":1,"tenants":[]})").ok());
}

BOOST_AUTO_TEST_CASE(limits_are_changed_bounded_pinned_and_taken_back) {
  const Tenant tenant = Contoso();
  Settings settings;
  settings.version = 1;
  TenantSettings& changed = settings.tenants["contoso"];
  BOOST_TEST(Change(tenant, {}, "breaker.count", "0", &changed).ok());
  BOOST_TEST(Change(tenant, {}, "breaker.window", "1h", &changed).ok());
  BOOST_TEST(Change(tenant, {}, "approval_above", "7", &changed).ok());
  for (const auto& [key, value] :
       {std::pair("breaker.count", "-1"), std::pair("breaker.share", "0"),
        std::pair("breaker.share", "101"), std::pair("breaker.window", "59s"),
        std::pair("breaker.window", "25h"), std::pair("approval_above", "ten")}) {
    const Status refused = Change(tenant, {}, key, value, &changed);
    BOOST_REQUIRE_MESSAGE(!refused.ok(), key << " " << value);
    BOOST_TEST((refused.error().kind == ErrorKind::kInvalid));
  }
  const Pins pins{{"approval_above", "contoso.yaml:9"}};
  BOOST_TEST(
      (Change(tenant, pins, "approval_above", "8", &changed).error().kind == ErrorKind::kRefused));
  const auto read = SettingsFromJson(ToJson(settings));
  BOOST_REQUIRE(read.ok());
  const Tenant now = Effective(tenant, pins, *read);
  BOOST_TEST(now.breaker.count == 0);
  BOOST_TEST((now.breaker.window == std::chrono::hours(1)));
  BOOST_TEST(now.breaker.share == 30);
  BOOST_TEST(now.approval_above == 100);  // the file's
  BOOST_TEST(Effective(tenant, {}, *read).approval_above == 7);
  BOOST_TEST(Change(tenant, {}, "breaker.count", "inherit", &changed).ok());
  BOOST_TEST(Effective(tenant, {}, settings).breaker.count == 500);
}

BOOST_AUTO_TEST_CASE(brands_hosts_files_and_thresholds_are_changed_as_the_others_are) {
  Tenant tenant = Contoso();
  Settings settings;
  settings.version = 1;
  TenantSettings& changed = SettingsOf(tenant, &settings);
  const auto brand = [&](ListChange change, const TenantBrand& which, const Pins& pins = {}) {
    return ChangeBrands(tenant, pins, change, which, &changed);
  };
  BOOST_TEST(brand(ListChange::kAdd, {"Contoso Pay", {"ContosoPay.example"}}).ok());
  BOOST_TEST(!brand(ListChange::kAdd, {"Contoso Pay", {}}).ok());  // is there
  BOOST_TEST(!brand(ListChange::kAdd, {"Other", {"not a domain"}}).ok());
  BOOST_TEST(!brand(ListChange::kAdd, {"", {}}).ok());
  BOOST_TEST((brand(ListChange::kAdd, {"Other", {}}, {{"brands", "f:1"}}).error().kind ==
              ErrorKind::kRefused));
  BOOST_TEST(!brand(ListChange::kRemove, {"Other", {}}).ok());

  const auto add = [&](std::string_view list, std::string_view entry) {
    return ChangeList(tenant, {}, ListChange::kAdd, list, entry, &changed);
  };
  const std::string digest(64, 'a');
  BOOST_TEST(add("blocked_hosts", "Evil.example").ok());
  BOOST_TEST(!add("blocked_hosts", "a@evil.example").ok());
  BOOST_TEST(!add("blocked_hosts", "example").ok());  // all of a top-level domain
  BOOST_TEST(add("blocked_hashes", std::string(64, 'A')).ok());
  BOOST_TEST(!add("blocked_hashes", "abc").ok());
  BOOST_TEST(!add("blocked_hashes",  // of no bytes: every empty file
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
                  .ok());
  BOOST_TEST(Change(tenant, {}, "thresholds.spam", "70", &changed).ok());
  for (const auto& [key, value] :
       {std::pair("thresholds.spam", "96"), std::pair("thresholds.malicious", "79"),
        std::pair("thresholds.suspicious", "81"), std::pair("thresholds.NONE", "50")}) {
    BOOST_TEST(!Change(tenant, {}, key, value, &changed).ok(), key);
  }

  const Result<Settings> back = SettingsFromJson(ToJson(settings));
  BOOST_REQUIRE(back.ok());
  const Tenant effective = Effective(tenant, {}, *back);
  BOOST_TEST(
      (effective.brands == std::vector<TenantBrand>{{"Contoso Pay", {"contosopay.example"}}}));
  BOOST_TEST(effective.lists.at(ListName::kBlockedHosts).at(0) == "evil.example");
  BOOST_TEST(effective.lists.at(ListName::kBlockedHashes).at(0) == digest);
  BOOST_TEST(effective.Profile().thresholds.spam == 70);  // reaches the judges
  BOOST_TEST(effective.Profile().thresholds.bulk == 50);
  BOOST_TEST(Effective(tenant, {{"thresholds.spam", "f:1"}}, *back).thresholds.spam == 50);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
