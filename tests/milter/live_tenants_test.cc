// SPDX-License-Identifier: Apache-2.0
#include "milter/live_tenants.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "tests/milter/world.h"
#include "tests/policy/temporary_folder.h"

namespace clawback {
namespace {

Settings Enforcing(std::int64_t version) {
  Settings settings;
  settings.version = version;
  settings.tenants["contoso"].mode = Mode::kEnforce;
  return settings;
}

struct Relay {
  Relay() {
    world.intake.settings_seen = false;
    Restart();
  }
  // A milter that starts: nothing of the one before is left but the files.
  void Restart() {
    world.intake.settings_seen = false;
    world.intake.tenants.Publish(AllTenants());
    live = std::make_unique<LiveTenants>(world.intake, AllTenants(), snapshot, copy);
    live->Start();
  }
  Tenant Contoso() { return *world.intake.tenants.Current()->FindByName("contoso"); }
  std::string CodeForAStranger() {
    Session session = world.Connect();
    session.Mail("<>", {});
    return std::string(session.Rcpt("<stranger@relay.example>").code);
  }

  TemporaryFolder folder;
  const std::string snapshot = folder.path() + "/run.settings";
  const std::string copy = folder.path() + "/settings.last";
  World world;
  std::unique_ptr<LiveTenants> live;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(live_tenants)

BOOST_AUTO_TEST_CASE(what_was_taken_holds_after_a_restart_without_the_snapshot) {
  Relay relay;
  BOOST_TEST((relay.Contoso().mode == Mode::kObserve));
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.snapshot, Enforcing(3)).ok());
  relay.live->Poll();
  BOOST_TEST((relay.Contoso().mode == Mode::kEnforce));
  std::filesystem::remove(relay.snapshot);
  relay.Restart();
  BOOST_TEST((relay.Contoso().mode == Mode::kEnforce));
  BOOST_TEST(relay.Contoso().settings_version == "+3");
}

BOOST_AUTO_TEST_CASE(a_damaged_snapshot_changes_nothing_before_or_after_a_restart) {
  Relay relay;
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.snapshot, Enforcing(3)).ok());
  relay.live->Poll();
  std::ofstream(relay.snapshot) << "0000\n{\"version\":4,\"tenants\":{}}";
  relay.live->Poll();
  BOOST_TEST((relay.Contoso().mode == Mode::kEnforce));
  relay.Restart();
  BOOST_TEST((relay.Contoso().mode == Mode::kEnforce));
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.snapshot, Settings{5, {}}).ok());
  relay.live->Poll();
  BOOST_TEST((relay.Contoso().mode == Mode::kObserve));
}

BOOST_AUTO_TEST_CASE(the_snapshot_is_taken_before_the_copy) {
  Relay relay;
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.copy, Enforcing(3)).ok());
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.snapshot, Settings{4, {}}).ok());
  relay.Restart();
  BOOST_TEST((relay.Contoso().mode == Mode::kObserve));
  BOOST_TEST(ReadSettingsSnapshot(relay.copy)->version == 4);
}

BOOST_AUTO_TEST_CASE(an_unknown_address_waits_until_settings_were_seen) {
  Relay relay;
  BOOST_TEST(relay.CodeForAStranger() == "451");
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.snapshot, Settings{}).ok());
  relay.live->Poll();
  BOOST_TEST(relay.CodeForAStranger() == "550");
  std::filesystem::remove(relay.snapshot);
  relay.Restart();
  BOOST_TEST(relay.CodeForAStranger() == "550");
  std::ofstream(relay.copy) << "damaged";
  relay.Restart();
  BOOST_TEST(relay.CodeForAStranger() == "451");
}

BOOST_AUTO_TEST_CASE(a_reload_keeps_the_settings_over_the_fresh_files) {
  Relay relay;
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.snapshot, Enforcing(3)).ok());
  relay.live->Poll();
  relay.live->Reload(AllTenants());
  BOOST_TEST((relay.Contoso().mode == Mode::kEnforce));
}

// A tenant was added to the files since they were read, and an address issued to it.
BOOST_AUTO_TEST_CASE(an_address_of_an_added_tenant_has_the_files_read_again) {
  Relay relay;
  int reads = 0;
  std::optional<TenantDirectory> files;  // none: they have a fault
  LiveTenants live(relay.world.intake, AllTenants(), relay.snapshot, relay.copy, {}, [&] {
    ++reads;
    return files;
  });
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.snapshot, Enforcing(1)).ok());
  live.Start();
  BOOST_TEST(reads == 0);
  BOOST_TEST(relay.CodeForAStranger() == "550");

  Settings settings = Enforcing(2);
  settings.tenants["added"].addresses = {{"stranger@relay.example", "us"}};
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.snapshot, settings).ok());
  live.Poll();
  BOOST_TEST(reads == 1);
  BOOST_TEST(relay.CodeForAStranger() == "451");  // its report waits until they are mended
  live.Poll();
  BOOST_TEST(reads == 1);

  std::vector<Tenant> more = AllTenants().tenants();
  more.push_back(more.front());
  more.back().name = "added";
  more.back().tenant_id = settings.tenants["added"].tenant_id = "added-id";
  more.back().service_addresses.clear();
  files = TenantDirectory(more);
  settings.version = 3;
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.snapshot, settings).ok());
  live.Poll();
  BOOST_TEST(reads == 2);
  BOOST_TEST((relay.world.intake.tenants.Current()->FindByName("added") != nullptr));
  BOOST_TEST(relay.world.intake.tenants.Current()
                 ->FindByServiceAddress("stranger@relay.example")
                 .has_value());
}

BOOST_AUTO_TEST_CASE(a_reload_of_mended_files_ends_the_waiting) {
  Relay relay;
  LiveTenants live(relay.world.intake, AllTenants(), relay.snapshot, relay.copy, {},
                   [] { return std::nullopt; });
  Settings settings = Enforcing(1);
  settings.tenants["removed"].addresses = {{"gone@relay.example", "us"}};
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.snapshot, settings).ok());
  live.Start();
  BOOST_TEST(relay.CodeForAStranger() == "451");
  live.Reload(AllTenants());
  BOOST_TEST(relay.CodeForAStranger() == "550");
}

BOOST_AUTO_TEST_CASE(lists_reach_the_tenants_at_the_start_and_when_their_file_changes) {
  Relay relay;
  ListFiles files;
  files.paths[static_cast<std::size_t>(ListKind::kNewDomains)] =
      relay.folder.Write("new.txt", "a.example\n");
  LiveTenants live(relay.world.intake, AllTenants(), relay.snapshot, relay.copy, files);
  live.Start();  // without settings
  const auto count = [&] {
    const std::vector<JudgeLists> lists = relay.Contoso().judge_lists;
    return lists.empty() ? 0 : lists[0].index.Count(ListKind::kNewDomains);
  };
  BOOST_TEST(count() == 1U);
  const auto before = relay.world.intake.tenants.Current();
  live.Poll();
  BOOST_TEST((relay.world.intake.tenants.Current() == before));  // nothing changed
  relay.folder.Write("new.txt", "a.example\nb.example\n");
  live.Poll();
  BOOST_TEST(count() == 2U);
  BOOST_REQUIRE(WriteSettingsSnapshot(relay.snapshot, Enforcing(1)).ok());
  live.Poll();
  BOOST_TEST(count() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
