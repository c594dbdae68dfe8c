// SPDX-License-Identifier: Apache-2.0
// Text that people read and filters do not: letters of other alphabets or of
// mathematics in place of Latin ones, invisible characters between letters, and words
// of no language that only fill.
#include <algorithm>
#include <string>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/registry.h"
#include "policy/message/parse/words.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"invisible-in-words", "mixed-alphabets",
                                         "mathematical-letters", "random-words"};
constexpr double kInvisible = 0.5;
constexpr double kInvisibleInText = 0.35;
constexpr double kMixed = 0.5;
constexpr double kMixedInText = 0.3;
constexpr double kMathematical = 0.4;
constexpr double kRandom = 0.3;
constexpr std::size_t kBytes = 64UL << 10;
constexpr int kMany = 10;  // page builders leave some behind
constexpr int kFew = 3;    // in a long text; in a subject or name one is enough

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
};

// One pass over characters; what the word before had decides when it ends.
class Counter {
 public:
  void Add(char32_t c) {
    if (c < 0x80) return AddAscii(IsLatin(c));
    if (IsInvisible(c)) {
      // A soft hyphen is where a word may be broken, and belongs there.
      if (latin_last_ && c != 0xAD) hidden_ = true;
      return;
    }
    const bool latin = IsLatin(c);
    AfterHidden(latin);
    if (IsMathematical(c)) ++counts.mathematical;
    if (latin) {
      ++latin_;
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
    } else {
      EndWord();
    }
  }
  void AfterHidden(bool latin) {
    if (hidden_ && latin) ++counts.invisible;
    hidden_ = false;
    latin_last_ = latin;
  }

  bool latin_last_ = false, hidden_ = false;
  int latin_ = 0, alike_ = 0, other_ = 0;
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
    if (!message.from.empty()) Short("From", message.from.front().display_name, findings);
    Short("Subject", message.subject, findings);
    Long(CountIn(message.SeenText()), findings);
    Random(message.words, findings);
  }

 private:
  static void Short(std::string_view where, std::string_view text, std::vector<Finding>* findings) {
    const Counts counts = CountIn(CutUtf8(text, 1024));
    const std::string evidence =
        std::string(where) + ": \"" + std::string(CutUtf8(text, 160)) + "\"";
    if (counts.invisible >= 1) {
      findings->push_back({"invisible-in-words", Indication::kPhishing, kInvisible, evidence});
    }
    if (counts.mixed >= 1) {
      findings->push_back({"mixed-alphabets", Indication::kPhishing, kMixed, evidence});
    }
    if (counts.mathematical >= kFew) {
      findings->push_back({"mathematical-letters", Indication::kSpam, kMathematical, evidence});
    }
  }

  static void Long(const Counts& counts, std::vector<Finding>* findings) {
    const auto times = [](int count) { return "text: " + std::to_string(count) + " times"; };
    if (counts.invisible >= kMany) {
      findings->push_back(
          {"invisible-in-words", Indication::kPhishing, kInvisibleInText, times(counts.invisible)});
    }
    if (counts.mixed >= kFew) {
      findings->push_back(
          {"mixed-alphabets", Indication::kPhishing, kMixedInText, times(counts.mixed)});
    }
  }

  static void Random(const std::vector<std::string>& words, std::vector<Finding>* findings) {
    int count = 0;
    std::string first;
    for (const std::string& word : words) {
      if (!IsRandom(word)) continue;
      if (count++ == 0) first = word;
    }
    if (count < kFew) return;
    findings->push_back(
        {"random-words", Indication::kSpam, kRandom,
         std::to_string(count) + " words of no language, the first \"" + first + "\""});
  }
};

}  // namespace

std::unique_ptr<Detector> NewDisguisedTextDetector() {
  return std::make_unique<DisguisedTextDetector>();
}

}  // namespace clawback
