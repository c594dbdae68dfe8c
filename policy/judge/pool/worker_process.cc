// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/pool/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "policy/judge/pool/pieces.h"
#include "policy/judge/pool/sanitized.h"

namespace clawback {
namespace {

enum class Transfer { kDone, kGone, kTooLate };

// Waits for events on fd; an end of the other side counts as ready.
bool ReadyBy(int fd, short events, Deadline deadline) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{fd, events, 0};
    const int ready =
        ::poll(&waiting, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30)));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return true;  // the transfer itself will say what is wrong
  }
}

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK; }

// Sends the pieces; descriptors ride on the first byte.
Transfer Send(int socket, std::span<iovec> pieces, std::span<const int> descriptors,
              Deadline deadline) {
  alignas(cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  if (!descriptors.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
  }
  while (message.msg_iovlen > 0) {
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent > 0) {
      PassOver(static_cast<std::size_t>(sent), &message);
      message.msg_control = nullptr;
      message.msg_controllen = 0;
    } else if (WouldBlock()) {
      if (!ReadyBy(socket, POLLOUT, deadline)) return Transfer::kTooLate;
    } else if (errno != EINTR) {
      return Transfer::kGone;
    }
  }
  return Transfer::kDone;
}

// At least the first least of out's bytes; *got is how many there are then. Waits first: an
// answer takes its time.
Transfer Receive(int socket, std::span<char> out, std::size_t least, Deadline deadline,
                 std::size_t* got) {
  *got = 0;
  while (*got < least) {
    if (!ReadyBy(socket, POLLIN, deadline)) return Transfer::kTooLate;
    const ssize_t more = ::recv(socket, out.data() + *got, out.size() - *got, 0);
    if (more > 0) {
      *got += static_cast<std::size_t>(more);
    } else if (more == 0 || (!WouldBlock() && errno != EINTR)) {
      return Transfer::kGone;
    }
  }
  return Transfer::kDone;
}

Exchange Unfinished(Transfer transfer) {
  return {transfer == Transfer::kTooLate ? ExchangeEnd::kTooLate : ExchangeEnd::kGone, {}};
}

// Most answers come whole with the first read.
Exchange ReceiveAnswer(int socket, Deadline deadline) {
  std::array<char, 16UL << 10> first;
  AnswerHeader header;
  std::size_t got = 0;
  if (const Transfer end = Receive(socket, first, sizeof header, deadline, &got);
      end != Transfer::kDone) {
    return Unfinished(end);
  }
  std::memcpy(&header, first.data(), sizeof header);
  const std::size_t behind = got - sizeof header;
  if (header.magic != kAnswerMagic || behind > header.json_bytes) {
    return {ExchangeEnd::kNonsense, {}};
  }
  if (header.json_bytes > kMaxAnswerBytes) return {ExchangeEnd::kTooLarge, {}};
  Exchange exchange{header.flags == kLastAnswer ? ExchangeEnd::kLast : ExchangeEnd::kAnswered,
                    std::string(first.data() + sizeof header, behind)};
  exchange.json.resize(header.json_bytes);
  const std::span<char> rest = std::span(exchange.json).subspan(behind);
  const Transfer end = Receive(socket, rest, rest.size(), deadline, &got);
  return end == Transfer::kDone ? exchange : Unfinished(end);
}

// What a judge gets of our environment: nothing but test settings.
std::vector<std::string> JudgeEnvironment() {
  std::vector<std::string> environment;
  const auto pass_on = [&](const char* name) {
    if (const char* value = std::getenv(name)) {
      environment.push_back(fmt::format("{}={}", name, value));
    }
  };
  pass_on("CLAWBACK_FAULT");
  if constexpr (kSanitized) {
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) pass_on(name);
  }
  return environment;
}

// The two structs that posix_spawn wants, released together.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // The judge's descriptors: nothing, nowhere, our standard error, the socket, a model.
  // Neither descriptor may be one that another is put upon.
  void PlanDescriptors(int socket, int model) {
    ::posix_spawn_file_actions_adddup2(&actions, socket, kJudgeSocket);
    if (model >= 0) ::posix_spawn_file_actions_adddup2(&actions, model, kJudgeModel);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&actions,
                                               (model >= 0 ? kJudgeModel : kJudgeSocket) + 1);
  }

  // Default signals, none blocked; a process group of its own, so that a Ctrl-C or
  // hang-up meant for us does not take the judges from sessions still in flight.
  void PlanSignals() {
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

std::string InSeconds(std::chrono::milliseconds time) {
  if (time.count() % 1000 == 0) return fmt::format("{} s", time.count() / 1000);
  return fmt::format("{} ms", time.count());
}

}  // namespace

bool IsLimit(ProcessEnd end) {
  if (end.status == -1) return false;
  if (WIFSIGNALED(end.status)) return WTERMSIG(end.status) == SIGPROF;
  return WIFEXITED(end.status) && WEXITSTATUS(end.status) == kJudgeOutOfMemory;
}

std::string Describe(ProcessEnd end, const JudgeLimits& limits) {
  if (end.status == -1) return "judge died: cause unknown";
  if (WIFSIGNALED(end.status)) {
    const int signal = WTERMSIG(end.status);
    if (signal == SIGPROF) {
      return fmt::format("judge killed: cpu time over {}", InSeconds(limits.cpu));
    }
    if (signal == SIGSYS) return "judge killed: forbidden system call";
    return fmt::format("judge died: {}", ::strsignal(signal));
  }
  if (WEXITSTATUS(end.status) == kJudgeOutOfMemory) {
    return fmt::format("judge killed: memory over the message's size and {} MiB",
                       limits.memory_beyond_message >> 20U);
  }
  return fmt::format("judge died: exit status {}", WEXITSTATUS(end.status));
}

Result<WorkerProcess> WorkerProcess::Spawn(const JudgeProgram& program) {
  const auto failed = [&](int error) {
    return Error{ErrorKind::kTransient,
                 fmt::format("cannot start judge {}: {}", program.path, std::strerror(error))};
  };
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return failed(errno);
  FileDescriptor ours(ends[0]), theirs(ends[1]);
  if (::fcntl(ours.get(), F_SETFL, O_NONBLOCK) != 0) return failed(errno);

  // Copies far from where the judge expects its own: none is overwritten before it was
  // put in its place.
  const FileDescriptor socket(::fcntl(theirs.get(), F_DUPFD_CLOEXEC, kJudgeModel + 1));
  if (!socket) return failed(errno);
  const FileDescriptor model(
      program.model < 0 ? -1 : ::fcntl(program.model, F_DUPFD_CLOEXEC, kJudgeModel + 1));
  if (program.model >= 0 && !model) return failed(errno);
  SpawnPlan plan;
  plan.PlanDescriptors(socket.get(), model.get());
  plan.PlanSignals();
  std::vector<std::string> environment = JudgeEnvironment();
  std::vector<char*> variables;
  variables.reserve(environment.size() + 1);
  for (std::string& variable : environment) variables.push_back(variable.data());
  variables.push_back(nullptr);
  std::string name = program.path;
  char* arguments[] = {name.data(), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.path.c_str(), &plan.actions, &plan.attributes,
                                  arguments, variables.data());
  if (error != 0) return failed(error);
  return WorkerProcess(pid, std::move(ours));
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::move(other.socket_)) {}

WorkerProcess& WorkerProcess::operator=(WorkerProcess&& other) noexcept {
  if (this == &other) return *this;
  End();
  pid_ = std::exchange(other.pid_, -1);
  socket_ = std::move(other.socket_);
  return *this;
}

WorkerProcess::~WorkerProcess() { End(); }

Status WorkerProcess::AwaitGreeting(Deadline deadline) {
  std::array<char, sizeof(AnswerHeader)> bytes;
  std::size_t got = 0;
  const Transfer transfer = Receive(socket_.get(), bytes, bytes.size(), deadline, &got);
  if (transfer == Transfer::kTooLate) {
    return Error{ErrorKind::kTransient, "judge does not answer"};
  }
  if (transfer == Transfer::kGone) {
    return Error{ErrorKind::kTransient,
                 fmt::format("not ready to judge: {}", Describe(End(), JudgeLimits{}))};
  }
  const auto greeting = std::bit_cast<AnswerHeader>(bytes);
  if (greeting.magic != kGreetingMagic || greeting.json_bytes != 0) {
    return Error{ErrorKind::kTransient, "not a judge of this build: it greets otherwise"};
  }
  return {};
}

bool WorkerProcess::Waits() const {
  return !ReadyBy(socket_.get(), POLLIN, std::chrono::steady_clock::now());
}

Exchange WorkerProcess::Ask(const RequestHeader& header, std::string_view json,
                            std::string_view report, std::span<const int> descriptors,
                            Deadline deadline) {
  std::array<iovec, 3> pieces = {PieceOf({reinterpret_cast<const char*>(&header), sizeof header}),
                                 PieceOf(json), PieceOf(report)};
  if (const Transfer sent = Send(socket_.get(), pieces, descriptors, deadline);
      sent != Transfer::kDone) {
    return Unfinished(sent);
  }
  return ReceiveAnswer(socket_.get(), deadline);
}

ProcessEnd WorkerProcess::End() {
  if (pid_ < 0) return {};
  // To a process that is ending already this does nothing: its end is settled before
  // its socket closes. To one that only closed its socket it is the end.
  ::kill(pid_, SIGKILL);
  ProcessEnd end;
  pid_t reaped;
  do {
    reaped = ::waitpid(pid_, &end.status, 0);
  } while (reaped < 0 && errno == EINTR);
  if (reaped != pid_) end.status = -1;  // SIGCHLD is ignored: the kernel reaped it
  pid_ = -1;
  socket_.Reset();
  return end;
}

}  // namespace clawback
