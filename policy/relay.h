// SPDX-License-Identifier: Apache-2.0
// The relay's own configuration (clawback.yaml): who this smart host is, and where
// its programs keep their sockets and files. Keys are described in clawback.yaml(5).
#ifndef CLAWBACK_POLICY_RELAY_H_
#define CLAWBACK_POLICY_RELAY_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "policy/base/digest.h"
#include "policy/base/yaml.h"
#include "policy/engine_settings.h"
#include "policy/lists/list_files.h"
#include "policy/region.h"

namespace clawback {

using std::chrono::milliseconds;

struct RelayIdentity {
  std::string name;    // "us-east"
  std::string region;  // "us"
  // The certificate that Postfix shows to Exchange, PEM; empty: its end is not watched.
  std::string certificate{};
};

struct MilterSettings {
  std::string socket = "/run/clawback-milter/milter.sock";  // Unix socket, for Postfix only
  std::string segments = "/var/lib/clawback/segments";
  std::int64_t max_report_bytes = 160LL << 20;     // a larger one: 451
  std::int64_t max_bytes_in_flight = 512LL << 20;  // of all sessions; beyond: 451
  std::int64_t parked_bytes = 1LL << 30;           // cap of the parked raw reports
  milliseconds parked_for = std::chrono::hours(24 * 14);
  std::int64_t bodies_bytes = 4LL << 30;  // cap of the bodies that tenants want to be kept
  milliseconds bodies_for = std::chrono::hours(24 * 30);
  milliseconds answer_within = std::chrono::seconds(20);
  milliseconds keep_segments = std::chrono::hours(24 * 14);
};

// Where in segments the milter keeps bodies, and the one of a report.
inline constexpr std::string_view kBodiesFolder = "bodies";
std::string BodyFile(const MilterSettings& milter, const Digest& report_digest);

struct JudgeSettings {
  std::string program = "/usr/libexec/clawback/clawback-judge";
  std::int64_t workers = 0;  // 0: one a core
  std::string model;         // file of a learned model; empty: the shipped one
};

struct SidecarSettings {
  std::string socket = "/run/clawback/retractd.sock";
  std::string ledger = "/var/lib/clawback/ledger";        // folder, the sidecar's alone
  std::int64_t requests_in_flight = 16;                   // to Graph, all tenants
  std::int64_t tenant_requests_in_flight = 0;             // of one tenant; 0: as many
  milliseconds lease = std::chrono::minutes(2);           // of a claimed retraction
  milliseconds give_up_after = std::chrono::hours(48);    // copy never seen: not-found
  milliseconds retention = std::chrono::hours(24 * 400);  // of what the ledger tells of a message
};

struct RelayConfig {
  RelayIdentity relay;
  std::vector<RelayHost> relays;  // of all regions, this one too; empty: not told
  MilterSettings milter;
  JudgeSettings judge;
  EnginesSettings engines{};  // other scanners, asked beside the judges
  ListFiles list_files{};     // lists for all tenants
  SidecarSettings sidecar;
  std::string tenants = "/etc/clawback/tenants.d";  // folder of tenant files
};

struct RelayFile {
  RelayConfig config;
  std::vector<ConfigFault> faults;  // none: config may be used
  bool keys_read = false;           // false: not a mapping at all, config is the defaults
};
// Relative paths in the file count from the folder that the file is in.
RelayFile ReadRelayFile(const std::string& path);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_RELAY_H_
