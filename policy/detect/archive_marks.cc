// SPDX-License-Identifier: Apache-2.0
// What an archive is told by: its first bytes, and those of a few that have no mark worth
// the name.
#include <algorithm>
#include <charconv>
#include <system_error>

#include "policy/detect/archive.h"

namespace clawback {
namespace {

using std::string_view_literals::operator""sv;  // NOLINT(misc-unused-using-decls): it is used

struct Mark {
  std::string_view bytes;
  std::size_t at = 0;
};
// What an archive begins with; what it takes more than that to tell has a function below. Of
// those behind the blank line none is opened: they need other programs, a reader of XML, or
// what nobody has written. They are told as unreadable.
constexpr Mark kMarks[] = {{"PK\x03\x04"},
                           {"PK\x05\x06"},
                           {"PK\x07\x08PK\x03\x04"},  // of several disks
                           {"PK00PK\x03\x04"},
                           {"7z\xBC\xAF\x27\x1C"},
                           {"Rar!\x1A\x07"},
                           {"MSCF\0\0\0\0"sv},
                           {"\x1F\x8B"},
                           {"\xFD\x37zXZ\0"sv},
                           {"\x28\xB5\x2F\xFD"},
                           {"\x04\x22\x4D\x18"},
                           {"LZIP"},
                           {"\x1F\x9D"},
                           {"!<arch>\n"},
                           {"070701"},
                           {"070702"},
                           {"070707"},
                           {"\x5D\0\0"sv},
                           {"ustar", 257},
                           {"CD001", 0x8001},  // an image of a disk, ISO 9660
                           {"WARC/"},
                           {"\xED\xAB\xEE\xDB"},  // RPM

                           {"xar!"},
                           {"\x89LZO\0\r\n\x1A\n"sv},
                           {"LRZI"},
                           {"GRZipII\0"sv},
                           {"**ACE**", 7},
                           {"MSWIM\0\0\0"sv},
                           {"ALZ\x01"},
                           {"EGGA"},
                           {"StuffIt (c)"},
                           {"rLau", 10},               // StuffIt before version 5
                           {"\xDC\xA7\xC4\xFD", 20}};  // ZOO

bool Begins(std::string_view content, std::string_view magic, std::size_t at = 0) {
  return content.size() >= at + magic.size() && content.substr(at, magic.size()) == magic;
}

// Before POSIX tar had no mark of its own: the sum over its header says it.
bool IsOldTar(std::string_view content) {
  constexpr std::size_t kHeader = 512, kSum = 148, kDigits = 8;
  if (content.size() < kHeader || content[0] == '\0') return false;
  unsigned sum = 0;
  for (std::size_t i = 0; i < kHeader; ++i) {
    sum += i - kSum < kDigits ? ' ' : static_cast<unsigned char>(content[i]);
  }
  std::string_view digits = content.substr(kSum, kDigits);
  digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
  unsigned said = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), said, 8);
  return error == std::errc() && end != digits.data() && said == sum;
}

// Its mark is two bytes long: what stands in its first header has to fit too. In the order
// of bytes of either kind of machine.
bool IsBinaryCpio(std::string_view content) {
  constexpr std::size_t kHeader = 26, kMode = 6, kNameSize = 20;
  constexpr unsigned kMark = 0x71C7, kKind = 0xF000, kFile = 0x8000, kFolder = 0x4000;
  if (content.size() < kHeader) return false;
  const bool little = Begins(content, "\xC7\x71");
  const auto number = [&](std::size_t at) {
    const unsigned first = static_cast<unsigned char>(content[at]);
    const unsigned second = static_cast<unsigned char>(content[at + 1]);
    return little ? second << 8U | first : first << 8U | second;
  };
  const unsigned kind = number(kMode) & kKind;
  const std::size_t name = number(kNameSize);
  return number(0) == kMark && (kind == kFile || kind == kFolder) && name > 1 &&
         content.size() >= kHeader + name && content[kHeader + name - 1] == '\0';
}

bool IsLha(std::string_view content) {
  return (Begins(content, "-lh", 2) || Begins(content, "-lz", 2)) && Begins(content, "-", 6);
}

// Two bytes long like that of old cpio: the length of its first header and what the header
// is of have to fit too.
bool IsArj(std::string_view content) {
  constexpr std::size_t kFixed = 30, kMost = 2600, kKind = 10;
  if (content.size() < kFixed || !Begins(content, "\x60\xEA")) return false;
  const auto number = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(content[at]));
  };
  const std::size_t length = number(2) + (number(3) << 8U), fixed = number(4);
  return length >= kFixed && length <= kMost && fixed >= kFixed && fixed <= length &&
         content[kKind] == 2;
}

// "begin 644 a.exe", and "begin-base64 644 a.exe".
bool IsUuencoded(std::string_view content) {
  if (!Begins(content, "begin")) return false;
  content.remove_prefix(5);
  if (Begins(content, "-base64")) content.remove_prefix(7);
  const auto octal = [](char c) { return c >= '0' && c <= '7'; };
  return content.size() > 5 && content[0] == ' ' && content[4] == ' ' &&
         std::ranges::all_of(content.substr(1, 3), octal);
}

}  // namespace

bool IsArchive(std::string_view content) {
  if (std::ranges::any_of(kMarks,
                          [&](const Mark& mark) { return Begins(content, mark.bytes, mark.at); })) {
    return true;
  }
  if (Begins(content, "BZh") && Begins(content, "1AY&SY", 4)) return true;
  if (IsLha(content) || IsArj(content) || IsUuencoded(content)) return true;
  return IsOldTar(content) || IsBinaryCpio(content);
}

}  // namespace clawback
