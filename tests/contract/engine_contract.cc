// SPDX-License-Identifier: Apache-2.0
// What every Engine promises, against the fakes and against clamd and rspamd themselves,
// with their own files and sockets. Where one of these is not installed, that is said.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "milter/engine/engine.h"
#include "tests/policy/temporary_folder.h"
#include "tests/support/fake_engines.h"

extern char** environ;

namespace clawback {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

EngineDeadline In(milliseconds time) { return std::chrono::steady_clock::now() + time; }

// tests/support/start_engine, ended with this object.
class Program {
 public:
  explicit Program(const std::string& name) {
    const std::string script = std::string(CLAWBACK_SOURCE_DIR) + "/tests/support/start_engine";
    std::vector<std::string> words = {script, name, folder_.path()};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    // What they say while they start is many lines and no test's business.
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
      posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_WRONLY, 0);
    }
    BOOST_REQUIRE_EQUAL(
        ::posix_spawn(&pid_, script.c_str(), &files, &attributes, arguments.data(), environ), 0);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  std::string socket() const { return folder_.path() + "/socket"; }
  // Its exit status once it has ended.
  std::optional<int> Ended() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  const TemporaryFolder folder_;
  pid_t pid_ = -1;
};

// An engine, and what it stands on.
struct World {
  std::shared_ptr<void> ground;
  std::unique_ptr<Engine> engine;  // null: the program is not installed
};

using Make = std::unique_ptr<Engine> (*)(EngineSettings);

World FakeWorld(LocalServer::Serve serve, Make make) {
  auto server = std::make_shared<LocalServer>(std::move(serve));
  EngineSettings settings;
  settings.socket = server->path();
  return {server, make(settings)};
}

World RealWorld(const std::string& name, Make make) {
  constexpr int kNotInstalled = 3;
  auto program = std::make_shared<Program>(name);
  EngineSettings settings;
  settings.socket = program->socket();
  auto engine = make(settings);
  const EngineDeadline patience = In(seconds(120));
  while (std::chrono::steady_clock::now() < patience) {
    if (engine->Ask("x", In(seconds(10))).outcome == EngineOutcome::kAnswered) {
      return {program, std::move(engine)};
    }
    if (const auto status = program->Ended()) {
      BOOST_REQUIRE_EQUAL(*status, kNotInstalled);
      BOOST_TEST_MESSAGE("SKIPPED: " << name << " is not installed");
      return {program, nullptr};
    }
    std::this_thread::sleep_for(milliseconds(100));
  }
  BOOST_FAIL(name << " does not begin to answer");
  return {};
}

struct EngineMaker {
  std::string_view name;
  World (*make)();
};
std::ostream& operator<<(std::ostream& out, const EngineMaker& maker) { return out << maker.name; }

const EngineMaker kEngines[] = {
    {"fake clamd", [] { return FakeWorld(ServeAsClamd, MakeClamd); }},
    {"fake rspamd", [] { return FakeWorld(ServeAsRspamd, MakeRspamd); }},
    {"clamd", [] { return RealWorld("clamd", MakeClamd); }},
    {"rspamd", [] { return RealWorld("rspamd", MakeRspamd); }},
};

const std::string kGood =
    "From: Ann <a@sender.example>\r\nTo: b@contoso.example\r\nSubject: Minutes\r\n"
    "Date: Sat, 28 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@sender.example>\r\n\r\n"
    "Here are the minutes of Monday.\r\n";

std::string Bad() {
  return "From: a@sender.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
         "Content-Type: application/octet-stream; name=\"x.com\"\r\n\r\n" +
         EicarFile() + "\r\n";
}

// Each answers in its own words; what the words mean is FindingsOfEngines' business.
bool Objects(const EngineAnswer& answer) {
  return !answer.signatures.empty() || answer.action == "reject" || answer.action == "add header";
}

void CheckGood(const Engine& engine) {
  const EngineAnswer answer = engine.Ask(kGood, In(seconds(30)));
  BOOST_TEST((answer.outcome == EngineOutcome::kAnswered), answer.detail);
  BOOST_TEST(answer.engine == engine.name());
  BOOST_TEST(!answer.version.empty());
  BOOST_TEST(!Objects(answer));
}

void CheckBad(const Engine& engine) {
  const EngineAnswer answer = engine.Ask(Bad(), In(seconds(30)));
  BOOST_TEST((answer.outcome == EngineOutcome::kAnswered), answer.detail);
  BOOST_TEST(Objects(answer));
}

// More than clamd is configured to take: an answer or a refusal, and never "clean" unseen.
void CheckLarge(const Engine& engine) {
  const std::string large = kGood + std::string(20UL << 20, 'a') + EicarFile();
  const EngineAnswer answer = engine.Ask(large, In(seconds(60)));
  BOOST_TEST((answer.outcome != EngineOutcome::kUnavailable), answer.detail);
  if (engine.name() == kClamd && answer.outcome == EngineOutcome::kAnswered) {
    BOOST_TEST(Objects(answer));
  }
  CheckGood(engine);
}

void CheckEmpty(const Engine& engine) {
  BOOST_TEST(engine.Ask("", In(seconds(30))).engine == engine.name());
  CheckGood(engine);
}

void CheckPastDeadline(const Engine& engine) {
  const EngineAnswer answer = engine.Ask(kGood, In(milliseconds(-1)));
  BOOST_TEST((answer.outcome == EngineOutcome::kUnavailable));
  BOOST_TEST(!answer.detail.empty());
}

void CheckManyAtOnce(const Engine& engine) {
  std::vector<std::future<bool>> asked;
  for (int i = 0; i < 16; ++i) {
    asked.push_back(std::async(std::launch::async, [&engine, i] {
      const bool bad = i % 2 == 0;
      return Objects(engine.Ask(bad ? Bad() : kGood, In(seconds(60)))) == bad;
    }));
  }
  for (auto& each : asked) BOOST_TEST(each.get());
}

}  // namespace

BOOST_DATA_TEST_CASE(engine, boost::unit_test::data::make(kEngines), maker) {
  const World world = maker.make();
  if (!world.engine) return;
  CheckGood(*world.engine);
  CheckBad(*world.engine);
  CheckEmpty(*world.engine);
  CheckLarge(*world.engine);
  CheckPastDeadline(*world.engine);
  CheckManyAtOnce(*world.engine);
}

}  // namespace clawback
