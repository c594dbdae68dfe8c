// SPDX-License-Identifier: Apache-2.0
// Text that people read and filters do not: letters of other alphabets or of
// mathematics in place of Latin ones, digits in place of letters, invisible characters
// between letters, and words of no language that only fill.
#include <algorithm>
#include <string>
#include <vector>

#include "policy/base/text.h"
#include "policy/detect/brands.h"
#include "policy/detect/detector.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/message/parse/charset.h"
#include "policy/message/parse/words.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"invisible-in-words", "mixed-alphabets",
                                         "mathematical-letters", "disguised-word", "random-words"};
constexpr double kInvisible = 0.5;
constexpr double kInvisibleInText = 0.35;
constexpr double kMixed = 0.5;
constexpr double kMixedInText = 0.3;
constexpr double kMathematical = 0.4;
constexpr double kMathematicalText = 0.5;
constexpr double kDisguisedInName = 0.5;
constexpr double kDisguisedInSubject = 0.4;
constexpr double kRandom = 0.3;
constexpr std::size_t kBytes = 64UL << 10;
constexpr int kMany = 10;  // page builders leave some behind
constexpr int kEverywhere = 50;
constexpr int kFew = 3;  // in a long text; in a subject or name one is enough

bool IsLatin(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0x24F);
}
// Greek and Cyrillic letters that look like Latin ones.
bool IsLookalike(char32_t c) {
  constexpr std::u32string_view kAlike = U"АВЕЅІЈКМНОРСТХҮаеоѕіјрсухһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρυχ";
  return kAlike.find(c) != std::u32string_view::npos;
}
bool IsMathematical(char32_t c) {
  return (c >= 0x1D400 && c <= 0x1D7FF) || (c >= 0x1F110 && c <= 0x1F169) ||
         (c >= 0x24B6 && c <= 0x24E9);
}

struct Counts {
  int invisible = 0;     // between two Latin letters
  int mixed = 0;         // words with Latin letters and lookalikes of others
  int mathematical = 0;  // letters
  int latin = 0;         // letters
};

// One pass over characters; what the word before had decides when it ends.
class Counter {
 public:
  void Add(char32_t c) {
    if (c < 0x80) return AddAscii(IsLatin(c));
    if (IsInvisible(c)) {
      // A soft hyphen is where a word may be broken, and belongs there; not behind each letter.
      if (latin_last_ && (c != 0xAD || BreaksEachLetter())) hidden_ = true;
      return;
    }
    const bool latin = IsLatin(c);
    AfterHidden(latin);
    if (IsMathematical(c)) ++counts.mathematical;
    if (latin) {
      ++latin_;
      ++counts.latin;
    } else if (IsLookalike(c)) {
      ++alike_;
    } else if (c >= 0x370 && c <= 0x52F) {
      ++other_;  // a letter that is plainly of another alphabet
    } else {
      EndWord();
    }
  }
  void EndWord() {
    if (latin_ >= 2 && alike_ > 0 && other_ == 0) ++counts.mixed;
    latin_ = alike_ = other_ = 0;
  }
  Counts counts;

 private:
  void AddAscii(bool latin) {
    AfterHidden(latin);
    if (latin) {
      ++latin_;
      ++counts.latin;
    } else {
      EndWord();
    }
  }
  bool BreaksEachLetter() {
    constexpr int kLetters = 3;
    single_ = letters_since_ == 1 ? single_ + 1 : 0;
    letters_since_ = 0;
    return single_ >= kLetters;
  }
  void AfterHidden(bool latin) {
    letters_since_ += latin ? 1 : 0;
    if (hidden_ && latin) ++counts.invisible;
    hidden_ = false;
    latin_last_ = latin;
  }

  bool latin_last_ = false, hidden_ = false;
  int latin_ = 0, alike_ = 0, other_ = 0;
  int letters_since_ = 0, single_ = 0;  // the last soft hyphen; such stretches of one letter
};

Counts CountIn(std::string_view text) {
  Counter counter;
  text = CutUtf8(text, kBytes);
  while (!text.empty()) {
    const Character c = FirstCharacter(text);
    if (c.bytes == 0) break;
    counter.Add(c.code);
    text.remove_prefix(c.bytes);
  }
  counter.EndWord();
  return counter.counts;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What is worth disguising; in alphabetical order, for binary search.
constexpr std::string_view kDisguised[] = {
    "account",   "alert",        "approved",        "attention",    "bitcoin",     "bonus",
    "confirm",   "confirmation", "congratulations", "consumer",     "customer",    "delivery",
    "exclusive", "expired",      "final",           "important",    "information", "invoice",
    "loyalty",   "membership",   "notice",          "notification", "office",      "order",
    "package",   "password",     "payment",         "pending",      "promotion",   "reward",
    "rewards",   "security",     "service",         "shipment",     "storage",     "support",
    "survey",    "update",       "verification",    "verify",       "viagra",      "voicemail",
    "warning",   "winner"};

// The letter that a digit is put for; i and l look alike, and one is both.
char LetterOf(char digit, char one) {
  switch (digit) {
    case '0':
      return 'o';
    case '1':
      return one;
    case '3':
      return 'e';
    case '4':
      return 'a';
    case '5':
      return 's';
    default:
      return digit;
  }
}

bool IsSmall(char c) { return c >= 'a' && c <= 'z'; }
bool IsInWord(char c) { return IsSmall(c) || (c >= 'A' && c <= 'Z') || IsDigit(c); }

// "lRS": nothing but capitals, and a small l where one of them is to be read.
bool IsCapitalsButForL(std::string_view word) {
  const auto is_l = [](char c) { return c == 'l'; };
  const auto fits = [&](char c) { return is_l(c) || (c >= 'A' && c <= 'Z'); };
  return std::ranges::all_of(word, fits) && std::ranges::any_of(word, is_l) &&
         !std::ranges::all_of(word, is_l);
}

// The word as it is read: digits are letters, a capital I beside a small letter is an l, and a
// small l among capitals an I.
std::string ReadAs(std::string_view word, char one) {
  std::string read(word);
  if (IsCapitalsButForL(word)) {
    std::ranges::replace(read, 'l', 'I');
    return read;
  }
  for (std::size_t i = 0; i < read.size(); ++i) {
    const bool beside_small =
        (i > 0 && IsSmall(word[i - 1])) || (i + 1 < word.size() && IsSmall(word[i + 1]));
    read[i] = word[i] == 'I' && beside_small ? 'l' : LetterOf(word[i], one);
  }
  return read;
}

bool IsWorthDisguising(std::string_view word, std::string_view read) {
  std::size_t changed = 0;
  for (std::size_t i = 0; i < word.size(); ++i) changed += word[i] != read[i] ? 1 : 0;
  if (changed == 0 || changed * 2 >= word.size()) return false;
  const std::string lower = LowerAscii(read);
  return std::ranges::binary_search(kDisguised, lower) || FindBrand(lower) != nullptr;
}

// The first word that is written with other characters than it is read.
std::string DisguisedWord(std::string_view text) {
  constexpr std::size_t kShortest = 5, kShortestOfCapitals = 3;
  for (auto begin = std::ranges::find_if(text, IsInWord); begin != text.end();) {
    const auto end = std::find_if_not(begin, text.end(), IsInWord);
    const std::string_view word(begin, end);
    const std::size_t shortest = IsCapitalsButForL(word) ? kShortestOfCapitals : kShortest;
    if (word.size() >= shortest && (IsWorthDisguising(word, ReadAs(word, 'i')) ||
                                    IsWorthDisguising(word, ReadAs(word, 'l')))) {
      return std::string(word);
    }
    begin = std::find_if(end, text.end(), IsInWord);
  }
  return {};
}

// Of these, what no language writes with marks upon its letters.
constexpr std::string_view kUnmarked[] = {
    "account",  "approved", "bitcoin",   "confirm", "customer", "delivery",
    "invoice",  "password", "payment",   "pending", "security", "shipment",
    "validate", "verify",   "voicemail", "wallet",  "warning",  "winner"};

bool IsOfWord(char c) { return IsInWord(c) || (c & 0x80) != 0; }

std::vector<std::string> PlainWords(std::string_view text) {
  std::vector<std::string> words;
  for (auto begin = std::ranges::find_if(text, IsOfWord); begin != text.end();) {
    const auto end = std::find_if_not(begin, text.end(), IsOfWord);
    words.emplace_back(begin, end);
    begin = std::find_if(end, text.end(), IsOfWord);
  }
  return words;
}

// The first word with marks that it never has: "wállet".
std::string MarkedWord(std::string_view text) {
  const std::vector<std::string> words = PlainWords(text);
  const auto marked = std::ranges::find_if(words, [](const std::string& word) {
    const std::string plain = WithoutMarks(word);
    return plain != word && std::ranges::binary_search(kUnmarked, LowerAscii(plain));
  });
  return marked == words.end() ? std::string() : *marked;
}

bool IsConsonant(char c) {
  return c >= 'a' && c <= 'z' && std::string_view("aeiouy").find(c) == std::string_view::npos;
}

// Letters as no language puts them together: six consonants in a row, twice.
bool IsRandom(std::string_view word) {
  if (word.size() < 12 || word.find('#') != std::string_view::npos) return false;
  int run = 0, runs = 0;
  for (const char c : word) {
    if ((c & 0x80) != 0) return false;
    run = IsConsonant(c) ? run + 1 : 0;
    if (run == 6 || run == 12) ++runs;
  }
  return runs >= 2;
}

class DisguisedTextDetector : public Detector {
 public:
  std::string_view name() const override { return "disguised-text"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext&,
               std::vector<Finding>* findings) const override {
    if (!message.from.empty()) {
      Short("From", message.from.front().display_name, findings);
      Word("From", message.from.front().display_name, kDisguisedInName, findings);
    }
    Short("Subject", message.subject, findings);
    Word("Subject", message.subject, kDisguisedInSubject, findings);
    Long(message, CountIn(message.SeenText()), findings);
    Random(message, findings);
  }

 private:
  static void Short(std::string_view field, std::string_view text, std::vector<Finding>* findings) {
    const Counts counts = CountIn(CutUtf8(text, 1024));
    const auto add = [&](std::string_view reason, Indication indication, double weight) {
      findings->push_back({std::string(reason), indication, weight,
                           "\"" + std::string(CutUtf8(text, 160)) + "\"", PlaceOfField(field)});
    };
    if (counts.invisible >= 1) add("invisible-in-words", Indication::kPhishing, kInvisible);
    if (counts.mixed >= 1) add("mixed-alphabets", Indication::kPhishing, kMixed);
    if (counts.mathematical >= kFew) {
      add("mathematical-letters", Indication::kSpam, kMathematical);
    }
  }

  static void Word(std::string_view field, std::string_view text, double weight,
                   std::vector<Finding>* findings) {
    const std::string_view begin = CutUtf8(text, 1024);
    std::string word = DisguisedWord(begin);
    if (word.empty()) word = MarkedWord(begin);
    if (word.empty()) return;
    findings->push_back(
        {"disguised-word", Indication::kPhishing, weight, "\"" + word + "\"", PlaceOfField(field)});
  }

  static void Long(const Message& message, const Counts& counts, std::vector<Finding>* findings) {
    const auto add = [&](std::string_view reason, Indication indication, double weight, int count) {
      findings->push_back({std::string(reason), indication, weight,
                           std::to_string(count) + " times", PlaceOfSeenText(message)});
    };
    if (counts.invisible >= kMany) {
      add("invisible-in-words", Indication::kPhishing,
          counts.invisible >= kEverywhere ? kInvisible : kInvisibleInText, counts.invisible);
    }
    if (counts.mixed >= kFew) {
      add("mixed-alphabets", Indication::kPhishing, kMixedInText, counts.mixed);
    }
    // A heading or two are decoration; where most of the text is so, it is to be seen by people
    // only.
    if (counts.mathematical >= kMany && counts.mathematical >= counts.latin) {
      add("mathematical-letters", Indication::kSpam, kMathematicalText, counts.mathematical);
    }
  }

  static void Random(const Message& message, std::vector<Finding>* findings) {
    int count = 0;
    std::string first;
    for (const std::string& word : message.words) {
      if (!IsRandom(word)) continue;
      if (count++ == 0) first = word;
    }
    if (count < kFew) return;
    findings->push_back(
        {"random-words", Indication::kSpam, kRandom,
         std::to_string(count) + " words of no language, the first \"" + first + "\"",
         PlaceOfSeenText(message)});
  }
};

}  // namespace

std::unique_ptr<Detector> NewDisguisedTextDetector() {
  return std::make_unique<DisguisedTextDetector>();
}

}  // namespace clawback
