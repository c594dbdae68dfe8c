// SPDX-License-Identifier: Apache-2.0
#include "tests/fingerprint/corpora.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/practice/opened_report.h"

namespace clawback {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> FilesBelow(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::string ReadWhole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::pair<std::string, std::string>> SampleMessages() {
  std::vector<std::pair<std::string, std::string>> messages;
  for (const fs::path& path : FilesBelow(fs::path(CLAWBACK_SOURCE_DIR) / "tests/data/journal")) {
    if (path.extension() != ".eml") continue;
    auto opened = practice::OpenReport(ReadWhole(path));
    if (!opened.message.empty())
      messages.emplace_back(path.filename().string(), std::move(opened.message));
  }
  return messages;
}

RealMail::RealMail() {
  const char* given = std::getenv("CLAWBACK_CORPUS");
  const fs::path packed =
      (given != nullptr ? fs::path(given) : fs::path(CLAWBACK_SOURCE_DIR) / "../shared/corpus") /
      "mail";
  if (!fs::exists(packed)) return;
  std::string form = (fs::temp_directory_path() / "clawback-mail-XXXXXX").string();
  if (::mkdtemp(form.data()) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = form;
  for (const fs::path& archive : FilesBelow(packed)) {
    if (archive.extension() != ".xz") continue;
    const std::string command = "tar -C '" + form + "' -xf '" + archive.string() + "'";
    if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
  }
}

RealMail::~RealMail() {
  std::error_code ignored;
  if (unpacked()) fs::remove_all(folder_, ignored);
}

std::vector<fs::path> RealMail::Some(std::size_t count) const {
  const auto all = FilesBelow(folder_);
  std::vector<fs::path> some;
  for (std::size_t i = 0; i < count && !all.empty(); ++i) {
    const fs::path& path = all[i * all.size() / count];
    if (some.empty() || some.back() != path) some.push_back(path);
  }
  return some;
}

}  // namespace clawback
