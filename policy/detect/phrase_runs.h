// SPDX-License-Identifier: Apache-2.0
// Finds known phrases among words: at each word the longest one that begins there.
#ifndef CLAWBACK_POLICY_DETECT_PHRASE_RUNS_H_
#define CLAWBACK_POLICY_DETECT_PHRASE_RUNS_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clawback {

// words: as WordsOfText makes them. sink(kind, phrase) for each phrase of at most longest
// words that kind_of knows.
template <typename Kind, typename Sink>
void ForEachPhrase(const std::vector<std::string>& words, std::size_t longest,
                   std::optional<Kind> (*kind_of)(std::string_view), Sink sink) {
  for (std::size_t begin = 0; begin < words.size(); ++begin) {
    std::string run;
    std::size_t known = 0;
    std::optional<Kind> kind;
    for (std::size_t i = begin; i < std::min(begin + longest, words.size()); ++i) {
      if (i > begin) run += ' ';
      run += words[i];
      if (const auto of_run = kind_of(run)) {
        kind = of_run;
        known = run.size();
      }
    }
    if (kind) sink(*kind, run.substr(0, known));
  }
}

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_PHRASE_RUNS_H_
