// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/sqlite.h"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "retract/ledger/schema.h"
#include "tests/retract/ledger/samples.h"

namespace clawback {
namespace {

Database OpenFresh(const samples::TemporaryFolder& folder, const std::string& name = "a.db") {
  const std::string path = folder / name;
  std::ofstream(path, std::ios::app).flush();
  auto database = Database::Open(path, OpenMode::kReadWrite);
  BOOST_REQUIRE_MESSAGE(database.ok(), samples::Fault(database));
  return *std::move(database);
}

std::int64_t Count(Database& database, const std::string& table) {
  return database.Number("SELECT count(*) FROM " + table).value();
}

constexpr std::string_view kSteps[] = {"CREATE TABLE one(x);",
                                       "CREATE TABLE two(x); INSERT INTO two SELECT x FROM one;",
                                       "ALTER TABLE two ADD COLUMN y DEFAULT 7;"};

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite)

BOOST_AUTO_TEST_CASE(values_come_back_as_they_were_bound) {
  samples::TemporaryFolder folder;
  Database database = OpenFresh(folder);
  BOOST_REQUIRE(database.Execute("CREATE TABLE t(a, b, c, d, e, f)").ok());
  const std::string bytes("\0'\xff\"\n", 5);
  const Digest digest = samples::DigestOf(1);
  BOOST_REQUIRE(database
                    .Run("INSERT INTO t VALUES(?,?,?,?,?,NULL)", bytes, std::int64_t{-1} << 62, 0.1,
                         digest, samples::kMorning)
                    .ok());
  auto row = database.Prepare("SELECT * FROM t");
  BOOST_REQUIRE(row.ok());
  BOOST_REQUIRE(row->Step().value());
  BOOST_TEST(row->Copy(0) == bytes);
  BOOST_TEST(row->Integer(1) == std::int64_t{-1} << 62);
  BOOST_TEST(row->Real(2) == 0.1);
  BOOST_TEST((row->AsDigest(3).value() == digest));
  BOOST_TEST((row->AsTime(4) == samples::kMorning));
  BOOST_TEST(row->IsNull(5));
  BOOST_TEST(!row->IsNull(0));
  BOOST_TEST(!row->AsDigest(0).ok());
  BOOST_TEST(!row->Step().value());
}

BOOST_AUTO_TEST_CASE(an_empty_text_is_not_null) {
  samples::TemporaryFolder folder;
  Database database = OpenFresh(folder);
  BOOST_REQUIRE(database.Execute("CREATE TABLE t(a TEXT NOT NULL) STRICT").ok());
  BOOST_TEST(database.Run("INSERT INTO t VALUES(?)", std::string_view{}).ok());
}

BOOST_AUTO_TEST_CASE(a_transaction_rolls_back_unless_committed) {
  samples::TemporaryFolder folder;
  Database database = OpenFresh(folder);
  BOOST_REQUIRE(database.Execute("CREATE TABLE t(a UNIQUE)").ok());
  {
    auto transaction = Transaction::Begin(database);
    BOOST_REQUIRE(database.Run("INSERT INTO t VALUES(1)").ok());
  }
  BOOST_TEST(Count(database, "t") == 0);
  {
    auto transaction = Transaction::Begin(database);
    BOOST_REQUIRE(database.Run("INSERT INTO t VALUES(1)").ok());
    BOOST_TEST(transaction->Commit().ok());
  }
  BOOST_TEST(Count(database, "t") == 1);
}

BOOST_AUTO_TEST_CASE(errors_say_what_can_be_done) {
  samples::TemporaryFolder folder;
  Database database = OpenFresh(folder);
  BOOST_REQUIRE(database.Execute("CREATE TABLE t(a UNIQUE)").ok());
  BOOST_REQUIRE(database.Run("INSERT INTO t VALUES(1)").ok());
  const Status twice = database.Run("INSERT INTO t VALUES(1)");
  BOOST_TEST((twice.error().kind == ErrorKind::kRefused));
  const Status wrong = database.Run("INSERT INTO nowhere VALUES(1)");
  BOOST_TEST((wrong.error().kind == ErrorKind::kInvalid));
  BOOST_TEST(wrong.error().what.find(folder / "a.db") != std::string::npos);
  BOOST_TEST((SqliteError(SQLITE_FULL, "x", nullptr).kind == ErrorKind::kTransient));
  BOOST_TEST((SqliteError(SQLITE_IOERR_FSYNC, "x", nullptr).kind == ErrorKind::kTransient));
  const auto absent = Database::Open(folder / "absent.db", OpenMode::kReadWrite);
  BOOST_TEST(!absent.ok());
  std::ofstream(folder / "text.db") << std::string(4096, 'x');
  auto text = Database::Open(folder / "text.db", OpenMode::kReadOnly);
  BOOST_TEST(
      (text->Number("SELECT count(*) FROM sqlite_schema").error().kind == ErrorKind::kInvalid));
}

BOOST_AUTO_TEST_CASE(the_same_statement_can_be_in_use_twice) {
  samples::TemporaryFolder folder;
  Database database = OpenFresh(folder);
  BOOST_REQUIRE(database.Execute("CREATE TABLE t(a); INSERT INTO t VALUES(1),(2)").ok());
  auto outer = database.Prepare("SELECT a FROM t ORDER BY a");
  BOOST_REQUIRE(outer->Step().value());
  {
    auto inner = database.Prepare("SELECT a FROM t ORDER BY a");
    BOOST_REQUIRE(inner->Step().value());
    BOOST_TEST(inner->Integer(0) == 1);
  }
  BOOST_REQUIRE(outer->Step().value());
  BOOST_TEST(outer->Integer(0) == 2);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(schema)

BOOST_AUTO_TEST_CASE(every_older_version_becomes_the_newest) {
  const SchemaSteps steps(kSteps);
  for (std::size_t from = 0; from <= steps.size(); ++from) {
    samples::TemporaryFolder folder;
    Database database = OpenFresh(folder);
    BOOST_REQUIRE(Migrate(database, steps.first(from)).ok());
    if (from == 1) BOOST_REQUIRE(database.Execute("INSERT INTO one VALUES(5)").ok());
    BOOST_REQUIRE(Migrate(database, steps).ok());
    BOOST_TEST(database.Number("PRAGMA user_version").value() == 3);
    BOOST_TEST(Count(database, "two") == (from == 1 ? 1 : 0));
    BOOST_REQUIRE(Migrate(database, steps).ok());  // and stays
  }
}

// Of each shipped schema: empty files of every version it ever had.
BOOST_AUTO_TEST_CASE(every_shipped_version_becomes_the_newest) {
  for (const SchemaSteps steps : {SegmentSchema(), LedgerSchema()}) {
    for (std::size_t from = 0; from < steps.size(); ++from) {
      samples::TemporaryFolder folder;
      Database database = OpenFresh(folder);
      BOOST_REQUIRE(Migrate(database, steps.first(from)).ok());
      const Status migrated = Migrate(database, steps);
      BOOST_TEST(migrated.ok(), samples::Fault(migrated));
      BOOST_TEST(database.Number("PRAGMA user_version").value() ==
                 static_cast<std::int64_t>(steps.size()));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_newer_schema_is_refused_and_left_alone) {
  samples::TemporaryFolder folder;
  Database database = OpenFresh(folder);
  const SchemaSteps steps(kSteps);
  BOOST_REQUIRE(Migrate(database, steps).ok());
  const Status refused = Migrate(database, steps.first(2));
  BOOST_TEST((refused.error().kind == ErrorKind::kInvalid));
  BOOST_TEST(refused.error().what.find("schema version 3") != std::string::npos);
  BOOST_TEST(database.Number("PRAGMA user_version").value() == 3);
}

BOOST_AUTO_TEST_CASE(a_step_that_fails_leaves_the_version_before_it) {
  samples::TemporaryFolder folder;
  Database database = OpenFresh(folder);
  constexpr std::string_view broken[] = {"CREATE TABLE one(x);",
                                         "CREATE TABLE two(x); INSERT INTO nowhere VALUES(1);"};
  BOOST_TEST(!Migrate(database, broken).ok());
  BOOST_TEST(database.Number("PRAGMA user_version").value() == 1);
  BOOST_TEST(!database.Number("SELECT count(*) FROM two").ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
