// SPDX-License-Identifier: Apache-2.0
// Raw bytes of reports, one file each, kept for a while and under a cap: of those that could
// not be used, and of detections where the tenant says so.
#ifndef CLAWBACK_RETRACT_LEDGER_REPORT_FILES_H_
#define CLAWBACK_RETRACT_LEDGER_REPORT_FILES_H_

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "policy/base/clock.h"
#include "policy/base/digest.h"
#include "policy/base/result.h"
#include "retract/ledger/private_files.h"

namespace clawback {

struct ReportFileLimits {
  std::int64_t bytes = 0;       // of all files together
  milliseconds expire_after{};  // counted from the time given to Keep
};

// Safe from any thread; calls wait for one another and for the disk.
class ReportFiles {
 public:
  ReportFiles(std::string folder, FolderModes modes, ReportFileLimits limits)
      : folder_(std::move(folder)), modes_(modes), limits_(limits) {}

  // Takes stock of what is there; before any other call.
  Status Load();
  // DIGEST.eml in the folder, durable on return; false: the cap leaves no room.
  Result<bool> Keep(const Digest& digest, std::string_view bytes, Time at, Time now);
  // Removes what has been kept for long enough; Keep does so too.
  void Expire(Time now);

 private:
  struct File {
    std::int64_t bytes = 0;
    Time at{};
  };
  void ExpireLocked(Time now);

  const std::string folder_;
  const FolderModes modes_;
  const ReportFileLimits limits_;
  std::mutex mutex_;
  std::map<std::string, File> files_;  // by name
  std::int64_t bytes_ = 0;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_REPORT_FILES_H_
