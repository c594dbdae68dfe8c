// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/worker/worker.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policy/base/digest.h"
#include "policy/base/log.h"
#include "policy/judge/pool/pieces.h"
#include "policy/judge/pool/protocol.h"
#include "policy/judge/pool/sanitized.h"
#include "policy/judge/worker/asked.h"
#include "policy/judge/worker/confine.h"
#include "policy/judge/worker/iconv_gate.h"
#include "policy/judge/worker/kept_lists.h"
#include "policy/judge/worker/mapping.h"
#include "policy/judge/worker/memory_gauge.h"
#include "policy/judge/worker/planted_fault.h"

namespace clawback {
namespace {

// Instrumented code is slower by about so much.
constexpr std::uint32_t kSlowness = kSanitized ? 10 : 1;

// Both in one call, as far as the socket takes them: whoever waits is woken once.
bool SendAnswer(const AnswerHeader& header, std::string_view json) {
  std::array<iovec, 2> pieces = {PieceOf({reinterpret_cast<const char*>(&header), sizeof header}),
                                 PieceOf(json)};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  while (message.msg_iovlen > 0) {
    const ssize_t sent = ::sendmsg(kJudgeSocket, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) return false;
    if (sent > 0) PassOver(static_cast<std::size_t>(sent), &message);
  }
  return true;
}

// Processor time from now on; the timer's signal ends the process wherever it is,
// in a library's loop too. 0 takes the bound away.
void AllowProcessorTime(std::uint32_t milliseconds) {
  itimerval timer{};
  timer.it_value.tv_sec = milliseconds / 1000;
  timer.it_value.tv_usec = static_cast<suseconds_t>(milliseconds % 1000 * 1000);
  ::setitimer(ITIMER_PROF, &timer, nullptr);
}

class Worker {
 public:
  Worker(const JudgeWork& work, const LinearModel& model, MemoryGauge gauge)
      : work_(work), model_(model), gauge_(std::move(gauge)) {}

  int Serve() {
    faults_.TryForbiddenCall();
    if (!SendAnswer({.magic = kGreetingMagic}, {})) return kJudgeDone;
    while (true) {
      std::optional<Asked> asked = Asked::Await();
      if (!asked) return kJudgeDone;
      if (const int exit = Answer(&*asked); exit >= 0) return exit;
    }
  }

 private:
  // Negative: go on with the next question; otherwise how to end.
  int Answer(Asked* asked) {
    const RequestHeader& header = asked->header();
    if (!asked->IsPlausible()) return kJudgeProtocol;
    AllowProcessorTime(header.cpu_ms * kSlowness);
    if (!asked->Complete()) return kJudgeDone;
    Result<JudgeRequest> request = Read(asked->json());
    if (!request) return kJudgeProtocol;

    // The mapping is the pool's memory; as much again, and the margin, is ours.
    std::uint64_t lists = 0;
    for (std::size_t i = 0; i < header.lists; ++i) lists += header.list_bytes[i];
    gauge_.AllowGrowth(2 * header.message_bytes + lists + header.memory_beyond);
    bool leave = false;
    const std::string json = JudgeReport(*asked, &*request, &leave);
    const bool settled = gauge_.Settle(lists_.bytes());
    const AnswerHeader answer{.json_bytes = static_cast<std::uint32_t>(json.size()),
                              .flags = settled ? kMoreAnswers : kLastAnswer};
    if (json.size() > kMaxAnswerBytes || !SendAnswer(answer, json)) return kJudgeDone;
    AllowProcessorTime(0);
    return leave || !settled ? kJudgeDone : -1;
  }

  // Most requests are the one before, word for word: for the same tenant.
  Result<JudgeRequest> Read(std::string_view json) {
    if (json == last_json_) return last_request_;
    Result<JudgeRequest> request = JudgeRequestFromJson(json);
    if (!request) return request;
    last_json_ = json;
    last_request_ = *request;
    return request;
  }

  std::string JudgeReport(const Asked& asked, JudgeRequest* request, bool* leave) {
    if (asked.ReportFollows()) return Judge(asked.report(), asked, request, leave);
    const Mapping report(asked.report_file(), asked.header().message_bytes);
    if (!report.ok()) ::_exit(kJudgeOutOfMemory);
    return Judge(report.bytes(), asked, request, leave);
  }

  std::string Judge(std::string_view report, const Asked& asked, JudgeRequest* request,
                    bool* leave) {
    Result<std::vector<JudgeLists>> lists = lists_.Of(asked.header(), asked.lists());
    if (!lists) {
      ::_exit(lists.error().kind == ErrorKind::kInvalid ? kJudgeProtocol : kJudgeOutOfMemory);
    }
    request->lists = std::move(*lists);
    faults_.BeforeJudging(report);
    *leave = faults_.LeavesAfter(report);
    return ToJson(work_.judge(report, *request, model_));
  }

  JudgeWork work_;
  std::string last_json_;
  JudgeRequest last_request_;  // without lists
  const LinearModel& model_;
  MemoryGauge gauge_;
  KeptLists lists_;
  PlantedFaults faults_;
};

// The pool's model, mapped while its descriptor is still open; the mapping is kept to
// the end of the process.
class PoolsModel {
 public:
  Status Open() {
    struct stat file {};
    if (::fstat(kJudgeModel, &file) != 0) return {};  // none: the shipped one serves
    mapping_.emplace(kJudgeModel, static_cast<std::size_t>(file.st_size));
    if (!mapping_->ok()) return Error{ErrorKind::kTransient, "cannot map the model"};
    Result<LinearModel> opened = LinearModel::Open(mapping_->bytes());
    if (!opened) return opened.error();
    model_ = std::move(*opened);
    return {};
  }
  const LinearModel& model() const { return model_ ? *model_ : LinearModel::Shipped(); }

 private:
  std::optional<Mapping> mapping_;
  std::optional<LinearModel> model_;
};

int CannotStart(const Error& error) {
  Log(Severity::kError, "judge-cannot-start", {{"why", error.what}});
  return kJudgeCannotStart;
}

}  // namespace

int RunJudge(const JudgeWork& work) {
  PoolsModel pools;
  if (Status opened = pools.Open(); !opened) return CannotStart(opened.error());
  if (Status left = LeaveEverythingBehind(); !left) return CannotStart(left.error());
  Result<MemoryGauge> gauge = MemoryGauge::Open();
  if (!gauge) return CannotStart(gauge.error());
  // Without TZ glibc looks at /etc/localtime again with every mktime(), which archive
  // readers call; with it only once.
  ::setenv("TZ", "UTC0", 1);
  ::tzset();
  static_cast<void>(Sha256Of("first"));  // OpenSSL reads a file the first time
  work.prepare();
  CloseIconvGate();
  Worker worker(work, pools.model(), std::move(*gauge));
  if (Status confined = ConfineSystemCalls(); !confined) return CannotStart(confined.error());
  // Not exit(): nothing is worth flushing, and destructors of libraries may want
  // what is forbidden now.
  ::_exit(worker.Serve());
}

}  // namespace clawback
