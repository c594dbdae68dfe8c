// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/words.h"

#include <algorithm>
#include <array>

#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr std::size_t kLongestWord = 40;  // bytes; the rest of it is not looked at
constexpr std::size_t kLongestChunk = 2048;

bool IsBlank(char32_t c) {
  return c <= 0x20 || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000;
}

bool HasNoBlanks(char32_t c) {  // Thai to Hangul: no words by blanks, or long ones
  return (c >= 0x0E00 && c <= 0x0E7F) || (c >= 0x3040 && c <= 0x30FF) ||
         (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3);
}

bool IsLetter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  if (c < 0x0250) return c != 0xD7 && c != 0xF7;
  return (c >= 0x0370 && c <= 0x1FFF) || HasNoBlanks(c) || (c >= 0xFB50 && c <= 0xFDFF);
}

char32_t Lower(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if (c >= 0x0100 && c <= 0x017F && c != 0x0130 && c != 0x0131 && c != 0x0138) {
    const bool odd = (c >= 0x0139 && c <= 0x0148) || (c >= 0x0179 && c <= 0x017E);
    return (c % 2 == 1) == odd && c != 0x0178 && c != 0x017F ? c + 1 : c;
  }
  if (c >= 0x0391 && c <= 0x03A9) return c + 32;
  if (c >= 0x0410 && c <= 0x042F) return c + 32;
  if (c >= 0x0400 && c <= 0x040F) return c + 80;
  return c;
}

void AppendUtf8(char32_t c, std::string* out) {
  if (c < 0x80) {
    *out += static_cast<char>(c);
  } else if (c < 0x800) {
    *out += static_cast<char>(0xC0 | (c >> 6));
    *out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    *out += static_cast<char>(0xE0 | (c >> 12));
    *out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    *out += static_cast<char>(0xF0 | (c >> 18));
    *out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    *out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// What stands for an ASCII character in a word: small letters for letters, "#" for digits,
// 0 for what ends a word.
constexpr std::array<char, 128> kInWord = [] {
  std::array<char, 128> in_word{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) in_word[c] = static_cast<char>(c);
  for (unsigned char c = 'A'; c <= 'Z'; ++c) in_word[c] = static_cast<char>(c + ('a' - 'A'));
  for (unsigned char c = '0'; c <= '9'; ++c) in_word[c] = '#';
  return in_word;
}();

// Styled alphabets that follow each other, each with its letters in order.
struct StyledRange {
  char32_t first, last;
};
constexpr StyledRange kStyledLetters[] = {
    {0x1D400, 0x1D6A3}, {0x24B6, 0x24E9},   {0x249C, 0x24B5},   {0xFF21, 0xFF3A},  {0xFF41, 0xFF5A},
    {0x1F110, 0x1F129}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};
constexpr StyledRange kStyledDigits[] = {{0x1D7CE, 0x1D7FF}, {0xFF10, 0xFF19}};

// Letters that the mathematical alphabets lack, since they were there before (Unicode,
// Letterlike Symbols): from U+2100 on, a dot for what is none of them.
constexpr std::string_view kLetterlike = "..c.......ghhhh.iill.n...pqrrr......z...z...bc.eef.mo";

bool IsAsciiByte(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool IsAddress(std::string_view chunk) {
  const std::size_t at = chunk.find('@');
  return at != std::string_view::npos && at > 0 && chunk.find('.', at) != std::string_view::npos;
}

class Cutter {
 public:
  Cutter(std::size_t max, std::vector<std::string>* words) : max_(max), words_(words) {}

  bool full() const { return words_->size() >= max_; }

  // What stands between blanks; telling: it holds "@" or ":".
  void Chunk(std::string_view chunk, bool telling) {
    if (telling && IsAddress(chunk)) return Add("@");
    if (telling && chunk.find("://") != std::string_view::npos) return;
    if (EqualIgnoringCase(chunk.substr(0, 4), "www.")) return;
    while (!chunk.empty() && !full()) {
      if (IsAsciiByte(chunk[0])) {
        chunk.remove_prefix(AsciiRun(chunk));
        continue;
      }
      const Character c = FirstCharacter(chunk);
      if (c.bytes == 0) return;
      BeyondAscii(c.code);
      chunk.remove_prefix(c.bytes);
    }
    EndWord();
    last_ = 0;
  }

 private:
  // What the ASCII characters at the front of chunk do up to the end of their word. Their count.
  std::size_t AsciiRun(std::string_view chunk) {
    const std::size_t before = word_.size();
    const std::size_t room = kLongestWord - std::min(kLongestWord, before);
    std::array<char, kLongestWord> run;
    std::size_t at = 0;
    for (; at < chunk.size() && IsAsciiByte(chunk[at]); ++at) {
      const char in_word = kInWord[static_cast<unsigned char>(chunk[at])];
      if (in_word == 0) break;
      if (in_word != '#') last_ = 0;
      if (at < room) run[at] = in_word;
    }
    word_.append(run.data(), std::min(at, room));
    if (at == chunk.size() || !IsAsciiByte(chunk[at])) return at;
    EndWord();
    last_ = 0;
    return at + 1;
  }

  void BeyondAscii(char32_t c) {
    if (IsInvisible(c)) return;
    if (const char plain = PlainOf(c); plain != 0) {
      AsciiRun({&plain, 1});
      return;
    }
    if (!IsLetter(c)) {
      EndWord();
      last_ = 0;
    } else if (HasNoBlanks(c)) {
      EndWord();
      if (last_ != 0) {
        AppendUtf8(last_, &word_);
        AppendUtf8(c, &word_);
        EndWord();
      }
      last_ = c;
    } else {
      last_ = 0;
      Append(Lower(c));
    }
  }

  void Append(char32_t c) {
    if (word_.size() < kLongestWord) AppendUtf8(c, &word_);
  }
  void EndWord() {
    if (word_.empty()) return;
    Add(word_);
    word_.clear();
  }
  void Add(std::string_view word) {
    if (!full()) words_->emplace_back(word);
  }

  const std::size_t max_;
  std::vector<std::string>* const words_;
  std::string word_;
  char32_t last_ = 0;
};

struct ChunkEnd {
  std::size_t at = 0;
  bool telling = false;  // "@" or ":" stands before
};

// How far it is to the next blank, at most kLongestChunk.
ChunkEnd ChunkAt(std::string_view text, std::size_t begin) {
  ChunkEnd end{begin, false};
  while (end.at < text.size() && end.at - begin < kLongestChunk) {
    const char byte = text[end.at];
    if (IsAsciiByte(byte)) {
      if (byte <= 0x20) break;
      end.telling |= byte == '@' || byte == ':';
      ++end.at;
      continue;
    }
    const Character c = FirstCharacter(text.substr(end.at, 4));
    if (c.bytes == 0 || IsBlank(c.code)) break;
    end.at += c.bytes;
  }
  return end;
}

}  // namespace

bool IsInvisible(char32_t c) {
  return c == 0xAD || (c >= 0x0334 && c <= 0x0338) || c == 0x034F || c == 0x061C || c == 0x180E ||
         (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F);
}

char PlainOf(char32_t c) {
  if (c < 0x2100) return 0;
  if (c - 0x2100 < kLetterlike.size()) {
    const char letter = kLetterlike[c - 0x2100];
    return letter == '.' ? '\0' : letter;
  }
  for (const StyledRange& range : kStyledLetters) {
    if (c >= range.first && c <= range.last) return static_cast<char>('a' + (c - range.first) % 26);
  }
  for (const StyledRange& range : kStyledDigits) {
    if (c >= range.first && c <= range.last) return static_cast<char>('0' + (c - range.first) % 10);
  }
  return 0;
}

std::vector<std::string> WordsOfText(std::string_view text, std::size_t max) {
  std::vector<std::string> words;
  Cutter cutter(max, &words);
  for (std::size_t at = 0; at < text.size() && !cutter.full();) {
    const ChunkEnd end = ChunkAt(text, at);
    if (end.at > at) {
      cutter.Chunk(text.substr(at, end.at - at), end.telling);
      at = end.at;
    } else {
      at += std::max<std::size_t>(FirstCharacter(text.substr(at, 4)).bytes, 1);
    }
  }
  return words;
}

}  // namespace clawback
