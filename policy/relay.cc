// SPDX-License-Identifier: Apache-2.0
#include "policy/relay.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/config_checks.h"

namespace clawback {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kKiB = 1LL << 10;
constexpr std::int64_t kMiB = 1LL << 20;
constexpr std::int64_t kGiB = 1LL << 30;
constexpr std::string_view kShortName = "a-z, 0-9 and inner \"-\", at most 63";

void ReadRelay(YamlMap& map, const std::string& file, RelayIdentity* relay) {
  ReadChecked(map, "name", &relay->name, IsShortName, kShortName, Presence::kRequired);
  ReadChecked(map, "region", &relay->region, IsShortName, kShortName, Presence::kRequired);
  ReadPath(map, "certificate", file, &relay->certificate);
}

void ReadRelayHost(YamlMap& map, std::vector<RelayHost>* relays) {
  RelayHost relay;
  ReadChecked(map, "name", &relay.name, IsShortName, kShortName, Presence::kRequired);
  ReadChecked(map, "region", &relay.region, IsShortName, kShortName, Presence::kRequired);
  ReadChecked(map, "host", &relay.host, IsDomain, "a host name such as eu1.relay.clawback.example",
              Presence::kRequired);
  for (const RelayHost& other : *relays) {
    if (!relay.name.empty() && other.name == relay.name) {
      map.Fault("name",
                fmt::format("\"name\": \"{}\" twice, expected one relay of a name", relay.name));
    }
    if (!relay.host.empty() && other.host == relay.host) {
      map.Fault("host",
                fmt::format("\"host\": \"{}\" twice, expected one relay of a host", relay.host));
    }
  }
  relays->push_back(std::move(relay));
}

// The list is the same on every relay, so it names this one too, and agrees with it.
void CheckOwn(YamlMap& map, const RelayConfig& config) {
  if (config.relays.empty() || config.relay.name.empty() || config.relay.region.empty()) return;
  const auto own = std::find_if(config.relays.begin(), config.relays.end(),
                                [&](const auto& each) { return each.name == config.relay.name; });
  if (own != config.relays.end() && own->region == config.relay.region) return;
  map.Fault("relays", fmt::format("\"relays\": expected this relay among them, {} in region {}",
                                  config.relay.name, config.relay.region));
}

void ReadMilter(YamlMap& map, const std::string& file, MilterSettings* milter) {
  ReadSocketPath(map, "socket", file, &milter->socket);
  ReadPath(map, "segments", file, &milter->segments);
  map.Size("max_report_size", &milter->max_report_bytes, 64 * kKiB, 2 * kGiB);
  map.Size("max_in_flight", &milter->max_bytes_in_flight, kMiB, 64 * kGiB);
  map.Size("parked_size", &milter->parked_bytes, 0, 1024 * kGiB);
  map.Duration("parked_for", &milter->parked_for, hours(1), hours(24 * 366));
  map.Size("bodies_size", &milter->bodies_bytes, 0, 1024 * kGiB);
  map.Duration("bodies_for", &milter->bodies_for, hours(1), hours(24 * 366));
  map.Duration("answer_within", &milter->answer_within, seconds(1), seconds(240));
  map.Duration("keep_segments", &milter->keep_segments, hours(24), hours(24 * 366));
  if (milter->max_bytes_in_flight < milter->max_report_bytes) {
    map.Fault("max_in_flight", "\"max_in_flight\": expected at least max_report_size");
  }
}

void ReadJudge(YamlMap& map, const std::string& file, JudgeSettings* judge) {
  ReadPath(map, "program", file, &judge->program);
  map.Integer("workers", &judge->workers, 0, 1024);
  ReadPath(map, "model", file, &judge->model);
}

// What both engines have in common. Whatever they take is lost to the judges' and the commit's
// share of the answer's time.
void ReadEngine(YamlMap& map, const std::string& file, milliseconds answer_within,
                EngineSettings* engine) {
  ReadSocketPath(map, "socket", file, &engine->socket);
  map.Duration("deadline", &engine->deadline, milliseconds(10), seconds(60));
  map.Bool("required", &engine->required);
  if (engine->deadline > answer_within / 2) {
    map.Fault("deadline", "\"deadline\": expected at most half of milter.answer_within");
  }
}

void ReadClamd(YamlMap& map, const std::string& file, milliseconds answer_within,
               EngineSettings* clamd) {
  ReadEngine(map, file, answer_within, clamd);
  if (clamd->socket.empty() && !map.Has("socket")) {
    map.Fault("socket", "\"socket\": is missing, expected the path of clamd's Unix socket");
  }
}

void ReadRspamd(YamlMap& map, const std::string& file, milliseconds answer_within,
                EngineSettings* rspamd) {
  ReadEngine(map, file, answer_within, rspamd);
  ReadChecked(map, "address", &rspamd->address, IsLoopbackAddress,
              "an address of this host itself and a port, such as 127.0.0.1:11333");
  ReadChecked(map, "settings_id", &rspamd->settings_id, IsSettingsId,
              "A-Z, a-z, 0-9, \"-\", \"_\" and \".\", at most 63");
  if (map.Has("socket") == map.Has("address")) {
    map.Fault("address", "\"address\": expected either socket or address");
  }
}

void ReadEngines(YamlMap& map, const std::string& file, milliseconds answer_within,
                 EnginesSettings* engines) {
  map.Map("clamd", [&](YamlMap& inner) {
    ReadClamd(inner, file, answer_within, &engines->clamd.emplace());
  });
  map.Map("rspamd", [&](YamlMap& inner) {
    ReadRspamd(inner, file, answer_within, &engines->rspamd.emplace());
  });
}

void ReadSidecar(YamlMap& map, const std::string& file, SidecarSettings* sidecar) {
  ReadSocketPath(map, "socket", file, &sidecar->socket);
  ReadPath(map, "ledger", file, &sidecar->ledger);
  map.Integer("requests_in_flight", &sidecar->requests_in_flight, 1, 1024);
  map.Integer("tenant_requests_in_flight", &sidecar->tenant_requests_in_flight, 1, 1024);
  map.Duration("lease", &sidecar->lease, seconds(1), hours(1));
  map.Duration("give_up_after", &sidecar->give_up_after, seconds(1), hours(24 * 30));
  map.Duration("retention", &sidecar->retention, hours(24 * 90), hours(24 * 3660));
}

}  // namespace

RelayFile ReadRelayFile(const std::string& path) {
  RelayFile file;
  RelayConfig& config = file.config;
  file.faults = ReadYamlFile(path, [&](YamlMap& map) {
    file.keys_read = true;
    map.Map(
        "relay", [&](YamlMap& inner) { ReadRelay(inner, path, &config.relay); },
        Presence::kRequired);
    map.List("relays", [&](YamlMap& inner) { ReadRelayHost(inner, &config.relays); });
    CheckOwn(map, config);
    map.Map("milter", [&](YamlMap& inner) { ReadMilter(inner, path, &config.milter); });
    map.Map("judge", [&](YamlMap& inner) { ReadJudge(inner, path, &config.judge); });
    map.Map("engines", [&](YamlMap& inner) {
      ReadEngines(inner, path, config.milter.answer_within, &config.engines);
    });
    map.Map("list_files",
            [&](YamlMap& inner) { ReadListFilePaths(inner, path, &config.list_files); });
    map.Map("sidecar", [&](YamlMap& inner) { ReadSidecar(inner, path, &config.sidecar); });
    ReadPath(map, "tenants", path, &config.tenants);
  });
  return file;
}

std::string BodyFile(const MilterSettings& milter, const Digest& report_digest) {
  return fmt::format("{}/{}/{}.eml", milter.segments, kBodiesFolder, ToHex(report_digest));
}

}  // namespace clawback
