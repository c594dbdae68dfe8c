// SPDX-License-Identifier: Apache-2.0
// Links that must not be followed from https://graph.example:8443. HOST and PORT stand
// for another server that would be glad of a token.
#ifndef CLAWBACK_TESTS_RETRACT_GRAPH_HOSTILE_LINKS_H_
#define CLAWBACK_TESTS_RETRACT_GRAPH_HOSTILE_LINKS_H_

#include <string>
#include <string_view>
#include <vector>

namespace clawback {

// good: an origin's "host:port"; bad: that of the server that must not be reached.
inline std::vector<std::string> HostileLinks(const std::string& good, const std::string& bad) {
  const std::string good_host = good.substr(0, good.rfind(':'));
  const std::string good_port = good.substr(good.rfind(':') + 1);
  const std::string bad_host = bad.substr(0, bad.rfind(':'));
  const std::string bad_port = bad.substr(bad.rfind(':') + 1);
  std::vector<std::string> links;
  const auto add = [&](const std::string& link) { links.push_back(link); };
  // Another place, plainly.
  add("https://" + bad + "/v1.0/users");
  add("https://" + bad);
  add("https://" + bad + "?x");
  add("https://evil.example/v1.0/users");
  // Another port.
  for (const std::string& port : std::vector<std::string>{
           "1", "80", "443", "0", "65535", "65536", "99999", "-1", "+443", " 443", "0x20fb",
           "0" + good_port, good_port + "a", good_port + " ", ""}) {
    add("https://" + good_host + ":" + port + "/x");
  }
  add("https://" + good_host + ":" + bad_port + "/x");
  add("https://" + good_host + "/x");
  add("https://" + good + ":" + bad_port + "/x");
  // Another scheme, or none.
  for (const char* scheme : {"http://", "HTTP://", "ftp://", "file://", "gopher://", "ws://", "//",
                             "", "https:", "https:/", "https:///", "https:\\\\", "javascript:",
                             "data:", "https;//", " https://", "httpss://", "xhttps://"}) {
    add(scheme + good + "/x");
    add(scheme + bad + "/x");
  }
  // User information.
  for (const std::string& user : std::vector<std::string>{
           good + "@", good_host + "@", "user@", "user:pass@", "@", ":@", good + "%40", "a@b@",
           good + "/@", good + "?@", good + "#@", good + "\\@", good + ";@", good + "&@",
           good + "%2f@", good + "%00@", good + "%23@"}) {
    const bool our_own = user == good + "/@" || user == good + "?@";
    if (!our_own) add("https://" + user + bad + "/x");
  }
  for (const char* user : {"user@", "user:pass@", "@", ":@"})
    add("https://" + (user + good) + "/x");
  // Names that look or resolve alike.
  for (const std::string& host :
       std::vector<std::string>{good_host + ".",
                                good_host + "..",
                                "." + good_host,
                                "www." + good_host,
                                good_host + ".evil.example",
                                "evil-" + good_host,
                                good_host + "%2eevil.example",
                                good_host + "%00.evil.example",
                                good_host + "\xe3\x80\x82",
                                good_host + "\xc2\xad",
                                std::string("xn--lcalhost-5fg"),
                                std::string("l\xd0\xbe") + "calhost",
                                std::string("\xef\xbd\x8c") + "ocalhost",
                                std::string("%6cocalhost"),
                                std::string("127.0.0.1"),
                                std::string("127.1"),
                                std::string("2130706433"),
                                std::string("0x7f000001"),
                                std::string("0x7f.0.0.1"),
                                std::string("017700000001"),
                                std::string("0177.0.0.01"),
                                std::string("127.0.0.1.nip.example"),
                                std::string("[::1]"),
                                std::string("[::ffff:127.0.0.1]"),
                                std::string("[::ffff:7f00:1]"),
                                std::string("[0:0:0:0:0:0:0:1]"),
                                std::string("[::1%25lo]"),
                                std::string("::1"),
                                std::string("0.0.0.0"),
                                std::string("0"),
                                std::string("169.254.169.254"),
                                std::string("graph.microsoft.com"),
                                std::string("login.microsoftonline.com")}) {
    add("https://" + host + ":" + good_port + "/x");
    add("https://" + host + ":" + bad_port + "/x");
  }
  // Delimiters that parsers disagree about, and bytes that do not belong.
  for (const std::string& between :
       {std::string("\\"), std::string("\\/"), std::string("#"), std::string("%2f"),
        std::string("\t"), std::string("\r\n"), std::string(1, '\0'), std::string(" "),
        std::string(";"), std::string("%0d%0aHost:"), std::string("&"), std::string(",")}) {
    add("https://" + good + between + bad + "/x");
    add("https://" + bad + between + good + "/x");
  }
  for (char control = 1; control < 0x20; ++control) {
    add("https://" + good_host + std::string(1, control) + ":" + good_port + "/x");
    add("https://" + good + "/" + std::string(1, control) + "@" + bad);
  }
  add("https://" + good + "/x\r\nHost: evil.example");
  add("https://" + good + "/x\nAuthorization: none");
  add("https://" + good + "/x\ty");
  add("https://" + good + "/x\\y");
  add("https://" + good + "/x#fragment");
  add("https://" + good + "/\xc3\xbc");
  add("https://" + good + std::string("/x\0y", 4));
  add("https://" + good);
  add("https://" + good + "?x");
  add("/v1.0/users");
  add("//" + bad + "/v1.0");
  add("v1.0/users");
  add("?$skip=1");
  add("https://" + good + "/" + std::string(20'000, 'a'));
  return links;
}

}  // namespace clawback

#endif  // CLAWBACK_TESTS_RETRACT_GRAPH_HOSTILE_LINKS_H_
