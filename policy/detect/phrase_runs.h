// SPDX-License-Identifier: Apache-2.0
// Finds known phrases among words: at each word the longest one that begins there.
#ifndef CLAWBACK_POLICY_DETECT_PHRASE_RUNS_H_
#define CLAWBACK_POLICY_DETECT_PHRASE_RUNS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace clawback {

// What is known of a run of words: its kind, and whether a longer phrase begins with it.
template <typename Kind>
struct KnownRun {
  std::optional<Kind> kind{};
  bool goes_on = false;
};

// Which words a phrase may begin with, by their hashes: most words begin none, and need not
// be looked for.
class FirstWords {
 public:
  template <typename Phrases>
  explicit constexpr FirstWords(const Phrases& phrases) {
    for (const auto& phrase : phrases) {
      const std::size_t place = PlaceOf(phrase.words);
      held_[place / 64] |= std::uint64_t{1} << (place % 64);
    }
  }
  // words: one or more.
  constexpr bool MayHold(std::string_view words) const {
    const std::size_t place = PlaceOf(words);
    return (held_[place / 64] >> (place % 64) & 1U) != 0;
  }

 private:
  static constexpr std::size_t kPlaces = 1U << 13;
  static constexpr std::size_t PlaceOf(std::string_view words) {
    std::uint32_t hash = 0;
    for (const char c : words.substr(0, words.find(' '))) {
      hash = hash * 31 + static_cast<unsigned char>(c);
    }
    return (hash ^ (hash >> 13U)) % kPlaces;
  }
  std::array<std::uint64_t, kPlaces / 64> held_{};
};

// phrases: .words and .kind, in the order of their bytes. A blank is the least byte in them,
// so what goes on with another word stands right behind.
template <typename Phrases>
auto FindRun(const Phrases& phrases, std::string_view words) {
  KnownRun<decltype(phrases[0].kind)> run;
  auto found = std::lower_bound(
      phrases.begin(), phrases.end(), words,
      [](const auto& phrase, std::string_view wanted) { return phrase.words < wanted; });
  if (found != phrases.end() && found->words == words) run.kind = (found++)->kind;
  run.goes_on = found != phrases.end() && found->words.size() > words.size() &&
                found->words.starts_with(words) && found->words[words.size()] == ' ';
  return run;
}

// words: as WordsOfText makes them. sink(kind, phrase) for each phrase that find knows.
template <typename Kind, typename Sink>
void ForEachPhrase(std::span<const std::string> words, KnownRun<Kind> (*find)(std::string_view),
                   Sink sink) {
  std::string run;
  for (std::size_t begin = 0; begin < words.size(); ++begin) {
    run = words[begin];
    KnownRun<Kind> known = find(run);
    std::optional<Kind> kind = known.kind;
    std::size_t length = run.size();
    for (std::size_t i = begin + 1; known.goes_on && i < words.size(); ++i) {
      run.append(1, ' ').append(words[i]);
      known = find(run);
      if (!known.kind) continue;
      kind = known.kind;
      length = run.size();
    }
    if (kind) sink(*kind, run.substr(0, length));
  }
}

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_PHRASE_RUNS_H_
