// SPDX-License-Identifier: Apache-2.0
// Raw bytes of reports that could not be used, one file each, kept for a while and
// under a cap.
#ifndef CLAWBACK_RETRACT_LEDGER_PARKED_REPORTS_H_
#define CLAWBACK_RETRACT_LEDGER_PARKED_REPORTS_H_

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "policy/base/clock.h"
#include "policy/base/digest.h"
#include "policy/base/result.h"

namespace clawback {

struct ParkedLimits {
  std::int64_t bytes = 0;       // of all files together
  milliseconds expire_after{};  // counted from the time given to Keep
};

// Safe from any thread; calls wait for one another and for the disk.
class ParkedReports {
 public:
  ParkedReports(std::string folder, ParkedLimits limits)
      : folder_(std::move(folder)), limits_(limits) {}

  // Takes stock of what is there; before any other call.
  Status Load();
  // DIGEST.eml in the folder, durable on return; false: the cap leaves no room.
  Result<bool> Keep(const Digest& digest, std::string_view bytes, Time at, Time now);

 private:
  struct File {
    std::int64_t bytes = 0;
    Time at{};
  };
  void Expire(Time now);

  const std::string folder_;
  const ParkedLimits limits_;
  std::mutex mutex_;
  std::map<std::string, File> files_;  // by name
  std::int64_t bytes_ = 0;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_PARKED_REPORTS_H_
