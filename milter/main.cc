// SPDX-License-Identifier: Apache-2.0
// clawback-milter: reads its configuration, opens the segment, starts the judges, and
// serves Postfix until it is told to stop. clawback-milter(8) describes it.
#include <fmt/core.h>
#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "milter/filter.h"
#include "milter/live_tenants.h"
#include "policy/base/log.h"
#include "policy/base/version.h"

namespace {

using namespace clawback;

constexpr std::string_view kUsage =
    "usage: clawback-milter [--config FILE] [--help] [--version]\n"
    "  --config FILE  the relay's configuration (/etc/clawback/clawback.yaml)\n"
    "SIGTERM, SIGINT or SIGHUP: finish the reports on their way, then end.\n"
    "SIGUSR1: read the tenants anew.\n"
    "See clawback-milter(8) and clawback.yaml(5).\n";

// How long a stop waits for reports on their way; then their senders get 451.
constexpr std::chrono::seconds kDrainFor(5);
// libmilter writes a reply after our callback has ended, and does not tell when. A
// reply that is cut off makes the sender repeat a report, which is harmless.
constexpr std::chrono::milliseconds kRepliesFor(100);

[[noreturn]] void Usage(FILE* to, int status) {
  fmt::print(to, "{}", kUsage);
  std::exit(status);
}

std::string ConfigPath(int argc, char** argv) {
  std::string path = "/etc/clawback/clawback.yaml";
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--help") Usage(stdout, 0);
    if (word == "--version") {
      fmt::print("clawback-milter {}\n", kVersion);
      std::exit(0);
    }
    if (word != "--config" || i + 1 == argc) {
      fmt::print(
          stderr, "clawback-milter: {}\n",
          word == "--config" ? "--config wants a FILE" : fmt::format("unexpected \"{}\"", word));
      Usage(stderr, 2);
    }
    path = argv[++i];
  }
  return path;
}

int Fail(std::string_view event, std::string_view why) {
  Log(Severity::kError, event, {{"why", why}});
  return 1;
}

struct Configuration {
  RelayConfig relay;
  TenantDirectory tenants;
};

// Every fault is logged; nullopt if there is one.
std::optional<Configuration> ReadConfiguration(const std::string& path) {
  RelayFile relay = ReadRelayFile(path);
  TenantDirectoryFiles tenants;
  if (relay.faults.empty()) tenants = ReadTenantFolder(relay.config.tenants, relay.config.relays);
  for (const auto* faults : {&relay.faults, &tenants.faults}) {
    for (const ConfigFault& fault : *faults) {
      Log(Severity::kError, "configuration-fault", {{"fault", ToString(fault)}});
    }
  }
  if (!relay.faults.empty() || !tenants.faults.empty()) return std::nullopt;
  return Configuration{std::move(relay.config), std::move(tenants.directory)};
}

// Before any thread starts, so that all of them inherit it: signals are waited for, in
// one place, and interrupt nothing.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Well within the second that is promised.
[[noreturn]] void WatchSettings(LiveTenants& tenants) {
  constexpr std::chrono::milliseconds kEvery(200);
  for (;; std::this_thread::sleep_for(kEvery)) {
    try {
      tenants.Poll();
    } catch (const std::exception& failure) {
      Log(Severity::kError, "settings-not-read", {{"why", failure.what()}});
    }
  }
}

// Tenants only: what else stands in the file takes effect at the next start.
std::optional<TenantDirectory> ReadTenantsAgain(const std::string& path) {
  auto fresh = ReadConfiguration(path);
  if (fresh) return std::move(fresh->tenants);
  Log(Severity::kError, "reload-refused",
      {{"kept", "the tenants read before"}, {"next", "clawback check, then SIGUSR1"}});
  return std::nullopt;
}

// Messages that have begun keep the tenants they began with.
void Reload(const std::string& path, LiveTenants& live) {
  auto fresh = ReadTenantsAgain(path);
  if (!fresh) return;
  const std::string tenants = std::to_string(fresh->tenants().size());
  live.Reload(std::move(*fresh));
  Log(Severity::kInfo, "reloaded", {{"tenants", tenants}});
}

// Returns when the program is to end. The main thread waits here: the kernel gives it
// a signal before it gives it to libmilter's own thread, which waits for them as well.
void WaitForEnd(const sigset_t& signals, const std::string& path, LiveTenants& live) {
  for (;;) {
    int number = 0;
    if (sigwait(&signals, &number) != 0) continue;
    if (number != SIGUSR1) return;
    Reload(path, live);
  }
}

void LogEngines(const Engines& engines) {
  for (const std::string_view engine : {kClamd, kRspamd}) {
    const EngineCounts& counts = engines.counts(engine);
    if (counts.answered + counts.refused + counts.unavailable == 0) continue;
    Log(Severity::kInfo, "engine-counts",
        {{"engine", engine},
         {"answered", std::to_string(counts.answered)},
         {"refused", std::to_string(counts.refused)},
         {"unavailable", std::to_string(counts.unavailable)}});
  }
}

// libmilter stays as it is and its threads end with the process, so nothing that a
// callback may use is destroyed while one could run. _exit, not exit: destructors of
// globals would run beside them.
[[noreturn]] void End(Intake& intake, std::unique_ptr<JudgePool> judges,
                      std::unique_ptr<DecisionQueue> queue, const std::string& socket) {
  ::unlink(socket.c_str());
  const bool drained = intake.drain.Finish(kDrainFor);
  const IntakeCounts& counts = intake.counts;
  Log(Severity::kInfo, "stopping",
      {{"drained", drained ? "yes" : "no"},
       {"committed", std::to_string(counts.committed)},
       {"repeated", std::to_string(counts.repeated)},
       {"deferred", std::to_string(counts.deferred)},
       {"parked", std::to_string(counts.parked)},
       {"other_region", std::to_string(counts.other_region)},
       {"fallback_region", std::to_string(counts.fallback_region)}});
  LogEngines(*intake.engines);
  if (drained) {  // and nobody gets in any more
    std::this_thread::sleep_for(kRepliesFor);
    judges.reset();
    queue.reset();
  } else {
    (void)judges.release();
    (void)queue.release();
  }
  ::_exit(0);
}

SegmentOptions SegmentsOf(const RelayConfig& config) {
  SegmentOptions options;
  options.folder = config.milter.segments;
  options.parked_bytes = config.milter.parked_bytes;
  options.parked_for = config.milter.parked_for;
  options.bodies_bytes = config.milter.bodies_bytes;
  options.bodies_for = config.milter.bodies_for;
  options.keep = config.milter.keep_segments;
  options.followed_mark = FollowedMarkBeside(config.sidecar.socket);
  // The judge has the other three quarters.
  options.commit_within = config.milter.answer_within / 4;
  return options;
}

int Serve(const std::string& path, const sigset_t& signals) {
  auto configuration = ReadConfiguration(path);
  if (!configuration) return Fail("configuration-refused", path);
  const RelayConfig& config = configuration->relay;
  const std::string tenants = std::to_string(configuration->tenants.tenants().size());
  static const SystemClock clock;

  auto queue = OpenSegmentWriter(SegmentsOf(config), clock);
  if (!queue.ok()) return Fail("segments-refused", queue.error().what);
  JudgePoolOptions pool;
  pool.program = config.judge.program;
  pool.workers = static_cast<int>(config.judge.workers);
  if (!config.judge.model.empty()) {
    Result<std::string> model = ReadModelFile(config.judge.model);
    if (!model) return Fail("model-refused", model.error().what);
    pool.model = std::move(*model);
  }
  auto judges = JudgePool::Start(pool);
  if (!judges.ok()) return Fail("judges-refused", judges.error().what);

  // Never destroyed, see End.
  auto* kick = new Kick(config.milter.socket);
  auto* intake =
      new Intake{.relay = config.relay,
                 .relays = config.relays,
                 .settings = config.milter,
                 .queue = **queue,
                 .judge = [pool = judges->get()](
                              const auto& bytes, const auto& request,
                              milliseconds wait) { return pool->Judge(bytes, request, wait); },
                 .clock = clock,
                 .tenants = TenantSnapshot(configuration->tenants),
                 .engines = Engines::Make(config.engines).release()};
  auto* live = new LiveTenants(*intake, std::move(configuration->tenants),
                               SettingsSnapshotBeside(config.sidecar.socket),
                               SettingsCopyIn(config.milter.segments), config.list_files,
                               [path] { return ReadTenantsAgain(path); });
  live->Start();
  if (const Status open = OpenFilter(*intake, *kick, config.milter.socket); !open.ok()) {
    return Fail("socket-refused", open.error().what);
  }
  std::thread([main_thread = pthread_self()] {
    const Status served = RunFilter();
    if (!served.ok()) Log(Severity::kError, "filter-ended", {{"why", served.error().what}});
    // The main thread waits for this signal; sent to the process, libmilter could take it.
    // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread): blocked there, so it ends nothing
    pthread_kill(main_thread, SIGTERM);
  }).detach();

  std::thread([live] { WatchSettings(*live); }).detach();

  Log(Severity::kInfo, "ready",
      {{"relay", config.relay.name},
       {"region", config.relay.region},
       {"socket", config.milter.socket},
       {"segments", config.milter.segments},
       {"tenants", tenants},
       {"version", kVersion}});
  WaitForEnd(signals, path, *live);
  End(*intake, std::move(*judges), std::move(*queue), config.milter.socket);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string path = ConfigPath(argc, argv);
  return Serve(path, BlockSignals());
} catch (const std::exception& failure) {
  return Fail("failed", failure.what());
}
