// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/seven_zip_claims.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "policy/message/parse/little_endian.h"

namespace clawback {
namespace {

// Property ids of the format.
constexpr char kEnd = 0x00, kMainStreams = 0x04, kFiles = 0x05, kPackInfo = 0x06,
               kUnpackInfo = 0x07, kSubStreams = 0x08, kSize = 0x09, kDigests = 0x0A,
               kFolders = 0x0B, kUnpackSizes = 0x0C, kStreamsOfFolder = 0x0D;
constexpr std::uint64_t kMostCoders = 32;
constexpr std::uint64_t kMostThings = 1UL << 32;  // keeps sums from overflowing

// Follows a header as far as its counts stand in it. Each step answers whether it could.
class Follower {
 public:
  explicit Follower(std::string_view header) : rest_(header) {}

  bool Header() {
    if (TakeId(kMainStreams, &rest_) && !Streams()) return false;
    std::uint64_t files = 0;
    return !TakeId(kFiles, &rest_) || Count(&files);
  }

  bool Streams() {
    if (TakeId(kPackInfo, &rest_) && !PackInfo()) return false;
    if (TakeId(kUnpackInfo, &rest_) && !UnpackInfo()) return false;
    if (TakeId(kSubStreams, &rest_) && !SubStreams()) return false;
    return TakeId(kEnd, &rest_);
  }

  SevenZipClaims Claims(bool followed) {
    return {things_, followed, std::move(coders_),
            followed ? PackedStreams() : std::vector<SevenZipStream>()};
  }

 private:
  struct Folder {
    std::uint64_t streams = 1;
    bool has_digest = false;
    std::uint64_t outputs = 0, packed = 0;
    std::optional<std::uint64_t> coder{};
  };

  bool Number(std::uint64_t* value) {
    const std::optional<std::uint64_t> number = TakeNumber(&rest_);
    *value = number.value_or(0);
    return number.has_value();
  }

  // How many there are of something.
  bool Count(std::uint64_t* count) {
    if (!Number(count)) return false;
    things_ = std::min(things_ + std::min(*count, kMostThings), kMostThings);
    return true;
  }

  bool SkipNumbers(std::uint64_t count) {
    std::uint64_t value = 0;
    for (; count > 0; --count) {
      if (!Number(&value)) return false;
    }
    return true;
  }

  bool SkipBytes(std::uint64_t bytes) {
    if (bytes > rest_.size()) return false;
    rest_.remove_prefix(bytes);
    return true;
  }

  // Of count things; which of them have one.
  bool Digests(std::uint64_t count, std::vector<bool>* defined) {
    if (count > 8 * rest_.size() || rest_.empty()) return false;
    defined->assign(count, true);
    if (!TakeId(0, &rest_)) {
      return SkipBytes(1) && SkipBytes(4 * count);
    }
    std::uint64_t digests = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (i / 8 >= rest_.size()) return false;
      (*defined)[i] = (static_cast<unsigned char>(rest_[i / 8]) & 0x80U >> i % 8) != 0;
      digests += (*defined)[i] ? 1 : 0;
    }
    return SkipBytes((count + 7) / 8) && SkipBytes(4 * digests);
  }

  bool PackInfo() {
    std::uint64_t streams = 0;
    std::vector<bool> defined;
    if (!Number(&packed_at_) || !Count(&streams)) return false;
    if (TakeId(kSize, &rest_)) {
      for (std::uint64_t i = 0, size = 0; i < streams; ++i) {
        if (!Number(&size)) return false;
        packed_sizes_.push_back(size);
      }
    }
    if (TakeId(kDigests, &rest_) && !Digests(streams, &defined)) return false;
    return TakeId(kEnd, &rest_);
  }

  // A number in front of which zeros may stand.
  bool Coder(std::size_t size, Folder* folder) {
    if (size > rest_.size()) return false;
    std::uint64_t id = 0;
    for (const char c : rest_.substr(0, size)) id = id << 8U | static_cast<unsigned char>(c);
    coders_.push_back(id);
    folder->coder = id;
    return SkipBytes(size);
  }

  bool OneFolder(Folder* folder) {
    constexpr unsigned kIdSize = 0x0F, kManyStreams = 0x10, kProperties = 0x20;
    std::uint64_t coders = 0, inputs = 0;
    if (!Count(&coders) || coders > kMostCoders) return false;
    for (std::uint64_t i = 0; i < coders; ++i) {
      if (rest_.empty()) return false;
      const unsigned flags = static_cast<unsigned char>(rest_.front());
      std::uint64_t in = 1, out = 1, properties = 0;
      if (!SkipBytes(1) || !Coder(flags & kIdSize, folder)) return false;
      if ((flags & kManyStreams) != 0 && (!Count(&in) || !Count(&out))) return false;
      if ((flags & kProperties) != 0 && (!Number(&properties) || !SkipBytes(properties))) {
        return false;
      }
      if (in > kMostCoders || out > kMostCoders) return false;
      inputs += in;
      folder->outputs += out;
    }
    if (coders != 1) folder->coder.reset();
    if (folder->outputs == 0 || folder->outputs - 1 > inputs) return false;
    const std::uint64_t bound = folder->outputs - 1;
    folder->packed = inputs - bound;
    return SkipNumbers(2 * bound + (folder->packed > 1 ? folder->packed : 0));
  }

  bool UnpackInfo() {
    std::uint64_t folders = 0, outputs = 0;
    if (!TakeId(kFolders, &rest_) || !Count(&folders) || !TakeId(0, &rest_)) return false;
    if (folders > rest_.size()) return false;
    for (std::uint64_t i = 0; i < folders; ++i) {
      if (!OneFolder(&folders_.emplace_back())) return false;
      outputs += folders_.back().outputs;
    }
    if (!TakeId(kUnpackSizes, &rest_) || !SkipNumbers(outputs)) return false;
    if (TakeId(kDigests, &rest_)) {
      std::vector<bool> defined;
      if (!Digests(folders, &defined)) return false;
      for (std::size_t i = 0; i < folders_.size(); ++i) folders_[i].has_digest = defined[i];
    }
    return TakeId(kEnd, &rest_);
  }

  bool SubStreams() {
    if (TakeId(kStreamsOfFolder, &rest_)) {
      for (Folder& folder : folders_) {
        if (!Count(&folder.streams)) return false;
      }
    }
    std::uint64_t sizes = 0, digests = 0;
    for (const Folder& folder : folders_) {
      if (folder.streams > 8 * rest_.size() + 1) return false;
      sizes += folder.streams > 0 ? folder.streams - 1 : 0;
      digests += folder.streams == 1 && folder.has_digest ? 0 : folder.streams;
    }
    std::vector<bool> defined;
    if (TakeId(kSize, &rest_) && !SkipNumbers(sizes)) return false;
    if (TakeId(kDigests, &rest_) && !Digests(digests, &defined)) return false;
    return TakeId(kEnd, &rest_);
  }

  // Those of a folder stand behind those of the one before. More of them than there are say
  // nothing of where the others stand.
  std::vector<SevenZipStream> PackedStreams() const {
    std::vector<SevenZipStream> streams;
    std::uint64_t begin = packed_at_;
    auto size = packed_sizes_.begin();
    for (const Folder& folder : folders_) {
      for (std::uint64_t i = 0; i < folder.packed && size != packed_sizes_.end(); ++i, ++size) {
        streams.push_back({begin, *size, folder.coder});
        begin += *size;
      }
    }
    return streams;
  }

  std::string_view rest_;
  std::uint64_t things_ = 0, packed_at_ = 0;
  std::vector<std::uint64_t> packed_sizes_, coders_;
  std::vector<Folder> folders_;
};

}  // namespace

bool TakeId(char id, std::string_view* rest) {
  if (rest->empty() || rest->front() != id) return false;
  rest->remove_prefix(1);
  return true;
}

std::optional<std::uint64_t> TakeNumber(std::string_view* rest) {
  if (rest->empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(rest->front());
  std::size_t more = 0;
  while (more < 8 && (first & 0x80U >> more) != 0) ++more;
  if (rest->size() <= more) return std::nullopt;
  std::uint64_t value = more < 8 ? std::uint64_t{first & (0x7FU >> more)} << 8 * more : 0;
  LittleEndian number(rest->substr(1));
  for (std::size_t i = 0; i < more; ++i) value |= std::uint64_t{number.U8()} << 8 * i;
  rest->remove_prefix(1 + more);
  return value;
}

SevenZipClaims ClaimsOfHeader(std::string_view header) {
  Follower follower(header);
  return follower.Claims(follower.Header());
}

SevenZipClaims ClaimsOfPackedHeader(std::string_view streams) {
  Follower follower(streams);
  return follower.Claims(follower.Streams());
}

}  // namespace clawback
