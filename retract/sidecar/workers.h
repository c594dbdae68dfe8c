// SPDX-License-Identifier: Apache-2.0
// The threads that carry retractions out. Each takes one claim at a time; one of those
// that are idle waits for the next due time and claims for all of them, and some more, so
// that nobody who gets idle waits for the ledger. What is for a mailbox that has as much work
// as it takes waits here and keeps no worker; nothing more is claimed for it. Where there are
// several tenants none keeps all workers (tenant_share.h): it may be answered late or never.
#ifndef CLAWBACK_RETRACT_SIDECAR_WORKERS_H_
#define CLAWBACK_RETRACT_SIDECAR_WORKERS_H_

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/ledger/ledger.h"
#include "retract/sidecar/mailbox_turns.h"
#include "retract/sidecar/recipient_pace.h"
#include "retract/sidecar/retract_one.h"
#include "retract/sidecar/tenant_mailboxes.h"

namespace clawback {

struct WorkerOptions {
  int workers = 16;
  int at_once_in_mailbox = 4;
  milliseconds lease = std::chrono::minutes(2);
  milliseconds give_up_after = std::chrono::hours(48);
};

// Safe from any thread.
class Workers {
 public:
  // Starts at once. All outlive this.
  Workers(WorkerOptions options, const TenantMailboxes& mailboxes, Fingerprinter fingerprint,
          Ledger& ledger, const Clock& clock);
  // As Stop, and waits for as long as it takes.
  ~Workers();

  // Takes nothing new up; what was only claimed is due again at once. true: what was
  // being carried out is finished; false: patience ended first.
  bool Stop(milliseconds patience);

  // Something new may be due.
  void Wake();
  std::string last_error() const;

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct Waiting {
    ClaimedRetraction claim;
    std::chrono::steady_clock::time_point since;
  };
  void Work();
  std::optional<ClaimedRetraction> Next();
  bool HasRoom(const ClaimedRetraction& claim) const;
  bool MayTakeMore(const std::string& tenant) const;
  PassedOver Busy();
  void GiveBackOld(Lock& lock);
  void GiveBack(const std::deque<Waiting>& untouched, std::string_view why);
  std::deque<Waiting>::iterator Ready();
  void ClaimOrWait(Lock& lock);
  Status Fill(Lock& lock);
  void FollowClock();
  milliseconds UntilDue(bool some_passed_over);
  void CarryOut(const ClaimedRetraction& claim);
  Ending EndingOf(const ClaimedRetraction& claim);
  Ending WithoutTenant(const ClaimedRetraction& claim);
  void Report(const ClaimedRetraction& claim, const Ending& ending);

  const WorkerOptions options_;
  const TenantMailboxes& mailboxes_;
  const Fingerprinter fingerprint_;
  Ledger& ledger_;
  const Clock& clock_;
  const ClockSteps clock_steps_;
  MailboxTurns turns_;

  // Of whoever claims.
  milliseconds clock_seen_{0};  // the steps that the ledger's waits allow for
  bool waits_limited_ = false;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Waiting> claimed_;
  RecipientPace pace_;
  std::map<std::string, int> at_work_;  // threads, by tenant
  int all_at_work_ = 0;
  int idle_ = 0;
  bool someone_claims_ = false;
  bool woken_ = false;
  bool stopping_ = false;
  std::size_t ended_ = 0;  // threads that have
  std::string last_error_;

  std::vector<std::thread> threads_;  // last: everything above is there when they start
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_WORKERS_H_
