// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/segment_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "retract/ledger/private_files.h"
#include "retract/ledger/schema.h"

namespace clawback {
namespace {

constexpr std::string_view kPrefix = "decisions-";
constexpr std::string_view kSuffix = ".db";
constexpr std::string_view kParts[] = {"", "-wal", "-shm"};

void RemoveParts(const std::string& path) {
  for (const std::string_view part : kParts) ::unlink((path + std::string(part)).c_str());
}

Status WriteEmptySegment(const std::string& path) {
  if (Status prepared = PrepareFile(path, kGroupReads); !prepared.ok()) return prepared;
  Result<Database> database = Database::Open(path, OpenMode::kReadWrite);
  if (!database.ok()) return database.error();
  if (Status log = UseDurableLog(*database); !log.ok()) return log;
  return Migrate(*database, SegmentSchema());
}

}  // namespace

std::string SegmentName(Time time) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  return fmt::format("{}{:04d}{:02d}{:02d}{}", kPrefix, static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), kSuffix);
}

std::optional<Time> SegmentDay(std::string_view name) {
  constexpr std::size_t kDigits = 8;
  if (name.size() != kPrefix.size() + kDigits + kSuffix.size() || !name.starts_with(kPrefix) ||
      !name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  const std::string_view digits = name.substr(kPrefix.size(), kDigits);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + kDigits, number);
  if (error != std::errc() || end != digits.data() + kDigits) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(number / 10000)),
                                        std::chrono::month(number / 100 % 100),
                                        std::chrono::day(number % 100)};
  if (!day.ok()) return std::nullopt;
  return Time(std::chrono::sys_days(day).time_since_epoch());
}

Result<std::vector<std::string>> ListSegments(const std::string& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  std::vector<std::string> names;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (SegmentDay(name)) names.push_back(std::move(name));
  }
  if (error) return SystemError(folder, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

Status MakeSegment(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/" + name;
  const std::string fresh = path + ".new";
  RemoveParts(fresh);
  if (Status written = WriteEmptySegment(fresh); !written.ok()) {
    RemoveParts(fresh);
    return written;
  }
  // The database last: under its name a segment is whole.
  for (auto part = std::rbegin(kParts); part != std::rend(kParts); ++part) {
    const std::string suffix(*part);
    const std::string from = fresh + suffix;
    if (::rename(from.c_str(), (path + suffix).c_str()) != 0) {
      return SystemError("rename " + from, errno);
    }
  }
  return SyncPath(folder);
}

Result<Database> OpenSegment(const std::string& path) {
  if (Status checked = PrepareFile(path, kGroupReads); !checked.ok()) return checked.error();
  Result<Database> database = Database::Open(path, OpenMode::kReadWrite);
  if (!database.ok()) return database;
  if (Status log = UseDurableLog(*database); !log.ok()) return log.error();
  if (Status migrated = Migrate(*database, SegmentSchema()); !migrated.ok()) {
    return migrated.error();
  }
  // What stands in the log may be there only in memory: its writer may have died, or
  // its sync may have failed. A checkpoint writes it anew and syncs it, so that it
  // may be called a repeat. The first column says whether a reader was in the way.
  const Result<std::int64_t> busy = database->Number("PRAGMA wal_checkpoint(FULL)");
  if (!busy.ok()) return busy.error();
  if (*busy != 0) return Error{ErrorKind::kTransient, path + ": a reader holds up the checkpoint"};
  return database;
}

void DropSegment(const std::string& folder, const std::string& name) {
  RemoveParts(folder + "/" + name);
}

}  // namespace clawback
