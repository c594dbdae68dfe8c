// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/tenure.h"

#include <fcntl.h>

#include <cerrno>

#include "policy/base/fault_point.h"
#include "retract/ledger/private_files.h"

namespace clawback {
namespace {

// The lock file is empty; what is locked are bytes that it might have: this one by who
// begins a tenure, and of each number by who has that tenure.
constexpr off_t kDoor = 0;

// Locks of an open file, not of a process: they end with its last descriptor, and two
// openers in one process are two.
struct flock ByteOf(off_t byte, short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

Result<bool> Lock(int file, off_t byte) {
  struct flock lock = ByteOf(byte, F_WRLCK);
  if (::fcntl(file, F_OFD_SETLK, &lock) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  return SystemError("lock the ledger", errno);
}

Result<bool> IsLocked(int file, off_t byte) {
  struct flock lock = ByteOf(byte, F_WRLCK);
  if (::fcntl(file, F_OFD_GETLK, &lock) != 0) return SystemError("ask for a lock", errno);
  return lock.l_type != F_UNLCK;
}

void OpenDoor(int file) {
  struct flock lock = ByteOf(kDoor, F_UNLCK);
  ::fcntl(file, F_OFD_SETLK, &lock);
}

Error Taken(const Database& database, std::string_view until) {
  return {ErrorKind::kConflict, database.path() + ": another process is its writer, " +
                                    std::string(until) + "; one sidecar works on a ledger"};
}

}  // namespace

Result<FileDescriptor> EnterTenure(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return SystemError("open " + path, errno);
  const Result<bool> entered = Lock(file.get(), kDoor);
  if (!entered.ok()) return entered.error();
  if (!*entered) return Error{ErrorKind::kConflict, path + ": another process is just opening it"};
  return file;
}

Status CheckVacant(Database& database, int lock, Time now) {
  const auto known =
      database.Number("SELECT count(*) FROM sqlite_master WHERE type='table' AND name='tenure'");
  if (!known.ok()) return known.error();
  if (*known == 0) return {};  // older than tenures, or new
  Result<Statement> found = database.Prepare("SELECT number, ends FROM tenure");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Step();
  if (!row.ok()) return row.error();
  if (!*row) return Error{ErrorKind::kInvalid, database.path() + ": its tenure is missing"};
  const Result<bool> alive = IsLocked(lock, static_cast<off_t>(found->Integer(0)));
  if (!alive.ok()) return alive.error();
  if (*alive && now < found->AsTime(1)) {
    return Taken(database, "at least until " + FormatTime(found->AsTime(1)));
  }
  return {};
}

Status BeginTenure(Database& database, int lock, Time now, Time ends) {
  Result<Transaction> transaction = Transaction::Begin(database);
  if (!transaction.ok()) return transaction.error();
  if (Status vacant = CheckVacant(database, lock, now); !vacant.ok()) return vacant;
  const auto last = database.Number("SELECT number FROM tenure");
  if (!last.ok()) return last.error();
  const std::int64_t number = *last + 1;
  const Result<bool> locked = Lock(lock, static_cast<off_t>(number));
  if (!locked.ok()) return locked.error();
  if (!*locked) return Taken(database, "as a lock says that is of no tenure yet");
  Status begun = database.Run("UPDATE tenure SET number=?, ends=?", number, ends);
  if (!begun.ok()) return begun;
  if (Status committed = transaction->Commit(); !committed.ok()) return committed;
  // The plant that the test of two sidecars must catch: who was relieved writes on.
  if (FaultSetting("ledger.tenure") != "ignored") {
    database.Guard("SELECT 1 FROM tenure WHERE number=" + std::to_string(number));
  }
  OpenDoor(lock);
  return {};
}

Status ProlongTenure(Database& database, Time ends) {
  Result<Transaction> transaction = Transaction::Begin(database);
  if (!transaction.ok()) return transaction.error();
  if (Status kept = database.Run("UPDATE tenure SET ends=?", ends); !kept.ok()) return kept;
  return transaction->Commit();
}

}  // namespace clawback
