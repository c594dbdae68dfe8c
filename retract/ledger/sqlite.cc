// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/sqlite.h"

#include <algorithm>

#include "policy/base/fault_point.h"

namespace clawback {
namespace {

constexpr int kBusyMilliseconds = 2000;

ErrorKind KindOf(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:  // a file system that was remounted
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return ErrorKind::kTransient;
    case SQLITE_CONSTRAINT:
      return ErrorKind::kRefused;
    default:
      return ErrorKind::kInvalid;
  }
}

}  // namespace

Error SqliteError(int code, std::string_view what, const char* detail) {
  std::string text(what);
  text.append(": ").append(sqlite3_errstr(code));
  if (detail != nullptr && std::string_view(detail) != sqlite3_errstr(code)) {
    text.append(" (").append(detail).append(")");
  }
  return {KindOf(code), std::move(text)};
}

Statement::Statement(Database* database, StatementHandle handle)
    : database_(database), handle_(std::move(handle)) {}

Statement::~Statement() {
  if (!handle_) return;  // moved from
  Reset();
  std::string sql = sqlite3_sql(handle_.get());
  database_->statements_.insert_or_assign(std::move(sql), std::move(handle_));
}

void Statement::Reset() {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
  bind_code_ = SQLITE_OK;
}

void Statement::Note(int code) {
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

void Statement::BindOne(int index, std::string_view text) {
  // An empty view may have no address, which would bind NULL.
  const char* begin = text.data() != nullptr ? text.data() : "";
  Note(
      sqlite3_bind_text64(handle_.get(), index, begin, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::BindOne(int index, std::int64_t number) {
  Note(sqlite3_bind_int64(handle_.get(), index, number));
}

void Statement::BindOne(int index, double number) {
  Note(sqlite3_bind_double(handle_.get(), index, number));
}

void Statement::BindOne(int index, const Digest& blob) {
  Note(sqlite3_bind_blob64(handle_.get(), index, blob.data(), blob.size(), SQLITE_TRANSIENT));
}

Result<bool> Statement::Step() {
  if (bind_code_ != SQLITE_OK) return database_->ErrorOf(bind_code_, "bind");
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->ErrorOf(code, "step");
}

Status Statement::Run() {
  while (true) {
    const Result<bool> row = Step();
    if (!row.ok()) return row.error();
    if (!*row) return {};
  }
}

std::string_view Statement::Text(int column) const {
  const auto* text = sqlite3_column_text(handle_.get(), column);
  if (text == nullptr) return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return {reinterpret_cast<const char*>(text), size};
}

std::int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

double Statement::Real(int column) const { return sqlite3_column_double(handle_.get(), column); }

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

Result<Digest> Statement::AsDigest(int column) const {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_.get(), column));
  Digest digest{};
  if (bytes == nullptr ||
      sqlite3_column_bytes(handle_.get(), column) != static_cast<int>(digest.size())) {
    return Error{ErrorKind::kInvalid, "digest column is not 32 bytes"};
  }
  std::copy_n(bytes, digest.size(), digest.begin());
  return digest;
}

Result<Database> Database::Open(const std::string& path, OpenMode mode) {
  const int flags = (mode == OpenMode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(path, handle);  // there even after an error, and to be closed
  if (code != SQLITE_OK) return database.ErrorOf(code, "open");
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  // What an attacker could write into a file must not become code here.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return database;
}

Database& Database::operator=(Database&& other) noexcept {
  statements_ = std::move(other.statements_);  // ours end before our handle does
  handle_ = std::move(other.handle_);
  path_ = std::move(other.path_);
  guard_ = std::move(other.guard_);
  return *this;
}

Status Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return ErrorOf(code, "execute");
  return {};
}

Result<Statement> Database::Prepare(std::string_view sql) {
  const auto kept = statements_.find(sql);
  if (kept != statements_.end()) {
    StatementHandle handle = std::move(kept->second);
    statements_.erase(kept);
    return Statement(this, std::move(handle));
  }
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  StatementHandle handle(raw);
  if (code != SQLITE_OK) return ErrorOf(code, "prepare");
  return Statement(this, std::move(handle));
}

Result<std::int64_t> Database::Number(std::string_view sql) {
  Result<Statement> statement = Prepare(sql);
  if (!statement.ok()) return statement.error();
  const Result<bool> row = statement->Step();
  if (!row.ok()) return row.error();
  if (!*row) return Error{ErrorKind::kNotFound, path_ + ": no row"};
  return statement->Integer(0);
}

bool Database::IsInPlace() const {
  int moved = 0;
  const int code = sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED,
                                        static_cast<void*>(&moved));
  return code != SQLITE_OK || moved == 0;
}

Error Database::ErrorOf(int code, std::string_view what) const {
  const char* detail = handle_ ? sqlite3_errmsg(handle_.get()) : nullptr;
  return Within(path_, SqliteError(code, what, detail));
}

Result<Transaction> Transaction::Begin(Database& database) {
  const Status begun = database.Run("BEGIN IMMEDIATE");
  if (!begun.ok()) return begun.error();
  Transaction transaction(&database);
  if (Status held = transaction.CheckGuard(); !held.ok()) return held.error();
  return transaction;
}

// In the transaction, so that nothing comes in between.
Status Transaction::CheckGuard() {
  if (database_->guard_.empty()) return {};
  Result<Statement> found = database_->Prepare(database_->guard_);
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Step();
  if (!row.ok()) return row.error();
  if (*row) return {};
  return Error{ErrorKind::kRefused,
               database_->path() + ": another process has taken it over and is its writer now"};
}

Transaction::~Transaction() {
  if (database_ == nullptr || sqlite3_get_autocommit(database_->handle()) != 0) return;
  // A rollback that fails leaves the transaction open; the next BEGIN says so.
  (void)database_->Run("ROLLBACK");
}

Status Transaction::Commit() {
  Status committed = database_->Run("COMMIT");
  if (!committed.ok()) return committed;
  const Database& database = *std::exchange(database_, nullptr);
  if (database.IsInPlace()) return {};
  return Error{ErrorKind::kTransient,
               database.path() + ": was removed or replaced while it was in use; put it back"};
}

Status UseDurableLog(Database& database) {
  int keep = 1;
  sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  if (Status set = database.Execute("PRAGMA journal_mode=WAL"); !set.ok()) return set;
  // The plant that the durability tests must catch: acknowledged without a sync.
  const bool planted = FaultSetting("ledger.synchronous") == "off";
  return database.Execute(planted ? "PRAGMA synchronous=OFF" : "PRAGMA synchronous=FULL");
}

}  // namespace clawback
