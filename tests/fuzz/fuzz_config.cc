// SPDX-License-Identifier: Apache-2.0
// Any bytes as a tenant's or the relay's file: read, or refused with faults that name
// a place in the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/base/yaml.h"

namespace {

using clawback::YamlMap;

void ReadEverything(YamlMap& map) {
  std::string text;
  std::vector<std::string> texts;
  std::int64_t number = 0;
  bool flag = false;
  std::chrono::milliseconds duration{};
  map.String("name", &text);
  map.Strings("domains", &texts);
  map.Integer("workers", &number, 0, 64);
  map.Size("max_report_size", &number, 1, 1 << 30);
  map.Bool("tenant_id_mark", &flag);
  map.Duration("lease", &duration, std::chrono::milliseconds(1), std::chrono::hours(24));
  map.Map("relay", [](YamlMap& inner) { inner.Fault("region", "expected something else"); });
  map.List("service_addresses", [](YamlMap& inner) {
    std::string address;
    inner.String("address", &address, clawback::Presence::kRequired);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& fault : clawback::ReadYamlText(text, "fuzz.yaml", ReadEverything)) {
    if (fault.what.empty() || fault.line < 0 || fault.file != "fuzz.yaml") std::abort();
  }
  return 0;
}
