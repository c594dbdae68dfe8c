// SPDX-License-Identifier: Apache-2.0
#include "policy/base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "policy/base/c_handle.h"
#include "policy/base/text.h"
#include "tests/policy/temporary_folder.h"

namespace clawback {
namespace {

bool IsBidirectional(char32_t code) {
  return code == 0x61C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

bool IsControl(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029;
}

// One line of valid UTF-8 that can neither move a cursor nor turn text around.
bool IsSafe(std::string_view line) {
  while (!line.empty()) {
    const Character character = FirstCharacter(line);
    if (character.bytes == 0 || IsControl(character.code) || IsBidirectional(character.code)) {
      return false;
    }
    line.remove_prefix(character.bytes);
  }
  return true;
}

// Bytes, with whole awkward characters among them.
std::string RandomText(std::mt19937* random) {
  static const std::string kAwkward[] = {"\xE2\x80\xAE",
                                         "\xE2\x81\xA6",
                                         "\xC2\x85",
                                         "\xE2\x80\xA8",
                                         "\xF0\x9F\x98\x80",
                                         "\"",
                                         "\\",
                                         "\xED\xA0\x80",
                                         "\xC0\xAF",
                                         "\xF4\x90\x80\x80",
                                         "=",
                                         " ",
                                         "\x1b[2J",
                                         "\r\n",
                                         std::string("\0", 1)};
  std::string text;
  for (size_t i = (*random)() % 60; i > 0; --i) {
    if ((*random)() % 3 == 0) {
      text += kAwkward[(*random)() % std::size(kAwkward)];
    } else {
      text.push_back(static_cast<char>((*random)() % 256));
    }
  }
  if ((*random)() % 20 == 0) text.append((*random)() % 2000, static_cast<char>((*random)() % 256));
  return text;
}

// Standard error goes to a file for as long as this lives.
class StandardErrorToFile {
 public:
  StandardErrorToFile()
      : path_(folder_.Write("stderr", "")),
        kept_(::dup(STDERR_FILENO)),
        file_(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)) {
    ::dup2(file_.get(), STDERR_FILENO);
  }
  StandardErrorToFile(const StandardErrorToFile&) = delete;
  StandardErrorToFile& operator=(const StandardErrorToFile&) = delete;
  ~StandardErrorToFile() { ::dup2(kept_.get(), STDERR_FILENO); }

  std::string Read() const {
    std::ifstream stream(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  TemporaryFolder folder_;
  std::string path_;
  FileDescriptor kept_, file_;
};

std::string LineOf(std::string_view value) {
  return FormatLogLine(Severity::kInfo, "e", {{"k", value}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log)

BOOST_AUTO_TEST_CASE(a_line_is_level_event_and_fields) {
  BOOST_TEST(FormatLogLine(Severity::kWarning, "graph-throttled",
                           {{"tenant", "contoso"}, {"wait_ms", "250"}}) ==
             "level=warning event=graph-throttled tenant=contoso wait_ms=250");
  BOOST_TEST(FormatLogLine(Severity::kError, "x", {}) == "level=error event=x");
}

BOOST_AUTO_TEST_CASE(values_are_quoted_where_they_must_be) {
  BOOST_TEST(LineOf("<a@b.example>") == "level=info event=e k=<a@b.example>");
  BOOST_TEST(LineOf("") == "level=info event=e k=\"\"");
  BOOST_TEST(LineOf("two words") == "level=info event=e k=\"two words\"");
  BOOST_TEST(LineOf("a=b") == "level=info event=e k=\"a=b\"");
  BOOST_TEST(LineOf("say \"hi\" \\") == "level=info event=e k=\"say \\\"hi\\\" \\\\\"");
  BOOST_TEST(LineOf("gr\xC3\xBC\xC3\x9F") == "level=info event=e k=gr\xC3\xBC\xC3\x9F");
}

BOOST_AUTO_TEST_CASE(what_would_break_or_turn_the_line_is_escaped) {
  BOOST_TEST(LineOf("a\nlevel=error") == "level=info event=e k=\"a\\nlevel=error\"");
  BOOST_TEST(LineOf("a\r\t\x1b[0m") == "level=info event=e k=\"a\\r\\t\\x1b[0m\"");
  BOOST_TEST(LineOf("\xFF\x7F") == "level=info event=e k=\"\\xff\\x7f\"");
  BOOST_TEST(LineOf("\xE2\x80\xAE"
                    "fdp.exe") == "level=info event=e k=\"\\u{202e}fdp.exe\"");
  BOOST_TEST(LineOf("\xC2\x9B") == "level=info event=e k=\"\\u{9b}\"");
  BOOST_TEST(FormatLogLine(Severity::kInfo, "a b\n", {{"k y\n=", "v"}}) ==
             "level=info event=\"a b\\n\" k_y__=v");
}

BOOST_AUTO_TEST_CASE(a_long_value_is_cut_between_characters_and_says_its_length) {
  BOOST_TEST(LineOf(std::string(512, 'a')) == "level=info event=e k=" + std::string(512, 'a'));
  BOOST_TEST(LineOf(std::string(513, 'a')) ==
             "level=info event=e k=\"" + std::string(512, 'a') + "... (513 bytes)\"");
  const std::string text = std::string(511, 'a') + "\xC3\xBC";
  BOOST_TEST(LineOf(text) ==
             "level=info event=e k=\"" + std::string(511, 'a') + "... (513 bytes)\"");
}

BOOST_AUTO_TEST_CASE(whatever_bytes_come_one_safe_line_goes_out) {
  std::mt19937 random(17);
  for (int round = 0; round < 20'000; ++round) {
    const std::string key = RandomText(&random), value = RandomText(&random);
    const std::string event = RandomText(&random);
    const std::string line =
        FormatLogLine(Severity::kInfo, event, {{key, value}, {"last", "field"}});
    BOOST_REQUIRE(IsSafe(line));
    BOOST_REQUIRE(IsSafe(EscapeForTerminal(value)));
    // What a value holds cannot pass for a field after it.
    BOOST_REQUIRE(line.size() > 11 && line.substr(line.size() - 11) == " last=field");
  }
}

BOOST_AUTO_TEST_CASE(lines_from_many_threads_are_written_whole) {
  constexpr int kThreads = 8, kLines = 200;
  const std::string value(400, 'x');
  std::string written;
  {
    const StandardErrorToFile redirected;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int line = 0; line < kLines; ++line) Log(Severity::kInfo, "e", {{"k", value}});
      });
    }
    for (std::thread& thread : threads) thread.join();
    written = redirected.Read();
  }
  std::istringstream lines(written);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    BOOST_REQUIRE_EQUAL(line, "level=info event=e k=" + value);
  }
  BOOST_TEST(count == kThreads * kLines);
}

BOOST_AUTO_TEST_CASE(text_for_a_terminal_is_neither_quoted_nor_cut) {
  BOOST_TEST(EscapeForTerminal("CONTOSO\\user said \"hi\"") == "CONTOSO\\user said \"hi\"");
  BOOST_TEST(EscapeForTerminal("\x1b]0;x\x07") == "\\x1b]0;x\\x07");
  BOOST_TEST(EscapeForTerminal(std::string(5000, 'a')).size() == 5000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
