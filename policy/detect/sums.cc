// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/sums.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "policy/base/text.h"
#include "policy/message/parse/words.h"

namespace clawback {
namespace {

constexpr std::size_t kLargeDigits = 5;  // 10,000: what bills and wages seldom are
constexpr std::size_t kNumbers = 200;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::size_t DigitsAt(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789");
  return end == std::string_view::npos ? text.size() : end;
}

// The sign between thousands that text begins with: a point, a comma, an apostrophe, a blank.
std::size_t SeparatorAt(std::string_view text) {
  for (const std::string_view sign : {".", ",", "'", " ", "\u2019", "\u00a0", "\u202f"}) {
    if (text.starts_with(sign)) return sign.size();
  }
  return 0;
}

struct Number {
  std::size_t length = 0;  // bytes
  std::size_t whole = 0;   // digits, without decimals
};

// text begins with a digit.
Number NumberAt(std::string_view text) {
  Number number{DigitsAt(text), DigitsAt(text)};
  while (number.whole <= 12) {
    const std::string_view rest = text.substr(number.length);
    const std::size_t sign = SeparatorAt(rest);
    if (sign == 0 || DigitsAt(rest.substr(sign)) != 3) break;
    number.length += sign + 3;
    number.whole += 3;
  }
  const std::string_view rest = text.substr(number.length);
  if (rest.size() > 1 && (rest[0] == '.' || rest[0] == ',') && IsDigit(rest[1])) {
    number.length += 1 + DigitsAt(rest.substr(1));
  }
  return number;
}

constexpr std::array<std::string_view, 3> kSigns = {"€", "$", "£"};
constexpr std::array<std::string_view, 21> kCurrencies = {
    "aud",   "cad",  "chf",      "dollar", "dollari", "dollars", "dólares",
    "eur",   "euro", "euros",    "gbp",    "hkd",     "pound",   "pounds",
    "reais", "rs",   "sterling", "usd",    "us",      "united",  "zar"};
constexpr std::array<std::string_view, 20> kMillions = {
    "billion", "m",      "mill",    "million",    "millionen", "millions", "millones",
    "milhões", "milhão", "milioni", "milione",    "miljoen",   "miljoner", "milionów",
    "mln",     "mio",    "millón",  "milliarden", "milyon",    "миллионов"};

template <std::size_t N>
bool IsOneOf(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// "USD ", "€ ", "$": how many bytes of it stand at the end of what is before a number, 0: none.
std::size_t CurrencyBefore(std::string_view before) {
  const std::size_t end = before.find_last_not_of(" \t\r\n") + 1;
  const std::size_t blanks = before.size() - end;
  before = before.substr(0, end);
  for (const std::string_view sign : kSigns) {
    if (before.ends_with(sign)) return sign.size() + blanks;
  }
  const auto begin = std::find_if_not(before.rbegin(), before.rend(), IsLetter).base();
  const std::string word = LowerAscii(std::string_view(begin, before.end()));
  return word.size() > 2 && IsOneOf(kCurrencies, word) ? word.size() + blanks : 0;
}

// How many bytes of blanks text begins with, those that do not break a line among them.
std::size_t BlanksAt(std::string_view text) {
  std::size_t at = 0;
  for (bool more = true; more;) {
    more = false;
    for (const std::string_view blank : {" ", "\t", "\r", "\n", "\u00a0", "\u202f"}) {
      if (!text.substr(at).starts_with(blank)) continue;
      at += blank.size();
      more = true;
    }
  }
  return at;
}

struct Behind {
  bool millions = false;
  bool currency = false;
};

// "million United States dollars", " Mio. €", "M": what stands behind a number.
Behind BehindNumber(std::string_view after) {
  constexpr std::size_t kBytes = 40;
  after = CutUtf8(after, kBytes);
  Behind found;
  const std::vector<std::string> words = WordsOfText(after, 4);
  std::size_t at = 0;
  if (at < words.size() && IsOneOf(kMillions, words[at])) {
    found.millions = true;
    ++at;
    while (at < words.size() && (words[at] == "of" || words[at] == "de" || words[at] == "di")) ++at;
    const std::size_t sign = after.find_first_of("$\xe2\xc2");
    found.currency = sign != std::string_view::npos && sign < 10 &&
                     std::ranges::any_of(kSigns, [&](std::string_view one) {
                       return after.substr(sign).starts_with(one);
                     });
  }
  found.currency = found.currency || (at < words.size() && IsOneOf(kCurrencies, words[at])) ||
                   std::ranges::any_of(kSigns, [&](std::string_view sign) {
                     return after.substr(BlanksAt(after)).starts_with(sign);
                   });
  return found;
}

bool IsBase58(char c) {
  return (IsDigit(c) && c != '0') || (IsLetter(c) && c != 'I' && c != 'O' && c != 'l');
}

bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Mixed as chance mixes: a word or a number is no address.
bool IsMixed(std::string_view token) {
  const auto any = [&](auto is) { return std::ranges::any_of(token, is); };
  return any(IsDigit) && any([](char c) { return c >= 'a' && c <= 'z'; }) &&
         any([](char c) { return c >= 'A' && c <= 'Z'; });
}

bool IsUnmistakable(std::string_view token) {
  const std::string lower = LowerAscii(token);
  if (lower.starts_with("bc1")) return token.size() >= 28 && token.size() <= 74;
  return token.size() == 42 && lower.starts_with("0x") &&
         std::ranges::all_of(token.substr(2), IsHex);
}

bool IsWhereSpokenOf(std::string_view token) {
  const bool bitcoin =
      (token.front() == '1' || token.front() == '3') && token.size() >= 26 && token.size() <= 35;
  const bool tron = token.front() == 'T' && token.size() == 34;
  return (bitcoin || tron) && std::ranges::all_of(token, IsBase58) && IsMixed(token);
}

bool SpeaksOfCrypto(std::string_view text) {
  const std::string lower = LowerAscii(text);
  return std::ranges::any_of(
      std::array<std::string_view, 6>{"bitcoin", "btc", "wallet", "usdt", "crypto", "tron"},
      [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

// Between blanks, brackets and the like, not in a link or an address of mail.
bool StandsAlone(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::string_view kJoins = "/=&?@+-_%.";
  const bool before = begin > 0 && kJoins.find(text[begin - 1]) != std::string_view::npos;
  const bool after =
      end < text.size() && std::string_view("/=&?@+-_%").find(text[end]) != std::string_view::npos;
  return !before && !after;
}

// How long the first words of text are, with the blanks before each; 24 bytes at most.
std::size_t LengthOfWords(std::string_view text, std::size_t words) {
  constexpr std::size_t kBytes = 24;
  text = CutUtf8(text, kBytes);
  std::size_t length = 0;
  for (; words > 0 && length < text.size(); --words) {
    const std::size_t begin = length + BlanksAt(text.substr(length));
    length = std::min(text.find_first_of(" \t\r\n,;:!?)", begin), text.size());
  }
  return length;
}

}  // namespace

std::string_view LargeSumIn(std::string_view text) {
  constexpr std::size_t kBytes = 16 * std::size_t{1024};
  constexpr std::size_t kBefore = 12;
  text = CutUtf8(text, kBytes);
  std::size_t numbers = 0;
  for (std::size_t at = 0; at < text.size() && numbers < kNumbers; ++numbers) {
    at = text.find_first_of("0123456789", at);
    if (at == std::string_view::npos) break;
    const Number number = NumberAt(text.substr(at));
    const std::size_t begin = at - std::min(at, kBefore);
    const Behind behind = BehindNumber(text.substr(at + number.length));
    const bool large = number.whole >= kLargeDigits || behind.millions;
    const std::size_t before = CurrencyBefore(text.substr(begin, at - begin));
    if (large && (before > 0 || behind.currency)) {
      const std::size_t words = (behind.millions ? 1U : 0U) + (behind.currency ? 1U : 0U);
      const std::string_view rest = text.substr(at + number.length);
      return text.substr(at - before, before + number.length + LengthOfWords(rest, words));
    }
    at += number.length;
  }
  return {};
}

std::string_view CryptoAddressIn(std::string_view text) {
  constexpr std::size_t kBytes = 64 * std::size_t{1024};
  text = CutUtf8(text, kBytes);
  std::string_view doubtful;
  for (std::size_t at = 0; at < text.size();) {
    const auto is_part = [](char c) { return IsDigit(c) || IsLetter(c); };
    if (!is_part(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_part(text[end])) ++end;
    const std::string_view token = text.substr(at, end - at);
    if (token.size() >= 26 && token.size() <= 74 && StandsAlone(text, at, end)) {
      if (IsUnmistakable(token)) return token;
      if (doubtful.empty() && IsWhereSpokenOf(token)) doubtful = token;
    }
    at = end;
  }
  return !doubtful.empty() && SpeaksOfCrypto(text) ? doubtful : std::string_view();
}

}  // namespace clawback
