// SPDX-License-Identifier: Apache-2.0
// SQLite with owners and errors as values; the inside of this folder only. A
// Database and its statements belong to one thread at a time.
#ifndef CLAWBACK_RETRACT_LEDGER_SQLITE_H_
#define CLAWBACK_RETRACT_LEDGER_SQLITE_H_

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "policy/base/c_handle.h"
#include "policy/base/clock.h"
#include "policy/base/digest.h"
#include "policy/base/result.h"

namespace clawback {

using StatementHandle = CHandle<sqlite3_stmt, sqlite3_finalize>;

// What a caller can do about a result code: a full disk, a failing disk and a lock
// held by another pass (kTransient), a broken constraint is a no (kRefused), all
// else is final until a person looks (kInvalid).
Error SqliteError(int code, std::string_view what, const char* detail);

class Database;

// A prepared statement on loan from its database's store; goes back, reset, when
// it ends. A bind that fails makes the next Step fail.
class Statement {
 public:
  Statement(Database* database, StatementHandle handle);
  Statement(Statement&&) noexcept = default;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Binds all parameters in order, after a reset. Texts and blobs are copied.
  template <typename... Values>
  Statement& Bind(const Values&... values) {
    Reset();
    int index = 0;
    (BindOne(++index, values), ...);
    return *this;
  }
  // For a number of parameters known only at run time; the first has index 1.
  void BindOne(int index, std::string_view text);
  void BindOne(int index, std::int64_t number);
  void BindOne(int index, int number) { BindOne(index, std::int64_t{number}); }
  void BindOne(int index, double number);
  void BindOne(int index, const Digest& blob);
  void BindOne(int index, Time time) {
    BindOne(index, std::int64_t{time.time_since_epoch().count()});
  }

  Result<bool> Step();  // true: a row is there
  Status Run();         // to the end; rows are dropped

  // Columns of the row that Step found, counted from 0. Texts live until the next
  // Step.
  std::string_view Text(int column) const;
  std::string Copy(int column) const { return std::string(Text(column)); }
  std::int64_t Integer(int column) const;
  double Real(int column) const;
  Time AsTime(int column) const { return Time(milliseconds(Integer(column))); }
  bool IsNull(int column) const;
  Result<Digest> AsDigest(int column) const;

 private:
  void Reset();
  void Note(int code);

  Database* database_;
  StatementHandle handle_;
  int bind_code_ = SQLITE_OK;
};

enum class OpenMode {
  kReadOnly,
  kReadWrite,  // the file must be there: it is made with its mode beforehand
};

class Database {
 public:
  static Result<Database> Open(const std::string& path, OpenMode mode);
  Database(Database&&) noexcept = default;
  Database& operator=(Database&&) noexcept;
  ~Database() { statements_.clear(); }

  // One or more statements without parameters or rows.
  Status Execute(const std::string& sql);
  Result<Statement> Prepare(std::string_view sql);
  // Prepare, bind and run to the end.
  template <typename... Values>
  Status Run(std::string_view sql, const Values&... values) {
    Result<Statement> statement = Prepare(sql);
    if (!statement.ok()) return statement.error();
    return statement->Bind(values...).Run();
  }
  // Every transaction from now on is refused where this query finds no row: another
  // process has become the writer.
  void Guard(std::string sql) { guard_ = std::move(sql); }
  // False once the file was removed or replaced: what is committed then goes into a file
  // that nobody will ever open.
  bool IsInPlace() const;
  // The first column of the first row; kNotFound without one.
  Result<std::int64_t> Number(std::string_view sql);

  std::int64_t last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  int changes() const { return sqlite3_changes(handle_.get()); }
  sqlite3* handle() const { return handle_.get(); }
  const std::string& path() const { return path_; }
  Error ErrorOf(int code, std::string_view what) const;

 private:
  friend class Statement;
  friend class Transaction;
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}

  std::string path_;
  std::string guard_;
  CHandle<sqlite3, sqlite3_close_v2> handle_;
  std::map<std::string, StatementHandle, std::less<>> statements_;
};

// Rolls back unless committed. Immediate: it is the writer's from its first line.
class Transaction {
 public:
  static Result<Transaction> Begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  // After an error the transaction is rolled back when this object ends. kTransient where the
  // file is no longer in its place: then nothing is kept, whatever SQLite says.
  Status Commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Status CheckGuard();
  Database* database_;
};

// Write-ahead log with a sync for each commit, kept after a clean close so that a
// reader without write permission can open the file then too.
Status UseDurableLog(Database& database);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_SQLITE_H_
