// SPDX-License-Identifier: Apache-2.0
#include "retract/command/classify_input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>

namespace clawback {
namespace {

// As much as a relay takes by default (clawback.yaml(5), max_report_size).
constexpr std::uint64_t kMaxFileBytes = 160ULL << 20;
// Longer than a judge's own limits: only those speak.
constexpr std::chrono::milliseconds kWait{60'000};
// Longer than the pool's longest rest.
constexpr std::chrono::milliseconds kPatience{15'000}, kBetween{100};

// An export that failed leaves such files; judged, they would be clean.
Error Empty() { return {ErrorKind::kNotFound, "read: an empty file, no message"}; }

// What Outlook saves: no mail as judges read it, so that everything in it would go unseen.
bool IsOutlookFile(std::string_view bytes) {
  return bytes.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
}
Error OutlookFile() {
  return {ErrorKind::kNotFound,
          "an Outlook file (.msg), expected the message as it came over SMTP (.eml)"};
}

Judgement Unusable(std::string_view reason, std::string evidence) {
  Judgement judgement;
  judgement.report.kind = ReportKind::kMalformed;
  judgement.report.problem = evidence;
  judgement.verdict =
      WeighFindings({{std::string(reason), Indication::kLimit, 1, std::move(evidence)}});
  return judgement;
}

ClassifiedFile Unseen(std::string_view reason, const std::string& why) {
  return {Unusable(reason, why), why};
}

Error Failed(std::string_view what) {
  return {ErrorKind::kNotFound, fmt::format("{}: {}", what, std::strerror(errno))};
}

// To be told from an empty file: nothing was there to be judged.
bool IsPipe(int fd) {
  struct stat status = {};
  return ::fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

Status CopyAll(int fd, ReportBytes* bytes) {
  constexpr std::size_t kPiece = 256UL << 10;
  const auto piece = std::make_unique_for_overwrite<char[]>(kPiece);
  while (true) {
    const ssize_t got = ::read(fd, piece.get(), kPiece);
    if (got == 0 && bytes->size() == 0 && IsPipe(fd)) {
      return Error{ErrorKind::kNotFound, "read: a pipe into which nobody writes"};
    }
    if (got == 0 && bytes->size() == 0) return Empty();
    if (got == 0) return {};
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read");
    if (bytes->size() + static_cast<std::uint64_t>(got) > kMaxFileBytes) {
      return Error{ErrorKind::kRefused, fmt::format("over {} MiB", kMaxFileBytes >> 20U)};
    }
    const std::string_view text(piece.get(), static_cast<std::size_t>(got));
    if (Status added = bytes->Append(text); !added) return added;
  }
}

Judgement Consulted(const ReportBytes& bytes, Judgement judgement, Engines* engines) {
  if (engines->empty()) return judgement;
  const Result<std::string_view> view = bytes.View();
  if (!view) return Unusable("unreadable-file", view.error().what);
  engines->Consult(*view, kWait, &judgement);
  return judgement;
}

}  // namespace

Result<ReportBytes> ReadReportFile(const std::string& path) {
  // The kernel would open what stands before the NUL: another file than is named.
  if (path.find('\0') != std::string::npos) {
    return Error{ErrorKind::kNotFound, "open: a NUL in the path"};
  }
  // Without O_NONBLOCK, a pipe that nobody writes to would be waited for in open.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) return Failed("open");
  if (::fcntl(file.get(), F_SETFL, 0) != 0) return Failed("open");
  ReportBytes bytes;
  if (Status copied = CopyAll(file.get(), &bytes); !copied) return copied.error();
  if (Status sealed = bytes.Seal(); !sealed) return sealed.error();
  const Result<std::string_view> view = bytes.View();
  if (!view) return view.error();
  if (IsOutlookFile(*view)) return OutlookFile();
  return bytes;
}

Result<Judgement> JudgePatiently(const ReportBytes& bytes, const JudgeRequest& request,
                                 JudgePool* pool) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    Result<Judgement> judgement = pool->Judge(bytes, request, kWait);
    const bool may_pass = !judgement && judgement.error().kind == ErrorKind::kTransient;
    if (!may_pass || std::chrono::steady_clock::now() >= give_up) return judgement;
    std::this_thread::sleep_for(kBetween);
  }
}

ClassifiedFile ClassifyFile(const std::string& path, const JudgeRequest& request, JudgePool* pool,
                            Engines* engines) {
  const Result<ReportBytes> bytes = ReadReportFile(path);
  if (!bytes) {
    const bool too_large = bytes.error().kind == ErrorKind::kRefused;
    return Unseen(too_large ? "limit-size" : "unreadable-file", bytes.error().what);
  }
  Result<Judgement> judgement = JudgePatiently(*bytes, request, pool);
  if (judgement) return {Consulted(*bytes, std::move(*judgement), engines)};
  const std::string& what = judgement.error().what;
  if (judgement.error().kind == ErrorKind::kRefused) return {Unusable("judge-died", what)};
  return Unseen("judge-unavailable", what);
}

Result<std::string> FindJudgeProgram() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return Error{ErrorKind::kNotFound, fmt::format("/proc/self/exe: {}", error.message())};
  }
  const std::filesystem::path folder = self.parent_path();
  const std::filesystem::path candidates[] = {
      folder / "clawback-judge", folder.parent_path() / "libexec/clawback/clawback-judge"};
  for (const auto& candidate : candidates) {
    if (::access(candidate.c_str(), X_OK) == 0) return candidate.string();
  }
  return Error{ErrorKind::kNotFound,
               fmt::format("found no clawback-judge as {} or {}; --judge PATH names it",
                           candidates[0].string(), candidates[1].string())};
}

}  // namespace clawback
