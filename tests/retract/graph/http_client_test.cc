// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/http_client.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/retract/graph/tls_server.h"

namespace clawback {
namespace {

BOOST_AUTO_TEST_SUITE(http_client)

struct Authority {
  TestCertificate ca = MakeCertificate("Test CA");
  TestCertificate here = MakeCertificate("localhost", &ca);
  TestFolder folder;
  std::string ca_file = folder.Write("ca.pem", ca.CertificatePem());

  HttpRequest Get(const TlsServer& server, std::string target = "/x") const {
    HttpRequest request;
    request.peer = {server.origin(), ca_file};
    request.target = std::move(target);
    request.bearer = std::make_shared<const Secret>("token-canary");
    return request;
  }
};

// An environment variable for the time of a test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TestReply Hello(const std::string&) {
  return Json(200, "hello", "X-One: 1\r\nrequest-ID: r-1\r\n");
}

bool Holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// On a fresh connection, and on one that was used before.
BOOST_FIXTURE_TEST_CASE(what_is_late_is_not_sent, Authority) {
  std::atomic<int> seen{0};
  const TlsServer server(here, [&](const std::string& request) {
    ++seen;
    return Hello(request);
  });
  HttpClient client;
  for (int used = 0; used < 2; ++used) {
    HttpRequest late = Get(server);
    late.begin_by = std::chrono::steady_clock::now() - milliseconds(1);
    const auto response = client.Send(std::move(late));
    BOOST_REQUIRE(!response.ok());
    BOOST_TEST((response.error().kind == ErrorKind::kTransient));
    BOOST_TEST(Holds(response.error().what, "not sent"));
    BOOST_TEST(seen == used);
    HttpRequest in_time = Get(server);
    in_time.begin_by = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    BOOST_TEST(client.Send(std::move(in_time)).ok());
  }
}

BOOST_FIXTURE_TEST_CASE(an_answer_comes_whole_with_its_headers_in_any_case, Authority) {
  const TlsServer server(here, Hello);
  HttpClient client;
  const auto response = client.Send(Get(server, "/a/../b?c=%2B"));
  BOOST_REQUIRE_MESSAGE(response.ok(), "no answer");
  BOOST_TEST(response->status == 200);
  BOOST_TEST(response->body == "hello");
  BOOST_TEST(response->Header("Request-Id") == "r-1");
  BOOST_TEST(response->Header("absent") == "");
  const std::string request = server.requests().at(0);
  BOOST_TEST(request.starts_with("GET /a/../b?c=%2B HTTP/1.1\r\n"));
  BOOST_TEST(Holds(request, "\r\nAuthorization: Bearer token-canary\r\n"));
  BOOST_TEST(Holds(server.offered_protocols(), "\x02h2"));
}

BOOST_FIXTURE_TEST_CASE(a_post_carries_its_body_and_type, Authority) {
  const TlsServer server(here, Hello);
  HttpClient client;
  HttpRequest request = Get(server);
  request.method = HttpMethod::kPost;
  request.content_type = "application/json";
  request.body = Secret(R"({"destinationId":"junkemail"})");
  BOOST_REQUIRE(client.Send(std::move(request)).ok());
  const std::string sent = server.requests().at(0);
  BOOST_TEST(sent.starts_with("POST /x HTTP/1.1\r\n"));
  BOOST_TEST(Holds(sent, "\r\nContent-Type: application/json\r\n"));
  BOOST_TEST(sent.ends_with("\r\n\r\n{\"destinationId\":\"junkemail\"}"));
  BOOST_TEST(!Holds(sent, "Expect:"));
}

BOOST_FIXTURE_TEST_CASE(connections_are_kept_and_shared, Authority) {
  const TlsServer server(here, Hello);
  HttpClient client;
  for (int i = 0; i < 10; ++i) BOOST_REQUIRE(client.Send(Get(server)).ok());
  BOOST_TEST(server.connections() == 1);
}

BOOST_FIXTURE_TEST_CASE(many_threads_send_at_once, Authority) {
  const TlsServer server(here, Hello);
  HttpClient client;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        if (client.Send(Get(server)).ok()) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(good == 320);
  // Far fewer than requests; a connection that a loaded machine lets go is replaced.
  BOOST_TEST(server.connections() < 100);
}

BOOST_FIXTURE_TEST_CASE(a_redirect_is_an_answer_and_is_not_followed, Authority) {
  const TlsServer elsewhere(here, Hello);
  const TlsServer server(here, [&](const std::string&) {
    return Json(302, "", "Location: https://" + elsewhere.authority() + "/taken\r\n");
  });
  HttpClient client;
  const auto response = client.Send(Get(server));
  BOOST_REQUIRE(response.ok());
  BOOST_TEST(response->status == 302);
  BOOST_TEST(server.requests().size() == 1U);
  BOOST_TEST(elsewhere.connections() == 0);
}

BOOST_FIXTURE_TEST_CASE(netrc_and_proxies_of_the_environment_are_not_used, Authority) {
  const TlsServer proxy(here, Hello);
  const TlsServer server(here, Hello);
  folder.Write(".netrc", "machine localhost login canary password netrc-canary\ndefault login a");
  const Variable home("HOME", ca_file.substr(0, ca_file.rfind('/')));
  const Variable netrc("NETRC", ca_file.substr(0, ca_file.rfind('/')) + "/.netrc");
  const Variable https("https_proxy", "https://" + proxy.authority());
  const Variable all("ALL_PROXY", "https://" + proxy.authority());
  HttpClient client;
  HttpRequest request = Get(server);
  request.bearer = nullptr;
  BOOST_REQUIRE(client.Send(std::move(request)).ok());
  BOOST_TEST(!Holds(server.requests().at(0), "Authorization"));
  BOOST_TEST(proxy.connections() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_certificate_that_does_not_vouch_for_the_host_gets_no_request, Authority) {
  const TestCertificate another_name = MakeCertificate("graph.example", &ca);
  const TestCertificate own_ca = MakeCertificate("Another CA");
  const TestCertificate not_trusted = MakeCertificate("localhost", &own_ca);
  HttpClient client;
  for (const TestCertificate* certificate : {&another_name, &not_trusted}) {
    const TlsServer server(*certificate, Hello);
    const auto response = client.Send(Get(server));
    BOOST_REQUIRE(!response.ok());
    BOOST_TEST((response.error().kind == ErrorKind::kTransient));
    BOOST_TEST(server.requests().empty());
  }
  // Without the extra anchor our own authority is nobody.
  const TlsServer server(here, Hello);
  HttpRequest request = Get(server);
  request.peer.ca_file.clear();
  BOOST_TEST(!client.Send(std::move(request)).ok());
  BOOST_TEST(server.requests().empty());
}

BOOST_FIXTURE_TEST_CASE(a_connection_is_not_shared_with_who_does_not_trust_it, Authority) {
  const TlsServer server(here, Hello);
  HttpClient client;
  BOOST_REQUIRE(client.Send(Get(server)).ok());
  HttpRequest request = Get(server);
  request.peer.ca_file.clear();
  BOOST_TEST(!client.Send(std::move(request)).ok());
  BOOST_TEST(server.requests().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(tls_older_than_1_2_is_refused, Authority) {
  const TlsServer old(here, Hello, TLS1_1_VERSION);
  const TlsServer oldest_taken(here, Hello, TLS1_2_VERSION);
  HttpClient client;
  BOOST_TEST(!client.Send(Get(old)).ok());
  BOOST_TEST(old.requests().empty());
  BOOST_TEST(client.Send(Get(oldest_taken)).ok());
}

BOOST_FIXTURE_TEST_CASE(an_answer_larger_than_allowed_is_cut_off, Authority) {
  const std::string large(100'000, 'a');
  const TlsServer counted(here, [&](const std::string&) { return Json(200, large); });
  const TlsServer chunked(here, [&](const std::string&) {
    return TestReply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" + large +
                     "\r\n0\r\n\r\n"};
  });
  const TlsServer headers(here, [&](const std::string&) {
    std::string many;
    for (int i = 0; i < 4000; ++i)
      many += "X-" + std::to_string(i) + ": " + large.substr(0, 50) + "\r\n";
    return Json(200, "{}", many);
  });
  HttpClient client;
  for (const TlsServer* server : {&counted, &chunked, &headers}) {
    HttpRequest request = Get(*server);
    request.max_response_bytes = 99'999;
    const auto response = client.Send(std::move(request));
    BOOST_REQUIRE(!response.ok());
    BOOST_TEST((response.error().kind == ErrorKind::kInvalid), response.error().what);
  }
  HttpRequest request = Get(counted);
  request.max_response_bytes = 100'000;
  const auto whole = client.Send(std::move(request));
  BOOST_REQUIRE(whole.ok());
  BOOST_TEST(whole->body.size() == large.size());
}

BOOST_FIXTURE_TEST_CASE(a_cut_or_broken_answer_is_transient, Authority) {
  const std::string_view answers[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nonly this",
      "HTTP/1.1 200 OK\r\nContent-Le",
      "",
      "\x15\x03\x01 not http at all\r\n\r\n",
  };
  HttpClient client;
  for (const std::string_view bytes : answers) {
    const TlsServer server(here, [&](const std::string&) {
      return TestReply{std::string(bytes), AfterReply::kClose};
    });
    const auto response = client.Send(Get(server));
    BOOST_TEST_CONTEXT(bytes) {
      BOOST_REQUIRE(!response.ok());
      BOOST_TEST((response.error().kind == ErrorKind::kTransient), response.error().what);
      BOOST_TEST(!Holds(response.error().what, "token-canary"));
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_post_whose_used_connection_closes_unanswered_is_not_sent_again,
                        Authority) {
  std::atomic<int> posts{0};
  const TlsServer server(here, [&](const std::string& request) {
    if (!request.starts_with("POST")) return Hello(request);
    ++posts;
    return TestReply{"", AfterReply::kClose};
  });
  HttpClient client;
  BOOST_REQUIRE(client.Send(Get(server)).ok());  // from now on the connection is a used one
  HttpRequest request = Get(server);
  request.method = HttpMethod::kPost;
  request.content_type = "application/json";
  request.body = Secret(R"({"destinationId":"junkemail"})");
  const auto response = client.Send(std::move(request));
  BOOST_REQUIRE(!response.ok());
  BOOST_TEST((response.error().kind == ErrorKind::kTransient), response.error().what);
  BOOST_TEST(posts == 1);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_stalls_is_given_up, Authority) {
  const TlsServer server(here, [](const std::string&) {
    return TestReply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", AfterReply::kStall};
  });
  const HttpTimeouts timeouts{milliseconds(5000), milliseconds(300), std::chrono::seconds(20)};
  HttpClient client(timeouts);
  const auto response = client.Send(Get(server));
  BOOST_REQUIRE(!response.ok());
  BOOST_TEST((response.error().kind == ErrorKind::kTransient));
}

BOOST_FIXTURE_TEST_CASE(stopping_ends_every_request, Authority) {
  const TlsServer server(here, [](const std::string&) {
    return TestReply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", AfterReply::kStall};
  });
  HttpClient client;
  std::atomic<bool> ended{false};
  std::thread sender([&] { ended = !client.Send(Get(server)).ok(); });
  while (server.requests().empty()) std::this_thread::yield();
  client.Stop();
  sender.join();
  BOOST_TEST(ended.load());
  BOOST_TEST(!client.Send(Get(server)).ok());
}

BOOST_FIXTURE_TEST_CASE(what_is_no_target_or_header_is_not_sent, Authority) {
  const TlsServer server(here, Hello);
  HttpClient client;
  for (const char* target : {"", "x", "@evil.example/", ":80/", "/a b", "/a\r\nHost: evil", "/a\\b",
                             "/a#b", "/\xc3\xbc"}) {
    const auto response = client.Send(Get(server, target));
    BOOST_TEST((!response.ok() && response.error().kind == ErrorKind::kInvalid), target);
  }
  HttpRequest request = Get(server);
  request.headers = {{"X", "a\r\nHost: evil"}};
  BOOST_TEST(!client.Send(std::move(request)).ok());
  request = Get(server);
  request.bearer = std::make_shared<const Secret>("a\r\nHost: evil");
  BOOST_TEST(!client.Send(std::move(request)).ok());
  request = Get(server);
  request.peer.ca_file = "/nowhere/ca.pem";
  const auto no_anchors = client.Send(std::move(request));
  BOOST_TEST((!no_anchors.ok() && no_anchors.error().kind == ErrorKind::kInvalid));
  BOOST_TEST(server.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
