// SPDX-License-Identifier: Apache-2.0
#include "policy/base/fault_point.h"

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <thread>

namespace clawback {
namespace {

struct Fault {
  std::string name, setting;
  std::atomic<int> passed{0};
};

std::deque<Fault> ReadFaults() {
  std::deque<Fault> faults;
  const char* variable = std::getenv("CLAWBACK_FAULT");
  std::string_view rest = variable != nullptr ? variable : "";
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    const size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    Fault& fault = faults.emplace_back();
    fault.name = entry.substr(0, equals);
    fault.setting = entry.substr(equals + 1);
  }
  return faults;
}

// Never destroyed: libmilter's threads may still pass a point while main returns.
std::deque<Fault>& Faults() {
  static auto* faults = new std::deque<Fault>(ReadFaults());
  return *faults;
}

// The number after "word:", 1 where there is none, nullopt for another word.
std::optional<int> Argument(std::string_view setting, std::string_view word) {
  if (setting == word) return 1;
  if (setting.substr(0, word.size()) != word || setting[word.size()] != ':') return std::nullopt;
  int number = 0;
  const char* begin = setting.data() + word.size() + 1;
  const auto [end, error] = std::from_chars(begin, setting.data() + setting.size(), number);
  if (error != std::errc() || end != setting.data() + setting.size()) return std::nullopt;
  return number;
}

}  // namespace

void FaultPoint(std::string_view name) {
  for (Fault& fault : Faults()) {
    if (fault.name != name) continue;
    const int passed = ++fault.passed;
    if (const auto count = Argument(fault.setting, "kill"); count && passed == *count) {
      ::kill(::getpid(), SIGKILL);
    }
    if (const auto pause = Argument(fault.setting, "wait")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(*pause));
    }
  }
}

std::optional<std::string> FaultSetting(std::string_view name) {
  for (const Fault& fault : Faults()) {
    if (fault.name == name) return fault.setting;
  }
  return std::nullopt;
}

}  // namespace clawback
