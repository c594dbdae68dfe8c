// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_engines.h"

#include <cstdint>
#include <cstdlib>

namespace clawback {
namespace {

constexpr std::string_view kCommands("zIDSESSION\0zVERSION\0zINSTREAM\0", 30);

bool IsEicar(std::string_view bytes) { return bytes.find(EicarFile()) != std::string::npos; }

// More of the connection until text has size bytes; false at its end.
bool Fill(const LocalServer::Connection& connection, std::size_t size, std::string* text) {
  while (text->size() < size) {
    const std::string more = connection.Read();
    if (more.empty()) return false;
    *text += more;
  }
  return true;
}

std::uint32_t LengthAt(const std::string& text, std::size_t at) {
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    length = length << 8U | static_cast<unsigned char>(text[at + i]);
  }
  return length;
}

}  // namespace

std::string EicarFile() {
  return std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-") + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}

std::string ReadClamdQuestion(const LocalServer::Connection& connection) {
  std::string text, bytes;
  if (!Fill(connection, kCommands.size(), &text)) return {};
  if (text.substr(0, kCommands.size()) != kCommands) return {};
  text.erase(0, kCommands.size());
  for (;;) {
    if (!Fill(connection, 4, &text)) return {};
    const std::uint32_t length = LengthAt(text, 0);
    text.erase(0, 4);
    if (length == 0) return bytes;
    if (!Fill(connection, length, &text)) return {};
    bytes += text.substr(0, length);
    text.erase(0, length);
  }
}

void ServeAsClamd(const LocalServer::Connection& connection) {
  const std::string bytes = ReadClamdQuestion(connection);
  std::string answer("1: ClamAV 0.0.0/1\0002: stream: ", 29);
  answer += IsEicar(bytes) ? "Win.Test.EICAR_HDB-1 FOUND" : "OK";
  answer.push_back('\0');
  connection.Write(answer);
}

std::string ReadRspamdQuestion(const LocalServer::Connection& connection) {
  std::string text = connection.ReadUntil("\r\n\r\n");
  const std::string line = "POST /checkv2 HTTP/1.1\r\n";
  const std::string key = "Content-Length: ";
  const std::size_t length_at = text.find(key);
  const std::size_t body = text.find("\r\n\r\n");
  if (text.rfind(line, 0) != 0 || body == std::string::npos || length_at > body) return {};
  const std::size_t length = std::strtoull(text.c_str() + length_at + key.size(), nullptr, 10);
  if (!Fill(connection, body + 4 + length, &text)) return {};
  return text.substr(body + 4, length);
}

std::string HttpAnswer(std::string_view body, std::string_view status) {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nConnection: close\r\nServer: rspamd/0.0\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

void ServeAsRspamd(const LocalServer::Connection& connection) {
  const std::string bytes = ReadRspamdQuestion(connection);
  connection.Write(HttpAnswer(
      IsEicar(bytes) ? R"({"is_skipped":false,"score":16,"required_score":15,"action":"reject",)"
                       R"("symbols":{"MIME_BAD_EXTENSION":{"name":"MIME_BAD_EXTENSION","score":4},)"
                       R"("ARC_NA":{"name":"ARC_NA","score":0}}})"
                     : R"({"is_skipped":false,"score":0.5,"required_score":15,"action":)"
                       R"("no action","symbols":{"ARC_NA":{"name":"ARC_NA","score":0}}})"));
}

}  // namespace clawback
