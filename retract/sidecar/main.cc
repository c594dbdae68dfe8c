// SPDX-License-Identifier: Apache-2.0
// clawback-retractd, the sidecar: follows the relay's decisions into the ledger,
// carries retractions out in mailboxes, and answers on its socket.
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "policy/base/clock.h"
#include "policy/base/fault_point.h"
#include "policy/base/log.h"
#include "policy/judge/judge_pool.h"
#include "policy/relay.h"
#include "policy/tenant.h"
#include "retract/graph/graph_provider.h"
#include "retract/ledger/decision_queue.h"
#include "retract/ledger/ledger.h"
#include "retract/ledger/settings_snapshot.h"
#include "retract/sidecar/answers.h"
#include "retract/sidecar/credential_watch.h"
#include "retract/sidecar/flow_watch.h"
#include "retract/sidecar/follower.h"
#include "retract/sidecar/pruner.h"
#include "retract/sidecar/socket_server.h"
#include "retract/sidecar/tenant_mailboxes.h"
#include "retract/sidecar/tenure_keeper.h"
#include "retract/sidecar/workers.h"

namespace clawback {
namespace {

constexpr char kUsage[] =
    "usage: clawback-retractd [--config FILE]\n"
    "Follows the relay's decisions and retracts messages from mailboxes.\n"
    "  --config FILE  configuration (default /etc/clawback/clawback.yaml)\n"
    "  --version      print the release and exit\n"
    "  --help         print this and exit\n"
    "SIGTERM and SIGINT stop it, SIGHUP makes it read the tenants again.\n"
    "See clawback-retractd(8) and clawback.yaml(5).\n";
constexpr milliseconds kJudgeWait = std::chrono::seconds(20);
constexpr milliseconds kStopPatience = std::chrono::seconds(20);
constexpr milliseconds kSlotPatience = std::chrono::seconds(60);
// A retraction between two requests, at a judge or in the ledger, leaves its slot to
// another one: with a second worker for each slot, all slots are in use.
constexpr int kWorkersPerRequest = 2;
// Of a sidecar that another one relieved: to be started again, to stand by.
constexpr int kRelieved = 75;

int Fail(const Error& error) {
  Log(Severity::kError, "cannot-run", {{"error", error.what}});
  return 1;
}

int Fail(const std::vector<ConfigFault>& faults) {
  for (const ConfigFault& fault : faults) std::fprintf(stderr, "%s\n", ToString(fault).c_str());
  return Fail(
      Error{ErrorKind::kInvalid, std::to_string(faults.size()) + " faults in configuration"});
}

// This process holds what opens mailboxes: no core file, no debugger but root's.
Status Harden() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) == 0 && ::prctl(PR_SET_DUMPABLE, 0) == 0) return {};
  return Error{ErrorKind::kRefused,
               std::string("cannot forbid core files: ") + std::strerror(errno)};
}

// Every thread leaves these to WaitForStop. To be called before the first thread.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

Result<Fingerprint> FingerprintBy(JudgePool& pool, std::string_view mime) {
  ReportBytes bytes;
  if (Status appended = bytes.Append(mime); !appended) return appended.error();
  if (Status sealed = bytes.Seal(); !sealed) return sealed.error();
  JudgeRequest request;
  request.question = Question::kFingerprint;
  auto judgement = pool.Judge(bytes, request, kJudgeWait);
  if (!judgement) return judgement.error();
  return std::move(judgement->fingerprint);
}

void WaitForStop(const sigset_t& signals, LiveSettings& live) {
  for (int signal = 0; signal != SIGTERM && signal != SIGINT;) {
    if (::sigwait(&signals, &signal) != 0 || signal != SIGHUP) continue;
    const auto reloaded = live.Reload(R"({"why":"SIGHUP"})", Actor{});
    if (!reloaded)
      Log(Severity::kError, "tenants-not-reloaded", {{"fault", reloaded.error().what}});
  }
}

// Whether to go on waiting: not once a signal says stop. SIGHUP finds nothing read yet.
bool PauseUnlessStopped(const sigset_t& signals, milliseconds pause) {
  const timespec wait{pause.count() / 1000, pause.count() % 1000 * 1000000};
  const int signal = ::sigtimedwait(&signals, nullptr, &wait);
  return signal != SIGTERM && signal != SIGINT;
}

// The plant that a crowded mailbox's test must catch: one more than Exchange takes.
int MailboxCap() { return FaultSetting("graph.mailbox-cap") == "five" ? 5 : RequestCaps{}.mailbox; }

// A test does not wait for the first pass.
PrunerOptions PrunerOptionsOf(const SidecarSettings& settings) {
  PrunerOptions options;
  options.retention = settings.retention;
  if (FaultSetting("sidecar.first-prune") == "at-once") options.first_after = milliseconds(0);
  return options;
}

int Run(const RelayConfig& config, const TenantDirectory& tenants) {
  const sigset_t signals = BlockSignals();
  if (Status hardened = Harden(); !hardened) return Fail(hardened.error());
  const SidecarSettings& settings = config.sidecar;
  const SystemClock clock;

  const milliseconds tenure = std::min(kTenure, settings.lease);
  auto turn = AwaitLedger(settings.ledger, tenure,
                          [&](milliseconds pause) { return PauseUnlessStopped(signals, pause); });
  if (!turn) return Fail(Within("ledger", turn.error()));
  if (turn->ledger == nullptr) return 0;
  Ledger& ledger = *turn->ledger;
  // Not by the way of return: destructors would take away what is the other one's now.
  std::jthread keeping([&](const std::stop_token& stop) {
    KeepTenure(ledger, clock, tenure, stop, [] { std::_Exit(kRelieved); });
  });
  auto source = OpenSegmentFollower(config.milter.segments);
  if (!source) return Fail(Within("segments", source.error()));
  auto pool = JudgePool::Start({.program = config.judge.program,
                                .workers = static_cast<int>(config.judge.workers),
                                .limits = {}});
  if (!pool) return Fail(Within("judges", pool.error()));

  const auto in_flight = static_cast<int>(settings.requests_in_flight);
  HttpTimeouts timeouts;
  timeouts.total = std::min(timeouts.total, settings.lease / 4);  // a step ends within the lease
  HttpClient http(timeouts);
  const auto of_tenant = static_cast<int>(settings.tenant_requests_in_flight);
  RequestLimits limits(clock,
                       {.relay = in_flight,
                        .tenant = of_tenant > 0 ? of_tenant : in_flight,
                        .mailbox = MailboxCap(),
                        .patience = std::min(kSlotPatience, settings.lease / 8),
                        .short_pause = std::min(RequestCaps{}.short_pause, settings.lease / 60)});
  TenantMailboxes mailboxes(
      [&](const Tenant& tenant) { return OpenGraphProvider(tenant, http, limits, clock); });
  const auto load = [&](const TenantDirectory& fresh) {
    limits.Share(fresh.tenants().size() > 1);
    return mailboxes.Load(fresh);
  };
  const auto unusable = load(tenants);
  for (const Error& error : unusable) Fail(error);
  if (!unusable.empty()) return 1;

  // Before anything is claimed: limits come with the settings.
  LiveSettings live(ledger, config.tenants, SettingsSnapshotBeside(settings.socket),
                    config.relay.region, config.relays);
  CredentialWatch credentials(clock);
  credentials.Load(tenants);
  live.Begin(tenants, [&](const TenantDirectory& fresh) {
    credentials.Load(fresh);
    return load(fresh);
  });
  if (Status published = live.Publish(); !published) {
    return Fail(Within("settings", published.error()));
  }
  TenantAuthorization authorization(
      {[&](const std::string& name) { return live.Find(name); },
       [&](const Tenant& tenant, std::string_view mailbox) {
         return AskAuthorization(tenant, mailbox, http, limits, clock);
       },
       [&](const Tenant& tenant) { mailboxes.Renew(tenant); }, ledger, clock});

  Workers workers(
      {.workers = kWorkersPerRequest * in_flight,
       .at_once_in_mailbox = MailboxCap(),
       .lease = settings.lease,
       .give_up_after = settings.give_up_after},
      mailboxes, [&](std::string_view mime) { return FingerprintBy(**pool, mime); }, ledger, clock);
  Follower follower({config.relay.name, FollowedMarkBeside(settings.socket)}, **source, ledger,
                    clock, [&] { workers.Wake(); });
  Pruner pruner(PrunerOptionsOf(settings), ledger, clock);
  const auto status = [&] {
    SidecarStatus now;
    now.pruned = pruner.progress();
    now.relay = config.relay.name;
    now.region = config.relay.region;
    now.version = CLAWBACK_VERSION;
    now.followed_to = follower.position();
    now.last_error = follower.last_error();
    if (now.last_error.empty()) now.last_error = workers.last_error();
    if (now.last_error.empty()) now.last_error = live.fault();
    return now;
  };
  SocketServerOptions socket;
  socket.path = settings.socket;
  socket.take_over = turn->stood_by;
  auto server = SocketServer::Listen(
      socket,
      [&](const ProtocolRequest& request, const Actor& who) {
        return Answer(request, who,
                      {ledger, status, &live, [&] { workers.Wake(); }, &authorization,
                       config.relay.certificate});
      },
      [&](const ProtocolRequest& request) { return Subscription::Begin(request, ledger, &live); });
  if (!server) return Fail(Within("socket", server.error()));
  std::jthread watching([&](const std::stop_token& stop) { credentials.Run(stop); });
  std::jthread following([&](const std::stop_token& stop) { follower.Run(stop); });
  FlowWatch flow(ledger, clock, config.relay.certificate, [&] { return live.TenantNames(); });
  std::jthread pruning([&](const std::stop_token& stop) { pruner.Run(stop); });
  std::jthread watching_flow([&](const std::stop_token& stop) { flow.Run(stop); });

  Log(Severity::kInfo, "ready",
      {{"program", "clawback-retractd"},
       {"version", CLAWBACK_VERSION},
       {"relay", config.relay.name},
       {"region", config.relay.region},
       {"tenants", std::to_string(tenants.tenants().size())},
       {"socket", settings.socket}});
  WaitForStop(signals, live);
  Log(Severity::kInfo, "stopping", {});
  following.request_stop();
  watching_flow.request_stop();
  pruning.request_stop();
  // What is under way ends by itself, or as unsure: the next start looks before it acts.
  if (!workers.Stop(kStopPatience)) http.Stop();
  return 0;
}

}  // namespace
}  // namespace clawback

int main(int argc, char** argv) {
  using namespace clawback;
  std::string path = "/etc/clawback/clawback.yaml";
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--help") return std::fputs(kUsage, stdout) < 0;
    if (option == "--version") return std::puts("clawback-retractd " CLAWBACK_VERSION) < 0;
    if (option != "--config" || i + 1 == argc) {
      std::fprintf(stderr, "clawback-retractd: unexpected \"%s\"\n%s",
                   EscapeForTerminal(option).c_str(), kUsage);
      return 2;
    }
    path = argv[++i];
  }
  RelayFile relay = ReadRelayFile(path);
  if (!relay.faults.empty()) return Fail(relay.faults);
  const TenantDirectoryFiles tenants = ReadTenantFolder(relay.config.tenants, relay.config.relays);
  if (!tenants.faults.empty()) return Fail(tenants.faults);
  return Run(relay.config, tenants.directory);
}
