// SPDX-License-Identifier: Apache-2.0
#include "policy/message/open/pdf_streams.h"

#include <zlib.h>

#include <array>
#include <string>

namespace clawback {
namespace {

constexpr std::size_t kDictionary = 2048;    // looked back from "stream"
constexpr std::size_t kMaxStreams = 20'000;  // as many as objects are read
constexpr std::size_t kBlock = 16UL << 10;
constexpr std::uint64_t kUnpacked = 3, kRead = 5;  // work for a byte

int Hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Names may be written "/Obj#53tm" (ISO 32000-1 7.3.5).
std::string WithoutEscapes(std::string_view dictionary) {
  std::string plain;
  for (std::size_t i = 0; i < dictionary.size(); ++i) {
    const bool escape = dictionary[i] == '#' && i + 2 < dictionary.size();
    const int high = escape ? Hex(dictionary[i + 1]) : -1;
    const int low = escape ? Hex(dictionary[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      plain += dictionary[i];
    }
  }
  return plain;
}

bool HoldsObjects(std::string_view before) {
  if (before.size() > kDictionary) before.remove_prefix(before.size() - kDictionary);
  const std::size_t begin = before.rfind(" obj");
  const std::string dictionary =
      WithoutEscapes(before.substr(begin == std::string_view::npos ? 0 : begin));
  return dictionary.find("/ObjStm") != std::string::npos ||
         dictionary.find("/XRef") != std::string::npos;
}

// What may still be unpacked, and read for it.
struct Room {
  std::size_t unpacked, read;
};

// Unpacks and forgets. False once the room is used up.
bool Unpack(std::string_view packed, Room* room) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return false;
  std::array<unsigned char, kBlock> block{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // only read
  stream.avail_in = static_cast<uInt>(packed.size());
  int result = Z_OK;
  bool fits = true;
  while (result == Z_OK && fits) {
    stream.next_out = block.data();
    stream.avail_out = block.size();
    result = inflate(&stream, Z_NO_FLUSH);
    const std::size_t made = block.size() - stream.avail_out;
    fits = made <= room->unpacked;
    room->unpacked -= fits ? made : room->unpacked;
  }
  fits = fits && stream.total_in <= room->read;
  room->read -= fits ? stream.total_in : room->read;
  inflateEnd(&stream);
  return fits;
}

}  // namespace

bool ObjectStreamsFit(std::string_view pdf, std::size_t unpacked, Work* work) {
  constexpr std::string_view kStream = "stream";
  Room room{unpacked, 2 * pdf.size()};
  std::size_t streams = 0;
  for (std::size_t at = pdf.find(kStream); at != std::string_view::npos;
       at = pdf.find(kStream, at + kStream.size())) {
    if (at >= 3 && pdf.substr(at - 3, 3) == "end") continue;
    if (++streams > kMaxStreams) return false;
    if (!HoldsObjects(pdf.substr(0, at))) continue;
    std::size_t begin = at + kStream.size();
    if (begin < pdf.size() && pdf[begin] == '\r') ++begin;
    if (begin < pdf.size() && pdf[begin] == '\n') ++begin;
    // To the end of what zlib takes: a length or an end mark that lies changes nothing.
    const Room before = room;
    const bool fits = Unpack(pdf.substr(begin), &room);
    work->Do(kUnpacked * (before.unpacked - room.unpacked) + kRead * (before.read - room.read));
    if (!fits) return false;
  }
  return true;
}

}  // namespace clawback
