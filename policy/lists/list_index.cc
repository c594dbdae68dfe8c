// SPDX-License-Identifier: Apache-2.0
#include "policy/lists/list_index.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

#include "policy/base/digest.h"
#include "policy/base/names.h"
#include "policy/config_checks.h"

namespace clawback {
namespace {

constexpr std::string_view kMagic = "clawback-lists 1";
constexpr std::size_t kCounts = kMagic.size();
constexpr std::size_t kDigest = kCounts + kListKinds * sizeof(std::uint64_t);
constexpr std::size_t kKeys = kDigest + 32;

static_assert(std::endian::native == std::endian::little, "list indexes are little-endian");

constexpr Name<ListKind> kNames[] = {{ListKind::kBlockedHosts, "blocked_hosts"},
                                     {ListKind::kBlockedHashes, "blocked_hashes"},
                                     {ListKind::kNewDomains, "new_domains"}};

std::uint64_t CountAt(std::string_view bytes, std::size_t kind) {
  std::uint64_t count = 0;
  std::memcpy(&count, bytes.data() + kCounts + kind * sizeof count, sizeof count);
  return count;
}

void AppendKeys(const std::vector<std::string>& entries, std::string* out, std::uint64_t* count) {
  std::vector<ListKey> keys;
  keys.reserve(entries.size());
  for (const std::string& entry : entries) keys.push_back(ListKeyOf(entry));
  const auto less = [](const ListKey& a, const ListKey& b) {
    return std::memcmp(a.data(), b.data(), a.size()) < 0;
  };
  std::sort(keys.begin(), keys.end(), less);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  for (const ListKey& key : keys) out->append(key.data(), key.size());
  *count = keys.size();
}

Error NoIndex(std::string_view why) {
  return {ErrorKind::kInvalid, "no index of lists: " + std::string(why)};
}

}  // namespace

std::string_view ToString(ListKind kind) { return NameOf(kNames, kind); }

bool FitsList(ListKind kind, std::string_view entry) {
  if (kind != ListKind::kBlockedHashes) return IsDomain(entry);
  // What is in no file names none: the digest of nothing would block every empty one.
  return DigestFromHex(entry) && entry != ToHex(Sha256Of(""));
}

std::string_view FormOf(ListKind kind) {
  return kind == ListKind::kBlockedHashes
             ? "the SHA-256 of a file that is not empty, 64 hexadecimal digits"
             : "a host or domain such as files.example (international ones in their xn-- form)";
}

ListKey ListKeyOf(std::string_view entry) {
  const Digest digest = Sha256Of(entry);
  ListKey key;
  std::memcpy(key.data(), digest.data(), key.size());
  return key;
}

std::string WriteListIndex(const ListEntries& entries) {
  std::array<std::uint64_t, kListKinds> counts{};
  std::string keys;
  for (std::size_t i = 0; i < kListKinds; ++i) AppendKeys(entries[i], &keys, &counts[i]);
  std::string out(kMagic);
  out.append(reinterpret_cast<const char*>(counts.data()), sizeof counts);
  Sha256 sha;
  sha.Update(out);
  sha.Update(keys);
  const Digest digest = sha.Finish();
  out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  return out + keys;
}

Result<ListIndex> ListIndex::Open(std::string_view bytes) {
  if (bytes.size() < kKeys || bytes.substr(0, kMagic.size()) != kMagic) {
    return NoIndex("it does not begin with \"clawback-lists 1\"");
  }
  ListIndex index;
  std::string_view rest = bytes.substr(kKeys);
  for (std::size_t i = 0; i < kListKinds; ++i) {
    const std::uint64_t count = CountAt(bytes, i);
    if (count > rest.size() / kKey) return NoIndex("it is shorter than its header says");
    index.keys_[i] = rest.substr(0, count * kKey);
    rest.remove_prefix(count * kKey);
  }
  if (!rest.empty()) return NoIndex("it is longer than its header says");
  Digest digest;
  std::memcpy(digest.data(), bytes.data() + kDigest, digest.size());
  std::memcpy(&index.id_, digest.data(), sizeof index.id_);
  index.version_ = ToHex(std::span<const std::uint8_t>(digest).first(6));
  return index;
}

bool ListIndex::Holds(ListKind kind, const ListKey& key) const {
  const std::string_view keys = keys_[static_cast<std::size_t>(kind)];
  std::size_t begin = 0, end = keys.size() / kKey;
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    const int order = std::memcmp(keys.data() + middle * kKey, key.data(), kKey);
    if (order == 0) return true;
    if (order < 0) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return false;
}

Result<JudgeLists> ShareLists(const ListEntries& entries) {
  ReportBytes memory;
  if (Status written = memory.Append(WriteListIndex(entries)); !written) return written.error();
  if (Status sealed = memory.Seal(ReportBytes::Place::kFile); !sealed) return sealed.error();
  const auto shared = std::make_shared<const ReportBytes>(std::move(memory));
  const Result<std::string_view> view = shared->View();
  if (!view) return view.error();
  Result<ListIndex> index = ListIndex::Open(*view);
  if (!index) return index.error();
  return JudgeLists{std::move(*index), shared};
}

}  // namespace clawback
