// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/subscription.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "retract/sidecar/answers.h"
#include "retract/sidecar/socket_server.h"
#include "tests/retract/sidecar/bench_of_one.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;

struct Bench : BenchOfOne {
  Bench() {
    options.path = folder / "retractd.sock";
    options.stream.heartbeat = 50ms;
    options.stream.look_every = 5ms;
  }
  std::unique_ptr<SocketServer> Serve() {
    const auto answer = [this](const ProtocolRequest& request, const Actor& who) {
      return Answer(request, who, {*ledger, [] { return SidecarStatus{}; }});
    };
    const auto subscribe = [this](const ProtocolRequest& request) {
      return Subscription::Begin(request, *ledger);
    };
    return Ok(SocketServer::Listen(options, answer, subscribe));
  }
  void Ingest(int first, int last, std::size_t subject_bytes = 10) {
    for (int number = first; number <= last; ++number) {
      FollowedRecord followed{{"decisions-20261103.db", 1000 + number},
                              samples::Record(number, {Action::kNone, {kAda}, ""})};
      followed.record.judgement.report.subject = std::string(subject_bytes, 'x');
      Ok(ledger->Ingest("us-east", {&followed, 1}));
    }
  }
  SocketServerOptions options;
};

ProtocolEvent NextOf(SidecarClient& client, const std::string& kind) {
  while (true) {
    ProtocolEvent event = Ok(client.NextEvent());
    if (event.kind == kind || event.kind != "heartbeat") return event;
  }
}

FileDescriptor ConnectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  BOOST_REQUIRE_EQUAL(
      ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return socket;
}

SubscribeRequest From(std::int64_t after) {
  SubscribeRequest request;
  request.after = after;
  return request;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(subscription, Bench)

BOOST_AUTO_TEST_CASE(rows_outcomes_and_audit_arrive_as_they_happen) {
  const auto server = Serve();
  auto client = Ok(SidecarClient::Connect(options.path));
  BOOST_TEST(Ok(client.Subscribe({})) == 0);
  Arm();
  const ProtocolEvent row = NextOf(client, "row");
  BOOST_TEST(row.kind == "row");
  BOOST_TEST(row.tenant == "contoso");
  BOOST_TEST(row.row.value().message_id == kId);
  PutCopy();
  ClaimAndCarry();
  const ProtocolEvent outcome = NextOf(client, "outcome");
  BOOST_TEST(outcome.kind == "outcome");
  BOOST_TEST((outcome.retraction.value().outcome.value().kind == OutcomeKind::kMoved));
  BOOST_TEST(outcome.row.value().id == row.row->id);
  BOOST_TEST(NextOf(client, "audit").kind == "audit");
}

BOOST_AUTO_TEST_CASE(who_comes_back_with_after_misses_nothing_and_sees_nothing_twice) {
  Ingest(1, 20);
  std::vector<std::int64_t> seen;
  std::int64_t after = 0;
  for (int visit = 0; visit < 4; ++visit) {
    const auto server = Serve();
    auto client = Ok(SidecarClient::Connect(options.path));
    BOOST_TEST(Ok(client.Subscribe(From(after))) == after);
    for (int i = 0; i < 5; ++i) {
      const ProtocolEvent event = NextOf(client, "row");
      seen.push_back(event.row.value().id);
      after = event.position;
    }
  }
  for (std::size_t i = 0; i < seen.size(); ++i) BOOST_TEST(seen[i] == std::int64_t(i) + 1);
}

BOOST_AUTO_TEST_CASE(an_idle_stream_beats_and_a_stop_ends_it_with_a_last_line) {
  Ingest(1, 3);
  auto server = Serve();
  auto client = Ok(SidecarClient::Connect(options.path));
  Ok(client.Subscribe({}));
  const ProtocolEvent beat = Ok(client.NextEvent());
  BOOST_TEST(beat.kind == "heartbeat");
  BOOST_TEST(beat.position == 3);
  server.reset();
  ProtocolEvent last = beat;
  while (last.kind == "heartbeat") last = Ok(client.NextEvent());
  BOOST_TEST(last.kind == "end");
  BOOST_TEST(last.reason == "stopping");
  BOOST_TEST(!client.NextEvent().ok());
}

BOOST_AUTO_TEST_CASE(only_what_is_wanted_is_told_and_the_rest_is_passed) {
  Ingest(1, 5);
  const auto server = Serve();
  auto client = Ok(SidecarClient::Connect(options.path));
  SubscribeRequest request = From(0);
  request.matching.emplace().message_id = "<4@sender.example>";
  request.kinds = {ChangeKind::kRow};
  Ok(client.Subscribe(request));
  BOOST_TEST(NextOf(client, "row").row.value().message_id == "<4@sender.example>");
  const ProtocolEvent beat = Ok(client.NextEvent());
  BOOST_TEST(beat.kind == "heartbeat");
  BOOST_TEST(beat.position == 5);
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_refused_and_the_connection_goes_on) {
  const auto server = Serve();
  auto client = Ok(SidecarClient::Connect(options.path));
  const auto refusal = [&](const std::string& arguments) {
    const auto answer = client.Ask(kSubscribe, arguments);
    return answer.ok() ? "accepted" : answer.error().what;
  };
  BOOST_TEST(refusal(R"({"since":1})") == "since: no such argument");
  BOOST_TEST(refusal(R"({"kinds":["rows"]})").find("expected row, outcome") != std::string::npos);
  BOOST_TEST(refusal(R"({"after":-1})").find("after") != std::string::npos);
  BOOST_TEST(refusal(R"({"matching":{"limit":3}})") == "matching: limit: no such restriction");
  BOOST_TEST(refusal(R"({"matching":{"nonsense":3}})") ==
             "matching: nonsense: no such restriction");
  BOOST_TEST(refusal(R"({"after":1})").starts_with("after: the ledger has come to 0"));
  BOOST_TEST(Ok(client.Search({})).empty());
}

BOOST_AUTO_TEST_CASE(one_subscriber_too_many_is_told_and_may_still_ask) {
  options.subscribers = 1;
  const auto server = Serve();
  auto first = Ok(SidecarClient::Connect(options.path));
  Ok(first.Subscribe({}));
  auto second = Ok(SidecarClient::Connect(options.path));
  const auto refused = second.Subscribe({});
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().kind == ErrorKind::kTransient));
  BOOST_TEST(Ok(second.Search({})).empty());
}

BOOST_AUTO_TEST_CASE(a_subscriber_that_vanished_frees_its_place) {
  options.subscribers = 1;
  options.stream.heartbeat = 10min;
  const auto server = Serve();
  for (int i = 0; i < 5; ++i) {
    auto client = Ok(SidecarClient::Connect(options.path));
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!client.Subscribe({}).ok()) {
      BOOST_REQUIRE((std::chrono::steady_clock::now() < deadline));
      std::this_thread::yield();
    }
  }
}

// 40 subjects of 200,000 bytes are more than a socket holds.
BOOST_AUTO_TEST_CASE(who_takes_nothing_is_closed_and_holds_nobody_up) {
  options.stream.taken_within = 2s;
  Ingest(1, 40, 200'000);
  const auto server = Serve();
  const FileDescriptor deaf = ConnectTo(options.path);
  const std::string ask =
      "{\"version\":1,\"operation\":\"subscribe\",\"arguments\":{\"after\":0}}\n";
  BOOST_REQUIRE(::send(deaf.get(), ask.data(), ask.size(), MSG_NOSIGNAL) > 0);
  auto client = Ok(SidecarClient::Connect(options.path));
  Ok(client.Subscribe(From(0)));
  for (int number = 1; number <= 40; ++number) {
    BOOST_TEST(NextOf(client, "row").row.value().id == number);
  }
  pollfd closed{deaf.get(), POLLRDHUP, 0};
  BOOST_REQUIRE_EQUAL(::poll(&closed, 1, 20'000), 1);
  std::size_t received = 0;
  char piece[65536];
  for (ssize_t got; (got = ::recv(deaf.get(), piece, sizeof piece, 0)) > 0;) {
    received += static_cast<std::size_t>(got);
  }
  BOOST_TEST(received < 40U * 200'000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
