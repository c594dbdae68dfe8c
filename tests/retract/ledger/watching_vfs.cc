// SPDX-License-Identifier: Apache-2.0
#include "tests/retract/ledger/watching_vfs.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>

namespace clawback::testing {

// In the memory that SQLite gives for a file: ours first, the real one behind it.
struct WatchedFile {
  sqlite3_file base;
  WatchingVfs* vfs;
  std::string* path;
  bool log;

  static WatchedFile* Of(sqlite3_file* file) { return reinterpret_cast<WatchedFile*>(file); }
  static sqlite3_file* Real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(WatchedFile));
  }

  static int Close(sqlite3_file* file) {
    delete Of(file)->path;
    return Real(file)->pMethods->xClose(Real(file));
  }
  static int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    return Real(file)->pMethods->xRead(Real(file), to, size, offset);
  }
  static int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    std::string bytes(static_cast<const char*>(from), static_cast<std::size_t>(size));
    const int code = Of(file)->vfs->Write(*Of(file)->path, std::move(bytes), offset);
    return code != SQLITE_OK ? code : Real(file)->pMethods->xWrite(Real(file), from, size, offset);
  }
  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    const int code = Of(file)->vfs->Truncate(*Of(file)->path, size);
    return code != SQLITE_OK ? code : Real(file)->pMethods->xTruncate(Real(file), size);
  }
  static int Sync(sqlite3_file* file, int flags) {
    const int code = Of(file)->vfs->Sync(*Of(file)->path, Of(file)->log);
    return code != SQLITE_OK ? code : Real(file)->pMethods->xSync(Real(file), flags);
  }
  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    return Real(file)->pMethods->xFileSize(Real(file), size);
  }
  static int Lock(sqlite3_file* file, int level) {
    return Real(file)->pMethods->xLock(Real(file), level);
  }
  static int Unlock(sqlite3_file* file, int level) {
    return Real(file)->pMethods->xUnlock(Real(file), level);
  }
  static int CheckReservedLock(sqlite3_file* file, int* out) {
    return Real(file)->pMethods->xCheckReservedLock(Real(file), out);
  }
  static int FileControl(sqlite3_file* file, int operation, void* argument) {
    return Real(file)->pMethods->xFileControl(Real(file), operation, argument);
  }
  static int SectorSize(sqlite3_file* file) {
    return Real(file)->pMethods->xSectorSize(Real(file));
  }
  // Nothing is promised: not even that a write does not touch its neighbours.
  static int Characteristics(sqlite3_file*) { return 0; }
  static int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
    return Real(file)->pMethods->xShmMap(Real(file), page, size, extend, out);
  }
  static int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
    return Real(file)->pMethods->xShmLock(Real(file), offset, count, flags);
  }
  static void ShmBarrier(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }
  static int ShmUnmap(sqlite3_file* file, int remove) {
    return Real(file)->pMethods->xShmUnmap(Real(file), remove);
  }
};

namespace {

// Version 2: without memory-mapped reads, which nobody asked for.
const sqlite3_io_methods kMethods = {
    2,
    WatchedFile::Close,
    WatchedFile::Read,
    WatchedFile::Write,
    WatchedFile::Truncate,
    WatchedFile::Sync,
    WatchedFile::FileSize,
    WatchedFile::Lock,
    WatchedFile::Unlock,
    WatchedFile::CheckReservedLock,
    WatchedFile::FileControl,
    WatchedFile::SectorSize,
    WatchedFile::Characteristics,
    WatchedFile::ShmMap,
    WatchedFile::ShmLock,
    WatchedFile::ShmBarrier,
    WatchedFile::ShmUnmap,
    nullptr,
    nullptr,
};

// A segment is made under another name and renamed: the same file.
std::string FinalPath(std::string path) {
  const std::size_t fresh = path.find(".new");
  if (fresh != std::string::npos) path.erase(fresh, 4);
  return path;
}

}  // namespace

WatchingVfs::WatchingVfs() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
  vfs_.zName = "watching";
  vfs_.szOsFile = static_cast<int>(sizeof(WatchedFile)) + real_->szOsFile;
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.xOpen = Open;
  vfs_.xDelete = Delete;
  sqlite3_vfs_register(&vfs_, 1);
}

WatchingVfs::~WatchingVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_, 1);
}

int WatchingVfs::Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  // xOpen hands on the real file system's own pAppData: its unix functions use it.
  auto* self = static_cast<WatchingVfs*>(vfs->pAppData);
  auto* watched = WatchedFile::Of(file);
  watched->base.pMethods = nullptr;
  const int code = self->real_->xOpen(self->real_, name, WatchedFile::Real(file), flags, out);
  if (code != SQLITE_OK) return code;
  watched->vfs = self;
  watched->path = new std::string(FinalPath(name != nullptr ? name : ""));
  watched->log = (flags & SQLITE_OPEN_WAL) != 0;
  watched->base.pMethods = &kMethods;
  return SQLITE_OK;
}

int WatchingVfs::Delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  auto* self = static_cast<WatchingVfs*>(vfs->pAppData);
  {
    const std::lock_guard lock(self->mutex_);
    self->images_.erase(FinalPath(name));
  }
  return self->real_->xDelete(self->real_, name, sync_folder);
}

void WatchingVfs::FailAt(int nth, int code, int count) {
  const std::lock_guard lock(mutex_);
  fail_from_ = operations_ + nth;
  fail_code_ = code;
  fail_count_ = count;
}

int WatchingVfs::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

int WatchingVfs::log_syncs() const {
  const std::lock_guard lock(mutex_);
  return log_syncs_;
}

int WatchingVfs::Pass() {
  ++operations_;
  const bool fails = operations_ >= fail_from_ && operations_ < fail_from_ + fail_count_;
  return fails ? fail_code_ : SQLITE_OK;
}

int WatchingVfs::Write(const std::string& path, std::string bytes, std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  const int code = Pass();
  if (code == SQLITE_OK) images_[path].pending.push_back({offset, std::move(bytes)});
  return code;
}

void WatchingVfs::Hang() {
  const std::lock_guard lock(mutex_);
  hanging_ = true;
}

void WatchingVfs::Release() {
  {
    const std::lock_guard lock(mutex_);
    hanging_ = false;
  }
  released_.notify_all();
}

int WatchingVfs::Sync(const std::string& path, bool log) {
  std::unique_lock lock(mutex_);
  released_.wait(lock, [&] { return !hanging_; });
  const int code = Pass();
  if (code != SQLITE_OK) return code;
  if (log) ++log_syncs_;
  Image& image = images_[path];
  for (const PendingWrite& write : image.pending) Apply(write, write.bytes.size(), &image.synced);
  image.pending.clear();
  return SQLITE_OK;
}

int WatchingVfs::Truncate(const std::string& path, std::int64_t size) {
  const std::lock_guard lock(mutex_);
  const int code = Pass();
  // A log is cut only when all of it stands in the database, so that it may as well
  // be cut at once.
  if (code == SQLITE_OK) images_[path].synced.resize(static_cast<std::size_t>(size));
  return code;
}

void WatchingVfs::Apply(const PendingWrite& write, std::size_t length, std::string* bytes) {
  const auto offset = static_cast<std::size_t>(write.offset);
  if (bytes->size() < offset + length) bytes->resize(offset + length);
  bytes->replace(offset, length, write.bytes, 0, length);
}

void WatchingVfs::WritePowerCut(const std::string& folder, const std::string& into,
                                std::mt19937& random) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [path, image] : images_) {
    if (path.rfind(folder + "/", 0) != 0) continue;
    std::string left = image.synced;
    for (const PendingWrite& write : image.pending) {
      const auto fate = random() % 8;
      if (fate < 4) continue;
      const std::size_t size = write.bytes.size();
      Apply(write, fate == 7 ? random() % (size + 1) : size, &left);
    }
    const std::string name = std::filesystem::path(path).filename().string();
    std::ofstream(into + "/" + name, std::ios::binary) << left;
    std::filesystem::permissions(into + "/" + name, std::filesystem::perms(0640));
  }
}

}  // namespace clawback::testing
