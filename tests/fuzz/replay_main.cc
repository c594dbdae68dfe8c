// SPDX-License-Identifier: Apache-2.0
// The main of a fuzz target where there is no fuzzer: runs it over the files and
// folders named, each file whole and cut at many places.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void Run(const std::string& bytes, std::size_t size) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), size);
}

void Replay(const std::filesystem::path& path) {
  constexpr std::size_t kCuts = 16;
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  Run(bytes, bytes.size());
  for (std::size_t cut = 0; cut < kCuts; ++cut) Run(bytes, bytes.size() * cut / kCuts);
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      Replay(entry.path());
      ++files;
    }
  }
  std::printf("%zu files\n", files);
  return files == 0 ? 1 : 0;  // a replay of nothing proves nothing
}
