// SPDX-License-Identifier: Apache-2.0
// A layer under SQLite that sees every write and sync, can make them fail, and
// knows what a power cut would leave: what was synced, and any part of the rest
// (the idea of SQLite's own test6.c).
#ifndef CLAWBACK_TESTS_RETRACT_LEDGER_WATCHING_VFS_H_
#define CLAWBACK_TESTS_RETRACT_LEDGER_WATCHING_VFS_H_

#include <sqlite3.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace clawback::testing {

// SQLite's default file system while it lives. One at a time; every database that
// was opened under it is closed before it goes. Safe from any thread.
class WatchingVfs {
 public:
  WatchingVfs();
  WatchingVfs(const WatchingVfs&) = delete;
  WatchingVfs& operator=(const WatchingVfs&) = delete;
  ~WatchingVfs();

  // From the nth write or sync on (1: the next), answer code for count of them.
  void FailAt(int nth, int code, int count);
  // A disk that hangs: syncs wait until it is released.
  void Hang();
  void Release();
  // How many writes and syncs there were.
  int operations() const;
  int log_syncs() const;  // of write-ahead logs only
  // The files of folder as a power cut now would leave them, in another folder:
  // synced bytes, and of the writes since then each one with a chance of one half,
  // now and then cut in the middle.
  void WritePowerCut(const std::string& folder, const std::string& into,
                     std::mt19937& random) const;

 private:
  struct PendingWrite {
    std::int64_t offset;
    std::string bytes;
  };
  struct Image {
    std::string synced;
    std::vector<PendingWrite> pending;
  };
  friend struct WatchedFile;

  int Pass();  // SQLITE_OK, or the code that this operation is to fail with
  int Write(const std::string& path, std::string bytes, std::int64_t offset);
  int Sync(const std::string& path, bool log);
  int Truncate(const std::string& path, std::int64_t size);
  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out);
  static int Delete(sqlite3_vfs* vfs, const char* name, int sync_folder);
  static void Apply(const PendingWrite& write, std::size_t length, std::string* bytes);

  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_;
  mutable std::mutex mutex_;
  std::condition_variable released_;
  bool hanging_ = false;
  std::map<std::string, Image> images_;
  int operations_ = 0, log_syncs_ = 0;
  int fail_from_ = 0, fail_code_ = 0, fail_count_ = 0;
};

}  // namespace clawback::testing

#endif  // CLAWBACK_TESTS_RETRACT_LEDGER_WATCHING_VFS_H_
