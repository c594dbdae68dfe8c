// SPDX-License-Identifier: Apache-2.0
#include "policy/message/hunt_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "policy/base/digest.h"
#include "policy/base/names.h"
#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr std::size_t kMostSubject = 1000;
constexpr std::size_t kMostSubjectKey = 200;
constexpr std::size_t kMostTag = 40;
constexpr std::size_t kTextKeys = 8;

constexpr Name<HuntKind> kKinds[] = {{HuntKind::kHost, "host"},
                                     {HuntKind::kUrl, "url"},
                                     {HuntKind::kFile, "file"},
                                     {HuntKind::kSubject, "subject"},
                                     {HuntKind::kText, "text"}};

// What mail programs put before the subject of a reply or of what they pass on. Folded, and
// without what follows: ":", "[2]:", a blank before.
constexpr std::array<std::string_view, 31> kPrefixes = {
    "re",  "aw",  "antw", "antwort", "sv",   "vs",   "ref",  "rif", "res", "r",      "fw",
    "fwd", "wg",  "tr",   "rv",      "enc",  "odp",  "pd",   "vb",  "vl",  "doorst", "i",
    "ynt", "ilt", "bls",  "ts",      "回复", "转发", "答复", "отв", "転送"};

// How many bytes of a folded subject are such a prefix, or a tag of a list or of what came
// from outside; 0: none.
std::size_t PrefixSize(std::string_view subject) {
  if (subject.substr(0, 1) == "[") {
    const std::size_t end = subject.find(']');
    return end == std::string_view::npos || end > kMostTag ? 0 : end + 1;
  }
  for (const std::string_view prefix : kPrefixes) {
    if (subject.substr(0, prefix.size()) != prefix) continue;
    std::size_t at = prefix.size();
    const auto skip = [&](std::string_view any) {
      at = std::min(subject.find_first_not_of(any, at), subject.size());
    };
    skip(" ");
    if (subject.substr(at, 1) == "[" || subject.substr(at, 1) == "(") skip("[(0123456789#)] ");
    if (subject.substr(at, 1) == ":") return at + 1;
  }
  return 0;
}

void SortOnce(std::vector<std::uint64_t>* keys) {
  std::sort(keys->begin(), keys->end());
  keys->erase(std::unique(keys->begin(), keys->end()), keys->end());
}

}  // namespace

std::string SubjectKey(std::string_view folded) {
  std::string_view rest = Trim(CutUtf8(folded, kMostSubject));
  for (std::size_t prefix = PrefixSize(rest); prefix != 0; prefix = PrefixSize(rest)) {
    // A subject that is nothing but a tag or a prefix is its own key.
    if (Trim(rest.substr(prefix)).empty()) break;
    rest = Trim(rest.substr(prefix));
  }
  std::string key;
  for (const char c : rest) {
    const bool blank = static_cast<unsigned char>(c) <= 0x20;
    const bool digit = (c >= '0' && c <= '9') || c == '#';
    const char kept = blank ? ' ' : digit ? '#' : c;
    if ((blank || digit) && !key.empty() && key.back() == kept) continue;
    key += kept;
  }
  return std::string(Trim(CutUtf8(key, kMostSubjectKey)));
}

std::uint64_t HuntKey(HuntKind kind, std::string_view value) {
  Sha256 sha;
  sha.Update(NameOf(kKinds, kind));
  sha.Update(":");
  sha.Update(value);
  const Digest digest = sha.Finish();
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < sizeof key; ++i) key = key << 8U | digest[i];
  return key;
}

std::vector<std::uint64_t> TextKeysOf(const Fingerprint& print) {
  std::vector<std::uint64_t> keys;
  for (const std::uint64_t hash : print.text) {
    if (keys.size() == kTextKeys) break;
    keys.push_back(HuntKey(HuntKind::kText, fmt::format("{:016x}", hash)));
  }
  SortOnce(&keys);
  return keys;
}

std::vector<std::uint64_t> HuntKeysOf(const HuntFeatures& features, const Fingerprint& print) {
  std::vector<std::uint64_t> keys = TextKeysOf(print);
  const auto add = [&](HuntKind kind, const std::vector<std::string>& values) {
    for (const std::string& value : values) keys.push_back(HuntKey(kind, value));
  };
  add(HuntKind::kHost, features.hosts);
  add(HuntKind::kHost, features.domains);
  add(HuntKind::kFile, features.files);
  add(HuntKind::kFile, print.attachments);
  keys.insert(keys.end(), features.urls.begin(), features.urls.end());
  if (!features.subject_key.empty()) add(HuntKind::kSubject, {features.subject_key});
  SortOnce(&keys);
  return keys;
}

double SimilarityOf(const Fingerprint& a, const Fingerprint& b) {
  if (a.text.empty() || b.text.empty()) return 0;
  std::vector<std::uint64_t> all;
  std::set_union(a.text.begin(), a.text.end(), b.text.begin(), b.text.end(),
                 std::back_inserter(all));
  // Beyond the smaller sketch it is not known what is in both, unless both are whole.
  const bool whole = a.text.size() == a.text_triples && b.text.size() == b.text_triples;
  if (!whole) all.resize(std::min(a.text.size(), b.text.size()));
  const auto common = std::count_if(all.begin(), all.end(), [&](std::uint64_t hash) {
    return std::binary_search(a.text.begin(), a.text.end(), hash) &&
           std::binary_search(b.text.begin(), b.text.end(), hash);
  });
  return static_cast<double>(common) / static_cast<double>(all.size());
}

}  // namespace clawback
