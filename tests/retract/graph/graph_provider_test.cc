// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/graph_provider.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "retract/graph/clouds.h"
#include "retract/graph/graph_json.h"
#include "tests/retract/graph/fake_graph.h"
#include "tests/retract/graph/hostile_links.h"

namespace clawback {
namespace {

BOOST_AUTO_TEST_SUITE(graph_provider)

const MailboxId kMailbox{"u-1"};
constexpr std::string_view kEmptyPage = R"({"value":[]})";
constexpr std::string_view kNotThere = R"({"error":{"code":"Request_ResourceNotFound"}})";

bool Holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string Copy(std::string_view item, std::string_view id) {
  return R"({"id":")" + std::string(item) + R"(","parentFolderId":"f","internetMessageId":")" +
         std::string(id) + "\"}";
}

BOOST_AUTO_TEST_CASE(every_call_asks_for_immutable_ids_and_has_an_id_of_its_own) {
  FakeGraph graph([](const std::string&) { return Json(200, Copy("i", "<a@b>")); });
  const auto provider = graph.Open();
  BOOST_REQUIRE(provider->Look(kMailbox, "i").ok());
  BOOST_REQUIRE(provider->Look(kMailbox, "i").ok());
  std::vector<std::string> ids;
  for (const std::string& request : graph.server.requests()) {
    if (IsTokenRequest(request)) continue;
    BOOST_TEST(Holds(request, "\r\nPrefer: IdType=\"ImmutableId\"\r\n"));
    BOOST_TEST(Holds(request, "\r\nAuthorization: Bearer token-1\r\n"));
    const std::size_t at = request.find("\r\nclient-request-id: ");
    BOOST_REQUIRE(at != std::string::npos);
    ids.push_back(request.substr(at + 21, 36));
  }
  BOOST_REQUIRE_EQUAL(ids.size(), 2U);
  BOOST_TEST(ids[0] != ids[1]);
}

BOOST_AUTO_TEST_CASE(a_401_gets_one_new_token_and_a_second_401_is_final) {
  FakeGraph graph([](const std::string& request) {
    return Holds(request, "Bearer token-1\r\n")
               ? Json(401, R"({"error":{"code":"InvalidAuthenticationToken"}})")
               : Json(200, Copy("i", "<a@b>"));
  });
  const auto provider = graph.Open();
  BOOST_TEST(provider->Look(kMailbox, "i").ok());
  BOOST_TEST(graph.CountRequests(true) == 2);

  FakeGraph stubborn([](const std::string&) {
    return Json(401, R"({"error":{"code":"InvalidAuthenticationToken"}})");
  });
  const auto refused = stubborn.Open()->Look(kMailbox, "i");
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().kind == ErrorKind::kRefused && ConcernsSignIn(refused.error())));
  // The third asks the directory whether it is the mailbox or the sign-in.
  BOOST_TEST(stubborn.CountRequests(false) == 3);
}

BOOST_AUTO_TEST_CASE(one_mailbox_that_refuses_every_token_is_no_trouble_with_the_sign_in) {
  FakeGraph graph([](const std::string& request) {
    if (Holds(request, "GET /v1.0/users?$select=id&$top=1 ")) return Json(200, kEmptyPage);
    return Holds(request, "/users/u-1/") ? Json(401, R"({"error":{"code":"Unauthorized"}})")
                                         : Json(200, Copy("i", "<a@b>"));
  });
  const auto provider = graph.Open();
  const auto refused = provider->Look(kMailbox, "i");
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().kind == ErrorKind::kRefused && !ConcernsSignIn(refused.error())));
  BOOST_TEST(Holds(refused.error().what, "HTTP 401"));
  BOOST_TEST(provider->Look({"u-2"}, "i").ok());
  BOOST_TEST(graph.CountRequests(true) == 2);
}

BOOST_AUTO_TEST_CASE(a_success_with_retry_after_is_a_success_and_pauses_nothing) {
  FakeGraph graph(
      [](const std::string&) { return Json(202, Copy("i", "<a@b>"), "Retry-After: 60\r\n"); });
  const auto provider = graph.Open();
  BOOST_TEST(provider->Look(kMailbox, "i").ok());
  BOOST_TEST(provider->Look(kMailbox, "i").ok());
}

BOOST_AUTO_TEST_CASE(a_claims_challenge_is_passed_on_to_the_sign_in_once) {
  FakeGraph graph([](const std::string& request) {
    // {"access_token":{"nbf":{"value":"1"}}}
    return Holds(request, "Bearer token-1\r\n")
               ? Json(401, R"({"error":{"code":"InvalidAuthenticationToken"}})",
                      "WWW-Authenticate: Bearer realm=\"\", error=\"insufficient_claims\", "
                      "claims=\"eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMSJ9fX0=\"\r\n")
               : Json(200, Copy("i", "<a@b>"));
  });
  const auto provider = graph.Open();
  BOOST_TEST(provider->Look(kMailbox, "i").ok());
  graph.clock.Pass(std::chrono::minutes(58));
  BOOST_TEST(provider->Look(kMailbox, "i").ok());
  std::vector<bool> with_claims;
  for (const std::string& request : graph.server.requests()) {
    if (!IsTokenRequest(request)) continue;
    with_claims.push_back(
        Holds(request,
              "&claims=%7B%22access_token%22%3A%7B%22nbf%22%3A%7B%22value%22%3A%221%22%7D%7D%7D"));
  }
  BOOST_TEST((with_claims == std::vector<bool>{false, true, false}));
}

BOOST_AUTO_TEST_CASE(a_limit_of_the_app_pauses_every_mailbox_of_the_tenant) {
  FakeGraph graph([](const std::string&) {
    return Json(429, R"({"error":{"code":"TooManyRequests"}})",
                "Retry-After: 7\r\nx-ms-throttle-scope: Tenant_Application/ReadWrite/a/t\r\n");
  });
  const auto provider = graph.Open();
  for (const char* mailbox : {"u-1", "u-2", "u-3"}) {
    const auto copy = provider->Look({mailbox}, "i");
    BOOST_TEST((!copy.ok() && copy.error().kind == ErrorKind::kThrottled));
  }
  BOOST_TEST(graph.CountRequests(false) == 1);
}

BOOST_AUTO_TEST_CASE(a_throttled_mailbox_is_left_alone_until_its_time_has_passed) {
  FakeGraph graph([](const std::string& request) {
    return Holds(request, "/users/u-1/")
               ? Json(429, R"({"error":{"code":"ApplicationThrottled"}})", "Retry-After: 7\r\n")
               : Json(200, Copy("i", "<a@b>"));
  });
  const auto provider = graph.Open();
  for (int i = 0; i < 3; ++i) {
    const auto copy = provider->Look(kMailbox, "i");
    BOOST_REQUIRE(!copy.ok());
    BOOST_TEST((copy.error().kind == ErrorKind::kThrottled));
    BOOST_TEST((copy.error().retry_after == milliseconds(7000)));
  }
  BOOST_TEST(graph.CountRequests(false) == 1);
  BOOST_TEST(provider->Look({"u-2"}, "i").ok());
  graph.clock.Pass(milliseconds(7001));
  BOOST_TEST(!provider->Look(kMailbox, "i").ok());
  BOOST_TEST(graph.CountRequests(false) == 3);
}

// How often a question or an act is sent to a Graph that gives the same answer each time.
int TimesSent(const TestReply& reply, bool act) {
  FakeGraph graph([&](const std::string&) { return reply; });
  RequestLimits limits(graph.clock, {.short_pause = milliseconds(500)});
  const auto provider = *OpenGraphProvider(graph.tenant, graph.http, limits, graph.clock);
  if (act) {
    BOOST_TEST(!provider->Retract(kMailbox, "i", Action::kTrash, kAnyTime).ok());
  } else {
    BOOST_TEST(!provider->Look(kMailbox, "i").ok());
  }
  return graph.CountRequests(false);
}

BOOST_AUTO_TEST_CASE(a_question_is_put_again_at_once_and_an_act_never_is) {
  const TestReply broken = Json(500, R"({"error":{"code":"generalException"}})");
  BOOST_TEST(TimesSent(broken, false) == 3);
  BOOST_TEST(TimesSent(broken, true) == 1);
  BOOST_TEST(TimesSent(Json(503, "", "Retry-After: 1\r\n"), false) == 1);  // too long a pause
  BOOST_TEST(TimesSent(Json(404, kNotThere), false) == 1);
  BOOST_TEST(TimesSent(Json(403, R"({"error":{"code":"ErrorAccessDenied"}})"), false) == 1);
}

BOOST_AUTO_TEST_CASE(a_short_pause_is_waited_for_to_its_end) {
  std::atomic<int> asked{0};
  FakeGraph graph([&](const std::string&) {
    return ++asked == 1
               ? Json(429, R"({"error":{"code":"ApplicationThrottled"}})", "Retry-After: 0.15\r\n")
               : Json(200, Copy("i", "<a@b>"));
  });
  const SystemClock clock;
  RequestLimits limits(clock, {.short_pause = milliseconds(500)});
  const auto provider = *OpenGraphProvider(graph.tenant, graph.http, limits, clock);
  const auto began = clock.Monotonic();
  BOOST_TEST(provider->Look(kMailbox, "i").ok());
  BOOST_TEST((clock.Monotonic() - began >= milliseconds(150)));
  BOOST_TEST(graph.CountRequests(false) == 2);
}

BOOST_AUTO_TEST_CASE(pages_are_followed_through_empty_ones_and_other_ids_are_dropped) {
  FakeGraph* self = nullptr;
  FakeGraph graph([&self](const std::string& request) {
    const std::string here = self->server.origin().Url();
    if (Holds(request, "/mailFolders/")) {
      return Json(200,
                  R"({"value":[)" + Copy("dumpster", "<a@b>") + "," + Copy("one", "<a@b>") + "]}");
    }
    if (Holds(request, "page=2")) {
      return Json(200, R"({"value":[],"@odata.nextLink":")" + here + R"(/v1.0/x?page=3"})");
    }
    if (Holds(request, "page=3")) {
      return Json(200, R"({"value":[)" + Copy("two", "<a@b>") + "," + Copy("x", "<A@b>") + "]}");
    }
    return Json(200, R"({"value":[)" + Copy("one", "<a@b>") + R"(],"@odata.nextLink":")" + here +
                         R"(/v1.0/x?page=2"})");
  });
  self = &graph;
  const auto copies = graph.Open()->Find(kMailbox, "<a@b>");
  BOOST_REQUIRE(copies.ok());
  std::string items;
  for (const MailboxCopy& copy : *copies) items += copy.item_id + " ";
  BOOST_TEST(items == "one two dumpster ");
}

BOOST_AUTO_TEST_CASE(pages_without_end_end) {
  FakeGraph* self = nullptr;
  FakeGraph graph([&self](const std::string&) {
    return Json(200, R"({"value":[],"@odata.nextLink":")" + self->server.origin().Url() +
                         R"(/v1.0/x?again"})");
  });
  self = &graph;
  const auto copies = graph.Open()->Find(kMailbox, "<a@b>");
  BOOST_TEST((!copies.ok() && copies.error().kind == ErrorKind::kTransient));
  BOOST_TEST(graph.CountRequests(false) == 2);
}

BOOST_AUTO_TEST_CASE(a_next_link_that_is_no_text_is_not_taken_for_the_end) {
  std::string link;
  FakeGraph graph([&](const std::string&) {
    return Json(200, R"({"value":[],"@odata.nextLink":)" + link + "}");
  });
  const auto provider = graph.Open();
  for (const char* wrong : {"7", "{}", "[\"https://localhost/\"]", "true"}) {
    link = wrong;
    const auto copies = provider->Find(kMailbox, "<a@b>");
    BOOST_REQUIRE(!copies.ok());
    BOOST_TEST((copies.error().kind == ErrorKind::kTransient), wrong);
  }
  for (const char* end : {"null", "\"\""}) {
    link = end;
    BOOST_TEST(provider->Find(kMailbox, "<a@b>").ok(), end);
  }
}

// As many as an answer of the greatest size holds; each was compared with each before.
BOOST_AUTO_TEST_CASE(a_page_of_matches_without_number_is_refused_at_once) {
  std::string page = R"({"value":[)";
  for (int i = 0; i < 60'000; ++i) page += Copy("item-" + std::to_string(i), "<a@b>") + ",";
  page.back() = ']';
  page += "}";
  FakeGraph graph([&](const std::string&) { return Json(200, page); });
  const auto copies = graph.Open()->Find(kMailbox, "<a@b>");
  BOOST_REQUIRE(!copies.ok());
  BOOST_TEST((copies.error().kind == ErrorKind::kInvalid));
  BOOST_TEST(Holds(copies.error().what, "more than 1000 copies"));
}

BOOST_AUTO_TEST_CASE(no_hostile_next_link_brings_a_byte_to_another_server) {
  const TestCertificate* certificate = nullptr;
  std::string link;
  FakeGraph graph([&link](const std::string&) {
    std::string escaped;
    for (const char c : link) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || c == '"' || c == '\\') {
        escaped += std::string("\\u00") + kHex[byte >> 4U] + kHex[byte & 15U];
      } else {
        escaped += c;
      }
    }
    return Json(200, R"({"value":[],"@odata.nextLink":")" + escaped + "\"}");
  });
  certificate = &graph.here;
  const TlsServer evil(*certificate, [](const std::string&) { return Json(200, kEmptyPage); });
  const auto provider = graph.Open();
  const auto links = HostileLinks(graph.server.authority(), evil.authority());
  for (const std::string& hostile : links) {
    link = hostile;
    const auto copies = provider->Find(kMailbox, "<a@b>");
    BOOST_TEST(!copies.ok(), hostile.substr(0, 100));
  }
  BOOST_TEST(evil.connections() == 0);
  BOOST_TEST(graph.CountRequests(false) == static_cast<int>(links.size()));
}

BOOST_AUTO_TEST_CASE(garbage_from_graph_is_transient_and_never_final) {
  std::string body;
  int status = 200;
  FakeGraph graph([&](const std::string&) { return Json(status, body); });
  const auto provider = graph.Open();
  const std::vector<std::string> bodies = {"",
                                           "<html>",
                                           "{",
                                           "[]",
                                           "null",
                                           "{}",
                                           R"({"value":7})",
                                           R"({"value":[7]})",
                                           R"({"value":[{"id":""}]})",
                                           R"({"value":[{"id":"a"}]})",
                                           R"({"id":"a"})",
                                           std::string(300'000, '['),
                                           "{\"value\":[" + std::string(20, '\xff') + "]}"};
  for (const std::string& garbage : bodies) {
    for (const int code : {200, 201, 302, 403, 404, 500}) {
      body = garbage;
      status = code;
      for (const Error& error :
           {provider->Find(kMailbox, "<a@b>").error(), provider->Look(kMailbox, "i").error(),
            provider->Retract(kMailbox, "i", Action::kJunk, kAnyTime).error()}) {
        BOOST_TEST((error.kind == ErrorKind::kTransient), code << " " << garbage.substr(0, 40));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_move_names_the_folder_and_answers_the_new_place) {
  FakeGraph graph([](const std::string&) {
    return Json(201, R"({"id":"new","parentFolderId":"junk","internetMessageId":"<a@b>"})",
                "Request-ID: r-9\r\n");
  });
  const auto provider = graph.Open();
  const auto receipt = provider->Retract(kMailbox, "i=", Action::kSoftDelete, kAnyTime);
  BOOST_REQUIRE(receipt.ok());
  BOOST_TEST(receipt->copy.item_id == "new");
  BOOST_TEST(receipt->copy.folder_id == "junk");
  BOOST_TEST(receipt->request_id == "r-9");
  const std::string request = graph.server.requests().at(1);
  BOOST_TEST(request.starts_with("POST /v1.0/users/u-1/messages/i%3D/move HTTP/1.1\r\n"));
  BOOST_TEST(request.ends_with(R"({"destinationId":"recoverableitemsdeletions"})"));
}

BOOST_AUTO_TEST_CASE(a_known_folder_is_named_and_asked_for_once) {
  FakeGraph graph([](const std::string& request) {
    if (Holds(request, "/mailFolders/inbox?")) return Json(200, R"({"id":"F-in"})");
    if (Holds(request, "/mailFolders/junkemail?")) return Json(200, R"({"id":"F-junk"})");
    if (Holds(request, "/mailFolders/own?")) {
      return Json(200, R"({"id":"own","displayName":"Rechnungen"})");
    }
    return Json(404, R"({"error":{"code":"ErrorItemNotFound"}})");
  });
  const auto provider = graph.Open();
  for (int i = 0; i < 3; ++i) {
    const auto inbox = provider->Describe(kMailbox, "F-in");
    BOOST_REQUIRE(inbox.ok());
    BOOST_TEST((inbox->known == KnownFolder::kInbox && inbox->name == "Inbox"));
  }
  BOOST_TEST(graph.CountRequests(false) == 1);
  BOOST_TEST((provider->Describe(kMailbox, "F-junk")->known == KnownFolder::kJunk));
  const auto own = provider->Describe(kMailbox, "own");
  BOOST_REQUIRE(own.ok());
  BOOST_TEST((own->known == KnownFolder::kOther && own->name == "Rechnungen"));
  const auto none = provider->Describe(kMailbox, "gone");
  BOOST_TEST((!none.ok() && none.error().kind == ErrorKind::kNotFound));
}

// Were it taken for a folder that the mailbox has not, copies in Sent Items would be moved.
BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_asked_for_is_not_taken_for_none) {
  std::atomic<bool> refused{true};
  FakeGraph graph([&](const std::string& request) {
    if (Holds(request, "/mailFolders/recoverableitemspurges?")) {
      return Json(400, R"({"error":{"code":"ErrorInvalidIdMalformed"}})");
    }
    if (Holds(request, "/mailFolders/sentitems?")) {
      return refused ? Json(400, R"({"error":{"code":"BadRequest"}})")
                     : Json(200, R"({"id":"F-sent"})");
    }
    if (Holds(request, "/mailFolders/F-sent?")) {
      return Json(200, R"({"id":"F-sent","displayName":"Gesendete Elemente"})");
    }
    if (Holds(request, "/mailFolders/own?")) return Json(200, R"({"id":"own"})");
    return Json(404, R"({"error":{"code":"ErrorItemNotFound"}})");
  });
  const auto provider = graph.Open();
  BOOST_TEST(!provider->Describe(kMailbox, "F-sent").ok());
  refused = false;
  const auto sent = provider->Describe(kMailbox, "F-sent");
  BOOST_REQUIRE(sent.ok());
  BOOST_TEST((sent->known == KnownFolder::kSent));
  BOOST_TEST(provider->Describe(kMailbox, "own").ok());  // Purges has no published name
}

BOOST_AUTO_TEST_CASE(an_address_is_resolved_once_and_its_absence_is_forgotten_soon) {
  std::atomic<bool> exists{false};
  FakeGraph graph([&](const std::string& request) {
    if (exists && Holds(request, "GET /v1.0/users/anna%40contoso.example?")) {
      return Json(200, R"({"id":"u-7","userPrincipalName":"anna@contoso.example",)"
                       R"("mail":"Anna@Contoso.example","userType":"Member"})");
    }
    return Holds(request, "$filter=") ? Json(200, kEmptyPage) : Json(404, kNotThere);
  });
  const auto provider = graph.Open();
  for (int i = 0; i < 2; ++i) {
    const auto nobody = provider->Resolve("anna@contoso.example");
    BOOST_TEST((!nobody.ok() && MeansNoMailbox(nobody.error())));
    BOOST_TEST(WhyNoMailbox(nobody.error()).find("nobody") == 0U);
  }
  BOOST_TEST(graph.CountRequests(false) == 5);  // users by name and address, groups
  exists = true;
  graph.clock.Pass(std::chrono::minutes(6));
  for (int i = 0; i < 2; ++i) {
    const auto anna = provider->Resolve("ANNA@contoso.example");
    BOOST_REQUIRE(anna.ok());
    BOOST_TEST(anna->value == "u-7");
  }
  BOOST_TEST(graph.CountRequests(false) == 6);
}

BOOST_AUTO_TEST_CASE(a_group_is_told_from_nobody_where_the_app_may_ask) {
  std::atomic<bool> may_ask{true};
  FakeGraph graph([&](const std::string& request) {
    if (!Holds(request, "/v1.0/groups?")) {
      return Holds(request, "$filter=") ? Json(200, kEmptyPage) : Json(404, kNotThere);
    }
    if (!may_ask) return Json(403, R"({"error":{"code":"Authorization_RequestDenied"}})");
    return Json(200, Holds(request, "staff") ? R"({"value":[{"id":"g-1"}]})" : kEmptyPage);
  });
  const auto provider = graph.Open();
  const auto group = provider->Resolve("staff@contoso.example");
  BOOST_REQUIRE((!group.ok() && MeansNoMailbox(group.error())));
  BOOST_TEST(WhyNoMailbox(group.error()).find("a group") == 0U);
  may_ask = false;
  const int before = graph.CountRequests(false);
  for (const char* address : {"sales@contoso.example", "press@contoso.example"}) {
    const auto unknown = provider->Resolve(address);
    BOOST_TEST(WhyNoMailbox(unknown.error()).find("nobody") == 0U);
  }
  BOOST_TEST(graph.CountRequests(false) - before == 7);  // not asked a second time
}

BOOST_AUTO_TEST_CASE(the_folder_of_teams_is_known_by_name_and_hiding) {
  BOOST_TEST(
      (ReadFolder(R"({"id":"f","displayName":"TeamsMessagesData","isHidden":true})")->known ==
       KnownFolder::kTeams));
  for (const char* other : {R"({"id":"f","displayName":"TeamsMessagesData","isHidden":false})",
                            R"({"id":"f","displayName":"TeamsMessagesData"})",
                            R"({"id":"f","displayName":"Teams","isHidden":true})"}) {
    BOOST_TEST((ReadFolder(other)->known == KnownFolder::kOther), other);
  }
}

BOOST_AUTO_TEST_CASE(an_alias_is_found_by_proxy_address_with_the_eventual_index) {
  FakeGraph graph([](const std::string& request) {
    if (!Holds(request, "$filter=")) return Json(404, kNotThere);
    constexpr std::string_view kHis = R"("proxyAddresses":["smtp:O'Neil+x@contoso.example"])";
    return Json(200, R"({"value":[{"id":"g","userType":"Guest",)" + std::string(kHis) +
                         R"(},{"id":"u-8",)" + std::string(kHis) + "}]}");
  });
  const auto found = graph.Open()->Resolve("o'neil+x@contoso.example");
  BOOST_REQUIRE(found.ok());
  BOOST_TEST(found->value == "u-8");
  const std::string request = graph.server.requests().at(2);
  BOOST_TEST(Holds(request, "smtp%3Ao%27%27neil%2Bx%40contoso.example"));
  BOOST_TEST(Holds(request, "\r\nConsistencyLevel: eventual\r\n"));
}

BOOST_AUTO_TEST_CASE(who_has_the_address_comes_before_whose_name_it_is) {
  FakeGraph graph([](const std::string& request) {
    if (Holds(request, "$filter=")) {
      return Json(200, R"({"value":[{"id":"has-address","mail":"anna@contoso.example"}]})");
    }
    return Json(200, R"({"id":"has-name","userPrincipalName":"Anna@contoso.example",)"
                     R"("mail":"other@contoso.example",)"
                     R"("proxyAddresses":["SMTP:other@contoso.example"]})");
  });
  BOOST_TEST(graph.Open()->Resolve("anna@contoso.example")->value == "has-address");
}

// Something in between answers a question that was not asked, or a filter was passed over.
BOOST_AUTO_TEST_CASE(a_user_who_has_not_the_address_is_nobodys_mailbox) {
  const std::string other = R"({"id":"u-9","userPrincipalName":"zoe@contoso.example",)"
                            R"("mail":"zoe@contoso.example","userType":"Member",)"
                            R"("proxyAddresses":["SMTP:zoe@contoso.example"]})";
  FakeGraph graph([&](const std::string& request) {
    if (Holds(request, "/groups?")) return Json(200, kEmptyPage);
    return Json(200, Holds(request, "$filter=") ? R"({"value":[)" + other + "]}" : other);
  });
  const auto anna = graph.Open()->Resolve("anna@contoso.example");
  BOOST_REQUIRE(!anna.ok());
  BOOST_TEST((anna.error().kind == ErrorKind::kTransient), anna.error().what);
  BOOST_TEST(graph.Open()->Resolve("zoe@contoso.example").ok());
}

BOOST_AUTO_TEST_CASE(guests_doubles_and_what_is_no_address_are_told_apart) {
  FakeGraph graph([](const std::string& request) {
    if (Holds(request, "guest")) {
      return Json(200, R"({"id":"g","mail":"guest@partner.example","userType":"Guest"})");
    }
    if (!Holds(request, "$filter=")) return Json(404, kNotThere);
    return Json(200, R"({"value":[{"id":"a","mail":"two@contoso.example"},)"
                     R"({"id":"b","mail":"two@contoso.example"}]})");
  });
  const auto provider = graph.Open();
  BOOST_TEST(MeansNoMailbox(provider->Resolve("guest@partner.example").error()));
  BOOST_TEST((provider->Resolve("two@contoso.example").error().kind == ErrorKind::kInvalid));
  for (const char* address : {"", "anna", "a\r\nb@c", "\xff@c"}) {
    BOOST_TEST((provider->Resolve(address).error().kind == ErrorKind::kInvalid), address);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_message_is_not_taken_for_a_copy) {
  TestReply reply;
  FakeGraph graph([&](const std::string&) { return reply; });
  const auto provider = graph.Open();
  const auto bytes = [](std::string_view headers, std::string_view body) {
    return TestReply{"HTTP/1.1 200 OK\r\n" + std::string(headers) + "Content-Length: " +
                     std::to_string(body.size()) + "\r\n\r\n" + std::string(body)};
  };
  for (const TestReply& wrong :
       {bytes("", ""), bytes("Content-Type: text/plain\r\n", ""),
        bytes("Content-Type: application/json; charset=utf-8\r\n", R"({"value":[]})"),
        bytes("Content-Type: text/html\r\n", "<html>"),
        TestReply{"HTTP/1.1 204 No Content\r\n\r\n"},
        bytes("Content-Type: text/plain\r\nContent-Encoding: gzip\r\n", "\x1f\x8b\x08")}) {
    reply = wrong;
    const auto mime = provider->Fetch(kMailbox, "i");
    BOOST_TEST_CONTEXT(wrong.bytes) {
      BOOST_REQUIRE(!mime.ok());
      BOOST_TEST((mime.error().kind == ErrorKind::kTransient), mime.error().what);
    }
  }
  reply = bytes("Content-Type: text/plain\r\nContent-Encoding: identity\r\n", "Subject: x\r\n");
  BOOST_TEST(provider->Fetch(kMailbox, "i").ok());
  BOOST_TEST(Holds(graph.server.requests().back(), "\r\nAccept-Encoding: identity\r\n"));
}

BOOST_AUTO_TEST_CASE(a_tenants_token_comes_from_its_own_sign_in_only) {
  FakeGraph contoso([](const std::string&) { return Json(200, Copy("i", "<a@b>")); });
  FakeGraph fabrikam([](const std::string&) { return Json(200, Copy("i", "<a@b>")); });
  fabrikam.token_answer = [](const std::string&) {
    return Json(200, R"({"token_type":"Bearer","expires_in":3599,"access_token":"fabrikams"})");
  };
  // One client and one set of limits for both, as in the sidecar.
  const auto ours = OpenGraphProvider(contoso.tenant, contoso.http, contoso.limits, contoso.clock);
  const auto theirs =
      OpenGraphProvider(fabrikam.tenant, contoso.http, contoso.limits, contoso.clock);
  BOOST_REQUIRE((ours.ok() && theirs.ok()));
  for (int i = 0; i < 50; ++i) {
    BOOST_TEST((*ours)->Look({"u-" + std::to_string(i)}, "i").ok());
    BOOST_TEST((*theirs)->Look({"u-" + std::to_string(i)}, "i").ok());
  }
  for (const std::string& request : contoso.server.requests())
    BOOST_TEST(!Holds(request, "fabrikams"));
  for (const std::string& request : fabrikam.server.requests())
    BOOST_TEST(!Holds(request, "token-"));
}

BOOST_AUTO_TEST_CASE(each_cloud_has_its_endpoints_and_urls_override_them) {
  const struct {
    Cloud cloud;
    std::string_view login, graph;
  } table[] = {
      {Cloud::kGlobal, "https://login.microsoftonline.com", "https://graph.microsoft.com"},
      {Cloud::kGccHigh, "https://login.microsoftonline.us", "https://graph.microsoft.us"},
      {Cloud::kDod, "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"},
      {Cloud::kChina, "https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"},
  };
  for (const auto& row : table) {
    GraphAccess access;
    access.cloud = row.cloud;
    const auto endpoints = EndpointsOf(access);
    BOOST_REQUIRE(endpoints.ok());
    BOOST_TEST(endpoints->login.Url() == row.login);
    BOOST_TEST(endpoints->graph.Url() == row.graph);
  }
  GraphAccess access;
  access.graph_url = "https://localhost:8443";
  BOOST_TEST(EndpointsOf(access)->graph.Url() == "https://localhost:8443");
  access.graph_url = "http://localhost:8443";
  BOOST_TEST(!EndpointsOf(access).ok());
}

BOOST_AUTO_TEST_CASE(settings_that_cannot_work_are_named_before_anything_is_sent) {
  FakeGraph graph([](const std::string&) { return Json(200, "{}"); });
  const auto opened_with = [&](auto change) {
    Tenant tenant = graph.tenant;
    change(tenant);
    const auto provider = OpenGraphProvider(tenant, graph.http, graph.limits, graph.clock);
    return provider.ok() ? "" : provider.error().what;
  };
  BOOST_TEST(opened_with([](Tenant&) {}) == "");
  BOOST_TEST(Holds(opened_with([](Tenant& t) { t.tenant_id = "a/b"; }), "tenant_id"));
  BOOST_TEST(Holds(opened_with([](Tenant& t) { t.graph.client_id = ""; }), "client_id"));
  BOOST_TEST(Holds(opened_with([](Tenant& t) { t.graph.client_secret = ""; }), "client_secret"));
  BOOST_TEST(Holds(opened_with([](Tenant& t) { t.graph.login_url = "http://a"; }), "login_url"));
  BOOST_TEST(opened_with([](Tenant& t) { t.graph.client_secret = "the secret"; }) != "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
