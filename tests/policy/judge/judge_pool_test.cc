// SPDX-License-Identifier: Apache-2.0
// The pool with the real clawback-judge.
#include "policy/judge/judge_pool.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "policy/judge/pool/sanitized.h"
#include "policy/model/linear_model.h"

namespace clawback {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

const std::string kJudge = CLAWBACK_BIN_DIR "/clawback-judge";

// CLAWBACK_FAULT for as long as it lives. Made before the pool, gone after it.
class Fault {
 public:
  explicit Fault(const std::string& setting) { ::setenv("CLAWBACK_FAULT", setting.c_str(), 1); }
  ~Fault() { ::unsetenv("CLAWBACK_FAULT"); }
};

JudgePoolOptions Options(int workers) {
  JudgePoolOptions options;
  options.program = kJudge;
  options.workers = workers;
  return options;
}

std::unique_ptr<JudgePool> StartPool(const JudgePoolOptions& options) {
  Result<std::unique_ptr<JudgePool>> pool = JudgePool::Start(options);
  if (!pool) BOOST_FAIL(pool.error().what);
  return std::move(*pool);
}

std::string Mail(std::string_view id, std::string_view text = "Hello.") {
  return fmt::format("From: a@contoso.example\r\nMessage-ID: <{}>\r\n\r\n{}\r\n", id, text);
}

ReportBytes Sealed(std::string_view text, ReportBytes::Place place = ReportBytes::Place::kAny) {
  ReportBytes bytes;
  if (!bytes.Append(text) || !bytes.Seal(place)) throw std::runtime_error("no memfd");
  return bytes;
}

// A model of its own: it finds nothing bad in anything.
std::string MildModel() {
  const std::vector<float> weights(256, 0.0F);
  return WriteModel({.bits = 8, .bias = {-5, -5}, .weights = {&weights, &weights}});
}

Result<Judgement> Ask(JudgePool* pool, std::string_view text, milliseconds wait = seconds(60)) {
  return pool->Judge(Sealed(text), JudgeRequest{}, wait);
}

std::string ErrorOf(const Result<Judgement>& result) {
  return result ? "(a judgement)" : result.error().what;
}

void CheckRefused(const Result<Judgement>& result, std::string_view what) {
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST((result.error().kind == ErrorKind::kRefused));
  BOOST_TEST(result.error().what == what);
}

std::ptrdiff_t OpenDescriptors() {
  const std::filesystem::directory_iterator fds("/proc/self/fd");
  return std::distance(begin(fds), end(fds));
}

// Waits until a child of ours has ended and nobody has asked after it yet.
void WaitForDeadChild() {
  const std::string ended = fmt::format(") Z {} ", ::getpid());
  for (const auto give_up = steady_clock::now() + seconds(30); steady_clock::now() < give_up;) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::string line;
      std::getline(std::ifstream(entry.path() / "stat"), line);
      if (line.find(ended) != std::string::npos) return;
    }
  }
  BOOST_FAIL("no judge ended");
}

// Asks from several threads until told otherwise; every answer must be a judgement
// of the very mail that was asked about.
class Askers {
 public:
  Askers(JudgePool* pool, int count) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([=, this] { AskOnAndOn(pool, i); });
  }
  ~Askers() { Stop(); }
  void WaitFor(int answers) const {
    while (answered_ < answers && wrong_ == 0) std::this_thread::sleep_for(milliseconds(2));
  }
  void Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  int answered() const { return answered_; }
  int wrong() const { return wrong_; }

 private:
  void AskOnAndOn(JudgePool* pool, int asker) {
    for (int i = 0; !stop_; ++i) {
      const std::string id = fmt::format("{}.{}@contoso.example", asker, i);
      const Result<Judgement> judgement = Ask(pool, Mail(id));
      const bool right = judgement && judgement->report.message_id == "<" + id + ">";
      ++(right ? answered_ : wrong_);
    }
  }

  std::atomic<int> answered_{0}, wrong_{0};
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(judge_pool)

BOOST_AUTO_TEST_CASE(a_message_is_judged) {
  const auto pool = StartPool(Options(1));
  const Result<Judgement> judgement = Ask(pool.get(), Mail("one@contoso.example"));
  if (!judgement) BOOST_FAIL(judgement.error().what);
  BOOST_TEST(judgement->report.message_id == "<one@contoso.example>");
  BOOST_TEST((judgement->report.kind == ReportKind::kMessage));
  BOOST_TEST(pool->counts().judged == 1U);
}

BOOST_AUTO_TEST_CASE(nothing_at_all_and_arbitrary_bytes_get_an_answer) {
  const auto pool = StartPool(Options(1));
  BOOST_TEST(Ask(pool.get(), "").ok());
  std::string bytes;
  for (unsigned i = 0; i < 100'000; ++i) bytes.push_back(static_cast<char>(i * 2654435761U >> 13U));
  BOOST_TEST(Ask(pool.get(), bytes).ok());
  BOOST_TEST(pool->counts().died == 0U);
}

BOOST_AUTO_TEST_CASE(a_charset_that_no_library_has_loaded_yet_kills_no_judge) {
  const auto pool = StartPool(Options(1));
  for (const std::string charset :
       {"IBM290", "EUC-TW", "MACCYRILLIC", "ISO-2022-CN-EXT", "x-none"}) {
    const Result<Judgement> judgement = Ask(
        pool.get(), fmt::format("From: =?{0}?Q?=E4=F6?= <a@b.example>\r\n"
                                "Message-ID: <{0}@b.example>\r\n"
                                "Content-Type: text/plain; charset={0}; name*={0}''%E4%F6.exe\r\n"
                                "\r\n\xE4\xF6\r\n",
                                charset));
    BOOST_TEST(judgement.ok(), charset + ": " + ErrorOf(judgement));
  }
}

BOOST_AUTO_TEST_CASE(signed_mail_makes_no_library_read_its_settings_late) {
  const auto pool = StartPool(Options(1));
  const Result<Judgement> judgement =
      Ask(pool.get(),
          "From: a@b.example\r\nMessage-ID: <s@b.example>\r\n"
          "Content-Type: multipart/signed; boundary=x; micalg=sha-256;\r\n"
          " protocol=\"application/pkcs7-signature\"\r\n\r\n"
          "--x\r\n\r\nHello.\r\n--x\r\n"
          "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n"
          "Content-Transfer-Encoding: base64\r\n\r\nMIIBAQ==\r\n--x--\r\n");
  BOOST_TEST(judgement.ok(), ErrorOf(judgement));
}

// A journal report with these recipient lines about a message of this header and body.
std::string Report(std::string_view recipients, std::string_view message) {
  return fmt::format(
      "Content-Type: multipart/mixed; boundary=r\r\nX-MS-Journal-Report:\r\n\r\n--r\r\n\r\n"
      "Sender: a@b.example\r\nMessage-Id: <1@b.example>\r\n{}\r\n--r\r\n"
      "Content-Type: message/rfc822\r\n\r\nMessage-ID: <1@b.example>\r\n{}\r\n--r--\r\n",
      recipients, message);
}

BOOST_AUTO_TEST_CASE(recipients_by_the_million_cost_a_finding_and_no_judge) {
  JudgePoolOptions options = Options(1);
  options.limits.cpu = seconds(10);  // memory is the matter here
  const auto pool = StartPool(options);
  const auto lines = [](int count, std::size_t width) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      text += fmt::format("Recipient: u{:0>{}}@contoso.example\r\n", i, width);
    }
    return text;
  };
  for (const std::string& recipients : {lines(1'000'000, 8), lines(100'000, 380)}) {
    const Result<Judgement> judgement = Ask(pool.get(), Report(recipients, "\r\nHello.\r\n"));
    BOOST_REQUIRE_MESSAGE(judgement.ok(), ErrorOf(judgement));
    BOOST_TEST((judgement->verdict.disposition == Disposition::kUnscannable));
    BOOST_REQUIRE(!judgement->verdict.findings.empty());
    BOOST_TEST(judgement->verdict.findings.front().reason == "limit-recipients");
  }
  BOOST_TEST(pool->counts().restarted == 0U);
}

BOOST_AUTO_TEST_CASE(a_hundred_mebibytes_of_base64_are_judged_within_the_limits_of_memory) {
  JudgePoolOptions options = Options(1);
  options.limits.cpu = seconds(10);
  const auto pool = StartPool(options);
  std::string base64;
  while (base64.size() < 100UL << 20U) base64 += std::string(76, 'Q') + "\r\n";
  for (const char* type : {"application/octet-stream", "text/plain", "application/ms-tnef"}) {
    const std::string head =
        fmt::format("Content-Type: {}\r\nContent-Transfer-Encoding: base64\r\n\r\n", type);
    const Result<Judgement> judgement = Ask(pool.get(), Report("", head + base64));
    BOOST_REQUIRE_MESSAGE(judgement.ok(), ErrorOf(judgement));
    const bool read = std::string_view(type) == "application/octet-stream";
    BOOST_TEST((judgement->verdict.disposition ==
                (read ? Disposition::kNone : Disposition::kUnscannable)));
  }
}

BOOST_AUTO_TEST_CASE(many_threads_share_few_judges_and_each_gets_its_own_answer) {
  const auto pool = StartPool(Options(3));
  Askers askers(pool.get(), 12);
  askers.WaitFor(600);
  askers.Stop();
  BOOST_TEST(askers.wrong() == 0);
  BOOST_TEST(pool->counts().judged == static_cast<std::uint64_t>(askers.answered()));
  BOOST_TEST(pool->counts().restarted == 0U);
}

BOOST_AUTO_TEST_CASE(a_crash_hurts_its_own_report_only) {
  const Fault fault("judge.crash-on=PLANTED");
  const auto pool = StartPool(Options(2));
  Askers askers(pool.get(), 4);
  for (int i = 0; i < 10; ++i) {
    CheckRefused(Ask(pool.get(), Mail("bad@x", "PLANTED")), "judge died: Aborted");
  }
  askers.WaitFor(50);
  askers.Stop();
  BOOST_TEST(askers.wrong() == 0);
  BOOST_TEST(pool->counts().died == 10U);
  BOOST_TEST(Ask(pool.get(), Mail("good@x")).ok());
}

BOOST_AUTO_TEST_CASE(an_endless_loop_ends_at_the_processor_time_and_hurts_its_own_report_only) {
  const Fault fault("judge.loop-on=PLANTED");
  JudgePoolOptions options = Options(2);
  options.limits.cpu = milliseconds(kSanitized ? 100 : 200);
  const auto pool = StartPool(options);
  Askers askers(pool.get(), 4);
  CheckRefused(Ask(pool.get(), Mail("bad@x", "PLANTED")),
               fmt::format("judge killed: cpu time over {} ms", options.limits.cpu.count()));
  askers.WaitFor(50);
  askers.Stop();
  BOOST_TEST(askers.wrong() == 0);
  BOOST_TEST(pool->counts().killed == 1U);
}

BOOST_AUTO_TEST_CASE(a_judge_that_waits_for_ever_ends_at_the_wall_time) {
  const Fault fault("judge.hang-on=PLANTED");
  JudgePoolOptions options = Options(1);
  options.limits.wall = milliseconds(300);
  const auto pool = StartPool(options);
  CheckRefused(Ask(pool.get(), Mail("bad@x", "PLANTED")), "judge killed: no answer within 300 ms");
  BOOST_TEST(pool->counts().killed == 1U);
}

BOOST_AUTO_TEST_CASE(memory_is_bounded_above_the_size_of_the_message) {
  if (kSanitized) return;  // shadow memory is larger than any bound
  const Fault fault("judge.grow-on=PLANTED");
  const auto pool = StartPool(Options(1));
  CheckRefused(Ask(pool.get(), Mail("bad@x", "PLANTED")),
               "judge killed: memory over the message's size and 64 MiB");
  BOOST_TEST(pool->counts().killed == 1U);
  BOOST_TEST(Ask(pool.get(), Mail("good@x")).ok());
}

BOOST_AUTO_TEST_CASE(a_confined_judge_can_open_reach_run_and_signal_nothing) {
  std::vector<std::string> calls = {"create", "socket", "exec", "fork", "signal"};
  if (!kSanitized) {  // what instrumented code needs itself
    calls.push_back("open");
    calls.push_back("executable-memory");
  }
  for (const std::string& call : calls) {
    const Fault fault("judge.try=" + call);
    const auto pool = JudgePool::Start(Options(1));
    BOOST_REQUIRE_MESSAGE(!pool.ok(), call);
    const bool killed = pool.error().what.find("forbidden system call") != std::string::npos;
    BOOST_TEST(killed, call + ": " + pool.error().what);
  }
}

BOOST_AUTO_TEST_CASE(a_judge_that_ended_between_reports_is_no_reports_fault) {
  const Fault fault("judge.leave-on=LEAVE");
  const auto pool = StartPool(Options(1));
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(Ask(pool.get(), Mail("last@x", "LEAVE")).ok());
    WaitForDeadChild();
    const Result<Judgement> next = Ask(pool.get(), Mail("next@x"));
    BOOST_TEST(next.ok(), ErrorOf(next));
  }
  BOOST_TEST(pool->counts().died == 3U);
  BOOST_TEST(pool->counts().restarted == 3U);
}

BOOST_AUTO_TEST_CASE(a_missing_program_is_a_clear_error) {
  JudgePoolOptions options = Options(2);
  options.program = "/nonexistent/clawback-judge";
  const auto pool = JudgePool::Start(options);
  BOOST_REQUIRE(!pool.ok());
  BOOST_TEST(pool.error().what ==
             "cannot start judge /nonexistent/clawback-judge: No such file or directory");
}

BOOST_AUTO_TEST_CASE(a_program_that_is_no_judge_is_a_clear_error) {
  JudgePoolOptions options = Options(1);
  options.program = "/bin/true";
  const auto pool = JudgePool::Start(options);
  BOOST_REQUIRE(!pool.ok());
  BOOST_TEST(pool.error().what == "judge /bin/true: not ready to judge: judge died: exit status 0");
}

BOOST_AUTO_TEST_CASE(a_program_that_vanishes_leaves_transient_errors_and_no_spinning) {
  const Fault fault("judge.crash-on=PLANTED");
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("clawback-pool-{}", ::getpid());
  std::filesystem::create_directory(folder);
  JudgePoolOptions options = Options(1);
  options.program = folder / "judge";
  std::filesystem::copy_file(kJudge, options.program);
  const auto pool = StartPool(options);
  std::filesystem::remove_all(folder);
  CheckRefused(Ask(pool.get(), Mail("bad@x", "PLANTED")), "judge died: Aborted");
  const Result<Judgement> after = Ask(pool.get(), Mail("good@x"));
  BOOST_REQUIRE(!after.ok());
  BOOST_TEST((after.error().kind == ErrorKind::kTransient));
  BOOST_TEST(after.error().what.find("No such file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(waiting_for_a_free_judge_ends_at_the_deadline) {
  const Fault fault("judge.hang-on=PLANTED");
  const auto pool = StartPool(Options(1));
  std::thread holder([&] {
    const Result<Judgement> held = Ask(pool.get(), Mail("bad@x", "PLANTED"), seconds(2));
    BOOST_TEST(ErrorOf(held).substr(0, 30) == "judge killed: no answer within");
  });
  // Until the holder has the only judge, answers come.
  Result<Judgement> waiting = Error{};
  const auto begun = steady_clock::now();
  do {
    waiting = Ask(pool.get(), Mail("good@x"), milliseconds(100));
  } while (waiting && steady_clock::now() < begun + seconds(10));
  holder.join();
  BOOST_REQUIRE(!waiting.ok());
  BOOST_TEST((waiting.error().kind == ErrorKind::kTransient));
}

// Few bytes are sent along, more stand in a file: a judge reads the same of both, at and about
// the border, and where its first read ends.
BOOST_AUTO_TEST_CASE(reports_of_any_size_reach_the_judge_whole) {
  const auto pool = StartPool(Options(1));
  const std::string head = Mail("sized@x");
  for (const std::size_t size :
       {head.size(), 15'000UL, 16'000UL, 16'384UL, 17'000UL, ReportBytes::kFew - 1,
        ReportBytes::kFew, ReportBytes::kFew + 1, 300'000UL}) {
    const std::string mail = head + std::string(size - head.size(), 'x');
    const Result<Judgement> judgement = Ask(pool.get(), mail);
    BOOST_REQUIRE(judgement.ok());
    BOOST_TEST(judgement->message_bytes == size);
    BOOST_TEST(judgement->fingerprint.message_id == "<sized@x>");
    const ReportBytes file = Sealed(mail, ReportBytes::Place::kFile);
    const Result<Judgement> from_file = pool->Judge(file, JudgeRequest{}, seconds(10));
    BOOST_REQUIRE(from_file.ok());
    BOOST_TEST((judgement->fingerprint == from_file->fingerprint));
  }
}

BOOST_AUTO_TEST_CASE(a_verdict_alone_is_the_same_verdict) {
  const auto pool = StartPool(Options(1));
  const std::string mail = Mail("alone@x");
  JudgeRequest request;
  const Result<Judgement> whole = pool->Judge(Sealed(mail), request, seconds(10));
  request.question = Question::kVerdict;
  const Result<Judgement> alone = pool->Judge(Sealed(mail), request, seconds(10));
  BOOST_REQUIRE((whole.ok() && alone.ok()));
  BOOST_TEST((alone->verdict.disposition == whole->verdict.disposition));
  BOOST_TEST(alone->verdict.score == whole->verdict.score);
  BOOST_TEST(alone->report.message_id == whole->report.message_id);
  BOOST_TEST(!whole->fingerprint.message_id.empty());
  BOOST_TEST((alone->fingerprint == Fingerprint{}));
  BOOST_TEST(alone->hunt.empty());
}

BOOST_AUTO_TEST_CASE(unsealed_bytes_are_refused) {
  const auto pool = StartPool(Options(1));
  const ReportBytes bytes;
  const Result<Judgement> judgement = pool->Judge(bytes, JudgeRequest{}, seconds(1));
  BOOST_REQUIRE(!judgement.ok());
  BOOST_TEST((judgement.error().kind == ErrorKind::kInvalid));
}

BOOST_AUTO_TEST_CASE(a_thousand_reports_leave_no_descriptor_behind) {
  const Fault fault("judge.crash-on=PLANTED");
  const auto before_any = OpenDescriptors();
  {
    const auto pool = StartPool(Options(2));
    const auto before = OpenDescriptors();
    for (int i = 0; i < 1000; ++i) {
      const bool planted = i % 100 == 0;
      BOOST_REQUIRE(Ask(pool.get(), Mail("m@x", planted ? "PLANTED" : "Hello.")).ok() != planted);
    }
    BOOST_TEST(Ask(pool.get(), Mail("m@x")).ok());
    // Both judges are there again once two can be had at a time.
    while (pool->counts().restarted < 10) std::this_thread::sleep_for(milliseconds(2));
    BOOST_TEST(OpenDescriptors() == before);
  }
  BOOST_TEST(OpenDescriptors() == before_any);
}

BOOST_AUTO_TEST_CASE(judges_use_the_model_that_the_pool_was_given) {
  JudgePoolOptions options = Options(2);
  options.model = MildModel();
  const std::string version = LinearModel::Open(options.model)->version();
  const auto pool = StartPool(options);
  const Result<Judgement> judgement = Ask(pool.get(), Mail("m@x"));
  BOOST_REQUIRE(judgement.ok());
  BOOST_TEST(judgement->model == version);
  const auto shipped = StartPool(Options(1));
  BOOST_TEST(Ask(shipped.get(), Mail("m@x"))->model == LinearModel::Shipped().version());
}

std::string MailTo(std::string_view host) {
  return fmt::format("From: a@b.example\r\nMessage-ID: <l@x>\r\n\r\nSee https://{}/x\r\n", host);
}

JudgeLists Hosts(const std::vector<std::string>& hosts) {
  ListEntries entries;
  entries[static_cast<std::size_t>(ListKind::kBlockedHosts)] = hosts;
  Result<JudgeLists> lists = ShareLists(entries);
  if (!lists) throw std::runtime_error(lists.error().what);
  return *lists;
}

bool FindsHostIn(std::string_view mail, JudgePool* pool, const JudgeRequest& request) {
  const Result<Judgement> judgement = pool->Judge(Sealed(mail), request, seconds(60));
  if (!judgement) throw std::runtime_error(judgement.error().what);
  const auto& findings = judgement->verdict.findings;
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.reason == "blocked-host"; });
}

bool FindsHost(JudgePool* pool, const JudgeRequest& request, std::string_view host) {
  return FindsHostIn(MailTo(host), pool, request);
}

// A small message is read, a larger one mapped: its last byte counts either way.
BOOST_AUTO_TEST_CASE(a_message_of_any_size_is_read_to_its_end) {
  const auto pool = StartPool(Options(1));
  JudgeRequest request;
  request.lists = {Hosts({"one.example"})};
  const std::string head = "Subject: x\r\n\r\n", tail = "https://one.example";
  constexpr std::size_t kSmall = 64UL << 10;
  for (const std::size_t size : {std::size_t{100}, kSmall - 1, kSmall, kSmall + 1, 4 * kSmall}) {
    std::string filler;
    while (filler.size() + head.size() + tail.size() + 2 <= size) filler += "a\n";
    filler.resize(size - head.size() - tail.size(), '\n');
    BOOST_TEST(FindsHostIn(head + filler + tail, pool.get(), request), size);
    BOOST_TEST(!FindsHostIn(head + filler + tail.substr(0, tail.size() - 1), pool.get(), request));
  }
  BOOST_TEST(pool->Judge(Sealed(""), request, seconds(60)).ok());
}

BOOST_AUTO_TEST_CASE(each_question_brings_its_own_lists) {
  const auto pool = StartPool(Options(1));
  JudgeRequest first, second, none;
  first.lists = {Hosts({"one.example"}), Hosts({"two.example"})};
  second.lists = {Hosts({"three.example"})};
  for (int round = 0; round < 20; ++round) {  // descriptors do not pile up in the judge
    BOOST_TEST(FindsHost(pool.get(), first, "www.one.example"));
    BOOST_TEST(FindsHost(pool.get(), first, "two.example"));
    BOOST_TEST(!FindsHost(pool.get(), first, "three.example"));
    BOOST_TEST(FindsHost(pool.get(), second, "three.example"));
    BOOST_TEST(!FindsHost(pool.get(), second, "one.example"));
    BOOST_TEST(!FindsHost(pool.get(), none, "one.example"));
  }
  BOOST_TEST(pool->counts().died + pool->counts().killed == 0U);
  const Result<Judgement> judgement =
      pool->Judge(Sealed(MailTo("one.example")), first, seconds(60));
  BOOST_REQUIRE(judgement.ok());
  const std::vector<std::string> versions = {first.lists[0].index.version(),
                                             first.lists[1].index.version()};
  BOOST_TEST(judgement->lists == versions, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(long_lists_cost_a_judge_no_memory_of_its_own) {
  std::vector<std::string> hosts;
  for (int i = 0; i < 300'000; ++i) hosts.push_back(fmt::format("h{}.example", i));
  JudgePoolOptions options = Options(1);
  options.limits.memory_beyond_message = 4UL << 20;  // less than the list
  const auto pool = StartPool(options);
  JudgeRequest request;
  request.lists = {Hosts(hosts)};
  BOOST_REQUIRE(request.lists[0].memory->size() > (4UL << 20));
  for (int round = 0; round < 5; ++round) {  // nor is it too large to go on after
    BOOST_TEST(FindsHost(pool.get(), request, "h299999.example"));
  }
  BOOST_TEST(pool->counts().restarted == 0U);
  BOOST_TEST(!FindsHost(pool.get(), request, "h300000.example"));
}

// More than a judge keeps mapped, in turn.
BOOST_AUTO_TEST_CASE(many_tenants_lists_take_turns_in_one_judge) {
  const auto pool = StartPool(Options(1));
  std::vector<JudgeRequest> requests(20);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].lists = {Hosts({fmt::format("t{}.example", i)}), Hosts({"all.example"})};
  }
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      BOOST_TEST(FindsHost(pool.get(), requests[i], fmt::format("t{}.example", i)));
      BOOST_TEST(FindsHost(pool.get(), requests[i], "all.example"));
      BOOST_TEST(!FindsHost(pool.get(), requests[i], fmt::format("t{}.example", i + 1)));
    }
  }
  BOOST_TEST(pool->counts().restarted == 0U);
}

BOOST_AUTO_TEST_CASE(lists_that_cannot_be_handed_over_are_refused) {
  const auto pool = StartPool(Options(1));
  JudgeRequest request;
  request.lists = {JudgeLists{}};
  const Result<Judgement> judgement = pool->Judge(Sealed(Mail("m@x")), request, seconds(60));
  BOOST_REQUIRE(!judgement.ok());
  BOOST_TEST((judgement.error().kind == ErrorKind::kInvalid));
  request.lists.assign(kMostJudgeLists + 1, Hosts({"one.example"}));
  BOOST_TEST(!pool->Judge(Sealed(Mail("m@x")), request, seconds(60)).ok());
}

BOOST_AUTO_TEST_CASE(a_replaced_judge_has_the_model_too) {
  const Fault fault("judge.crash-on=boom");
  JudgePoolOptions options = Options(1);
  options.model = MildModel();
  const auto pool = StartPool(options);
  BOOST_TEST(!Ask(pool.get(), Mail("m@x", "boom")).ok());
  const Result<Judgement> judgement = Ask(pool.get(), Mail("m@x"));
  BOOST_REQUIRE(judgement.ok());
  BOOST_TEST(judgement->model == LinearModel::Open(options.model)->version());
}

BOOST_AUTO_TEST_CASE(what_is_no_model_starts_no_pool) {
  JudgePoolOptions options = Options(1);
  options.model = MildModel() + "x";
  const auto pool = JudgePool::Start(options);
  BOOST_REQUIRE(!pool.ok());
  BOOST_TEST(pool.error().what.find("no learned model") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(features_are_answered_when_asked_for_and_else_not) {
  const auto pool = StartPool(Options(1));
  JudgeRequest request;
  request.question = Question::kFeatures;
  const auto features = pool->Judge(Sealed(Mail("m@x")), request, seconds(60));
  BOOST_REQUIRE(features.ok());
  BOOST_TEST(!features->features.content.empty());
  BOOST_TEST(features->verdict.findings.empty());
  BOOST_TEST((Ask(pool.get(), Mail("m@x"))->features == FeatureVector{}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
