// SPDX-License-Identifier: Apache-2.0
// Which other scanners a relay asks, and where each is: clawback.yaml(5), engines.
#ifndef CLAWBACK_POLICY_ENGINE_SETTINGS_H_
#define CLAWBACK_POLICY_ENGINE_SETTINGS_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace clawback {

struct EngineSettings {
  std::string socket;     // Unix socket; empty: address it is
  std::string address{};  // rspamd only: "127.0.0.1:11333", "[::1]:11333"
  std::chrono::milliseconds deadline = std::chrono::seconds(5);
  bool required = false;      // no answer: UNSCANNABLE, never clean
  std::string settings_id{};  // rspamd only: which of its settings to use
};

struct EnginesSettings {
  std::optional<EngineSettings> clamd;
  std::optional<EngineSettings> rspamd;
};

// An IP address of this host's own loopback and a port: mail is sent to no other host.
bool IsLoopbackAddress(std::string_view text);
bool IsSettingsId(std::string_view text);  // A-Z, a-z, 0-9, "-", "_" and ".", at most 63

}  // namespace clawback

#endif  // CLAWBACK_POLICY_ENGINE_SETTINGS_H_
