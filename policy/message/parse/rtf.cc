// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/rtf.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "policy/message/parse/charset.h"
#include "policy/message/parse/little_endian.h"

namespace clawback {
namespace {

// --- [MS-OXRTFCP] ---------------------------------------------------------------------

constexpr std::uint32_t kCompressed = 0x75465A4C;    // "LZFu"
constexpr std::uint32_t kUncompressed = 0x414C454D;  // "MELA"
constexpr std::size_t kWindow = 4096;

// What the window holds before the first byte, 2.1.2.1.
constexpr std::string_view kBefore =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
static_assert(kBefore.size() == 207);

class Unpacker {
 public:
  explicit Unpacker(std::size_t max) : max_(max) {
    std::copy(kBefore.begin(), kBefore.end(), window_.begin());
  }

  // False: more than max, or the end came before the end mark.
  bool Run(std::string_view packed) {
    std::size_t at = 0;
    while (at < packed.size()) {
      const unsigned control = static_cast<unsigned char>(packed[at++]);
      for (unsigned bit = 0; bit < 8; ++bit) {
        if ((control >> bit & 1U) == 0) {
          if (at >= packed.size() || !Put(packed[at++])) return false;
          continue;
        }
        if (packed.size() - at < 2) return false;
        const unsigned high = static_cast<unsigned char>(packed[at]);
        const unsigned low = static_cast<unsigned char>(packed[at + 1]);
        const unsigned reference = high << 8U | low;
        at += 2;
        std::size_t from = reference >> 4U;
        if (from == next_) return true;  // the end mark
        for (std::size_t left = (reference & 15U) + 2; left > 0; --left) {
          if (!Put(window_[from])) return false;
          from = (from + 1) % kWindow;
        }
      }
    }
    return false;
  }

  std::string Out() { return std::move(out_); }

 private:
  bool Put(char c) {
    if (out_.size() >= max_) return false;
    out_ += c;
    window_[next_] = c;
    next_ = (next_ + 1) % kWindow;
    return true;
  }

  const std::size_t max_;
  std::array<char, kWindow> window_{};
  std::size_t next_ = kBefore.size();
  std::string out_;
};

// --- RTF --------------------------------------------------------------------------------

// Destinations that no reader of the text sees.
constexpr std::string_view kUnseen[] = {"fonttbl",   "colortbl",  "stylesheet", "info",
                                        "pict",      "listtable", "filetbl",    "revtbl",
                                        "themedata", "datastore", "pntext"};

struct Group {
  bool hidden = false;   // a destination that is not shown
  bool tag = false;      // in \*\htmltag: HTML as it was
  bool star = false;     // "\*" was just read
  std::size_t skip = 1;  // \ucN: characters that stand for one of \u
};

class Reader {
 public:
  explicit Reader(std::string_view rtf) : rtf_(rtf) {
    read_.html = rtf.substr(0, kHead).find("\\fromhtml1") != std::string_view::npos;
  }

  RtfText Read() {
    while (at_ < rtf_.size()) Step();
    Flush();
    return std::move(read_);
  }

 private:
  static constexpr std::size_t kHead = 4096;  // [MS-OXRTFEX]: among the first ten words
  static constexpr std::size_t kGroups = 1000;

  Group& Top() { return groups_.back(); }

  void Step() {
    const char c = rtf_[at_++];
    if (c == '{') return Open();
    if (c == '}') return Close();
    if (c == '\\') return Control();
    if (c == '\r' || c == '\n') return;
    Byte(c);
  }

  void Open() {
    Flush();
    to_skip_ = 0;
    if (groups_.size() >= kGroups) {
      read_.whole = false;
      groups_.back().hidden = true;
      ++unopened_;
      return;
    }
    Group inner = Top();
    inner.star = false;
    groups_.push_back(inner);
  }

  void Close() {
    Flush();
    to_skip_ = 0;
    if (unopened_ > 0) {
      --unopened_;
    } else if (groups_.size() > 1) {
      groups_.pop_back();
    }
  }

  void Control() {
    if (at_ >= rtf_.size()) return;
    const char c = rtf_[at_];
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Word();
    ++at_;
    if (c == '\'') return Hex();
    if (c == '*') {
      Top().star = true;
    } else if (c == '~') {
      Unicode(0xA0);
    } else if (c == '_') {
      Byte('-');
    } else if (c == '\\' || c == '{' || c == '}') {
      Byte(c);
    }
  }

  void Hex() {
    unsigned value = 0;
    const std::string_view digits = rtf_.substr(at_, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc() || digits.size() != 2 || end != digits.data() + 2) return;
    at_ += 2;
    Byte(static_cast<char>(value));
  }

  void Word() {
    const std::size_t begin = at_;
    while (at_ < rtf_.size() && ((rtf_[at_] | 32) >= 'a' && (rtf_[at_] | 32) <= 'z')) ++at_;
    const std::string_view word = rtf_.substr(begin, at_ - begin);
    std::optional<int> number;
    int value = 0;
    const char* const end = rtf_.data() + rtf_.size();
    const auto [stop, error] = std::from_chars(rtf_.data() + at_, end, value);
    if (error == std::errc()) number = value;
    at_ = static_cast<std::size_t>(stop - rtf_.data());
    if (at_ < rtf_.size() && rtf_[at_] == ' ') ++at_;
    Act(word, number);
  }

  void Act(std::string_view word, std::optional<int> number) {
    const bool star = std::exchange(Top().star, false);
    if (word == "bin") return SkipBinary(number.value_or(0));
    if (word == "objdata") read_.whole = false;  // a file that was not looked at
    if (word == "htmltag") {
      Top().tag = true;
      Top().hidden = false;
    } else if (star || word == "objdata" ||
               std::find(std::begin(kUnseen), std::end(kUnseen), word) != std::end(kUnseen)) {
      Top().hidden = true;
    } else if (word == "htmlrtf") {
      Flush();
      rtf_only_ = number.value_or(1) != 0;
    } else if (word == "ansicpg" && number && *number > 0) {
      charset_ = *number == 65001 ? "utf-8" : "cp" + std::to_string(*number);
      if (*number >= 1250 && *number <= 1258) charset_ = "windows-" + std::to_string(*number);
    } else if (word == "uc") {
      Top().skip = static_cast<std::size_t>(std::clamp(number.value_or(1), 0, 16));
    } else if (word == "u" && number) {
      Unicode(static_cast<std::uint16_t>(*number));
      to_skip_ = Top().skip;
    } else {
      Character(word);
    }
  }

  void Character(std::string_view word) {
    if (word == "par" || word == "line" || word == "row") return Text("\r\n");
    if (word == "tab" || word == "cell") return Text("\t");
    if (word == "lquote") return Unicode(0x2018);
    if (word == "rquote") return Unicode(0x2019);
    if (word == "ldblquote") return Unicode(0x201C);
    if (word == "rdblquote") return Unicode(0x201D);
    if (word == "endash") return Unicode(0x2013);
    if (word == "emdash") return Unicode(0x2014);
    if (word == "bullet") return Unicode(0x2022);
  }

  void SkipBinary(int bytes) {
    read_.whole = false;
    at_ += std::min(rtf_.size() - at_, static_cast<std::size_t>(std::max(bytes, 0)));
  }

  // Whether what is read now is what people see.
  bool IsShown() const {
    const Group& group = groups_.back();
    return !group.hidden && (group.tag || !rtf_only_ || !read_.html);
  }

  void Byte(char c) {
    if (to_skip_ > 0) {
      --to_skip_;
    } else if (IsShown()) {
      if (!wide_.empty()) Flush();
      pending_ += c;
    }
  }

  void Text(std::string_view text) {
    Flush();
    to_skip_ = 0;
    if (IsShown()) read_.text += text;
  }

  // A unit of UTF-16; surrogates come one after the other.
  void Unicode(std::uint16_t unit) {
    if (!IsShown()) return;
    if (!pending_.empty()) Flush();
    wide_ += static_cast<char>(unit & 0xFFU);
    wide_ += static_cast<char>(unit >> 8U);
  }

  void Flush() {
    if (!wide_.empty()) read_.text += ToUtf8(wide_, "utf-16le");
    if (!pending_.empty()) read_.text += ToUtf8(pending_, charset_);
    wide_.clear();
    pending_.clear();
  }

  const std::string_view rtf_;
  std::size_t at_ = 0;
  RtfText read_;
  std::vector<Group> groups_{Group{}};
  std::size_t unopened_ = 0;  // groups beyond kGroups
  bool rtf_only_ = false;     // \htmlrtf: said in RTF only, not part of the HTML
  std::size_t to_skip_ = 0;   // characters in place of the last \u
  std::string charset_ = "windows-1252";
  std::string pending_, wide_;  // bytes and UTF-16 that are not decoded yet
};

}  // namespace

std::optional<std::string> UnpackRtf(std::string_view packed, std::size_t max) {
  LittleEndian in(packed);
  const std::uint32_t size = in.U32();  // of what follows this number
  const std::uint32_t unpacked = in.U32();
  const std::uint32_t type = in.U32();
  in.U32();  // a checksum: what is damaged is read as far as it goes
  constexpr std::size_t kHeader = 16;
  if (!in.ok() || size < kHeader - 4 || size - (kHeader - 4) > packed.size() - kHeader) {
    return std::nullopt;
  }
  const std::string_view content = packed.substr(kHeader, size - (kHeader - 4));
  if (type == kUncompressed) {
    if (unpacked > content.size() || unpacked > max) return std::nullopt;
    return std::string(content.substr(0, unpacked));
  }
  if (type != kCompressed) return std::nullopt;
  Unpacker unpacker(max);
  if (!unpacker.Run(content)) return std::nullopt;
  return unpacker.Out();
}

RtfText ReadRtf(std::string_view rtf) { return Reader(rtf).Read(); }

}  // namespace clawback
