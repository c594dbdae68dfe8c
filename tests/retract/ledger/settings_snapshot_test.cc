// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/settings_snapshot.h"

#include <boost/test/unit_test.hpp>

#include "retract/ledger/ledger.h"
#include "retract/ledger/private_files.h"
#include "tests/retract/ledger/samples.h"

namespace clawback {

BOOST_AUTO_TEST_SUITE(settings_snapshot)

BOOST_AUTO_TEST_CASE(a_replaced_snapshot_is_seen_once_and_a_damaged_one_is_refused) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "socket.settings";
  SettingsWatch watch(path);
  BOOST_TEST(!watch.Poll().has_value());
  Settings settings;
  settings.version = 4;
  BOOST_REQUIRE(WriteSettingsSnapshot(path, settings).ok());
  const auto seen = watch.Poll();
  BOOST_REQUIRE(seen.has_value());
  BOOST_TEST((*seen)->version == 4);
  BOOST_TEST(!watch.Poll().has_value());
  BOOST_REQUIRE(ReplaceFile(path, std::string(64, '0') + "\n" + ToJson(settings), 0640).ok());
  const auto damaged = watch.Poll();
  BOOST_REQUIRE(damaged.has_value());
  BOOST_TEST(!damaged->ok());
}

BOOST_AUTO_TEST_CASE(each_change_is_a_new_version_and_is_audited) {
  samples::TemporaryFolder folder;
  auto ledger = *OpenSqliteLedger(folder / "ledger");
  BOOST_TEST(ledger->CurrentSettings()->version == 0);
  Settings next;
  next.version = 1;
  next.tenants["contoso"].mode = Mode::kEnforce;
  const AuditNote note{{ActorKind::kUser, 1000, "ana"}, "settings.set", "contoso", "mode", "go"};
  BOOST_REQUIRE(ledger->ChangeSettings(next, note).ok());
  BOOST_TEST(ToJson(*ledger->CurrentSettings()) == ToJson(next));
  const Status late = ledger->ChangeSettings(next, note);
  BOOST_REQUIRE(!late.ok());
  BOOST_TEST((late.error().kind == ErrorKind::kTransient));
  BOOST_TEST(ledger->FindAudit({})->size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
