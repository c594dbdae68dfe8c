// SPDX-License-Identifier: Apache-2.0
// Names of features, so that evidence can be read: "word:...", "words:..." (two in a
// row), "run:..." (of letters), "subject:...", "sender:...", "sender-run:...", "link:...",
// "part:...", "shape:...", "finding:...".
#include "policy/model/parse/features_of.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "policy/base/text.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/file_name.h"
#include "policy/message/parse/words.h"

namespace clawback {
namespace {

constexpr std::size_t kTextBytes = 48UL << 10;
constexpr std::size_t kWords = 1200;
constexpr std::size_t kLetters = 1500;  // bytes of words that runs are taken from
constexpr std::size_t kRun = 5;
constexpr std::size_t kFewestWords = 12;
constexpr std::size_t kSubjectWords = 40;
constexpr std::size_t kNameWords = 12;
constexpr std::size_t kNameRun = 4;
constexpr std::size_t kLinks = 100;
constexpr std::size_t kParts = 50;
constexpr std::size_t kPathWords = 12;

// "", "1", "2-3", "4-7" ...: by powers of two.
std::string Magnitude(std::size_t count) {
  std::size_t power = 0;
  while (count != 0) {
    count /= 2;
    ++power;
  }
  return std::to_string(power);
}

// What a name begins with; hashed when this is compiled.
struct Kind {
  // Implicit, so that a call names its kind by the literal alone: Content("word:", word).
  consteval Kind(const char* the_text)  // NOLINT(google-explicit-constructor)
      : text(the_text), hasher(text) {}
  std::string_view text;
  FeatureHasher hasher;
};

// sink(group, kind, name): the feature's name is both in a row. Names are put together only
// where somebody wants to read them.
template <typename Sink>
class Extractor {
 public:
  Extractor(const Message& message, Sink sink) : message_(message), sink_(std::move(sink)) {}

  void Run(const std::vector<Finding>& findings) {
    Subject();
    Text();
    Sender();
    Links();
    Parts();
    for (const Finding& finding : findings) {
      // What Exchange said is a finding of its own, and not everybody's mail has it.
      if (finding.reason.rfind("exchange-", 0) != 0) Structure("finding:", finding.reason);
    }
  }

 private:
  void Content(const Kind& kind, std::string_view name) {
    sink_(FeatureGroup::kContent, kind, name);
  }
  void Structure(const Kind& kind, std::string_view name) {
    sink_(FeatureGroup::kStructure, kind, name);
  }

  // Each word, and each two in a row.
  void Words(std::span<const std::string> words) {
    std::string two;
    for (std::size_t i = 0; i < words.size(); ++i) {
      Content("word:", words[i]);
      if (i == 0) continue;
      two.assign(words[i - 1]).append(1, ' ').append(words[i]);
      Content("words:", two);
    }
  }

  void Subject() {
    const auto words = WordsOfText(CutUtf8(message_.subject, 2048), kSubjectWords);
    words_ += words.size();
    for (const std::string& word : words) Content("subject:", word);
    Words(words);
    Structure("shape:subject ", Magnitude(words.size()));
  }

  void Text() {
    const std::string_view seen = CutUtf8(message_.SeenText(), kTextBytes);
    const bool whole = seen.size() == message_.SeenText().size();
    const std::vector<std::string> cut =
        whole ? std::vector<std::string>() : WordsOfText(seen, kWords);
    const std::span<const std::string> all = whole ? message_.words : cut;
    const auto words = all.first(std::min(all.size(), kWords));
    words_ += words.size();
    Words(words);
    Letters(words);
    Structure("shape:words ", Magnitude(words.size()));
    if (seen.find("\xF0\x9F") != std::string_view::npos) Structure("shape:", "pictographs");
  }

  // Runs of bytes across the words of the beginning: inflections, disguised words and
  // languages without blanks look alike in them.
  void Letters(std::span<const std::string> words) {
    if (words.size() < kFewestWords) return;  // an opinion needs words, not pieces of a few
    std::string text;
    for (const std::string& word : words) {
      if (text.size() >= kLetters) break;
      text.append(word).append(" ");
    }
    for (std::size_t at = 0; at + kRun <= text.size(); ++at) {
      Content("run:", std::string_view(text).substr(at, kRun));
    }
  }

  void Sender() {
    if (message_.from.empty()) return Structure("sender:", "none");
    const Address& from = message_.from.front();
    Name(WordsOfText(CutUtf8(from.display_name, 512), kNameWords));
    const std::string domain = OrganisationalDomain(DomainOf(from.address));
    const std::size_t dot = domain.rfind('.');
    if (dot != std::string::npos) Structure("sender:", std::string_view(domain).substr(dot));
    const std::string_view local = std::string_view(from.address).substr(0, from.address.find('@'));
    for (const std::string& word : WordsOfText(CutUtf8(local, 64), 4)) Structure("mailbox:", word);
    const auto digits = static_cast<std::size_t>(
        std::count_if(local.begin(), local.end(), [](char c) { return c >= '0' && c <= '9'; }));
    if (digits >= 4) Structure("shape:", "digits in the sender's mailbox");
    if (message_.from.size() > 1) Structure("shape:", "several senders");
  }

  // Runs too, where there are words enough: a borrowed name is written with a letter more, or
  // another one.
  void Name(const std::vector<std::string>& words) {
    std::string name = " ";
    for (const std::string& word : words) {
      Content("sender:", word);
      name.append(word).append(" ");
    }
    if (words_ < kFewestWords) return;
    for (std::size_t at = 0; at + kNameRun <= name.size(); ++at) {
      Content("sender-run:", std::string_view(name).substr(at, kNameRun));
    }
  }

  void Links() {
    std::string own;
    if (!message_.from.empty()) own = OrganisationalDomain(DomainOf(message_.from.front().address));
    std::set<std::string> seen;
    for (const Link& link : message_.links) {
      if (seen.size() >= kLinks) break;
      if (!seen.insert(link.target).second) continue;
      One(link, own);
    }
    Structure("shape:links ", Magnitude(std::min(message_.links.size(), kLinks)));
  }

  void One(const Link& link, const std::string& own) {
    const std::string host = HostOf(link.target);
    for (const std::string& word : WordsOfText(CutUtf8(link.text, 256), 8)) {
      Content("button:", word);
    }
    if (host.empty()) {
      return Structure("link:", LowerAscii(link.target.substr(
                                    0, std::min<std::size_t>(link.target.find(':'), 12))));
    }
    const std::string organisation = OrganisationalDomain(host);
    Structure("link:", organisation == own ? "to the sender's domain" : "to another domain");
    const std::size_t dot = organisation.rfind('.');
    if (dot != std::string::npos) Structure("link:", std::string_view(organisation).substr(dot));
    Structure("link:", CutUtf8(organisation, 80));
    Path(std::string_view(link.target)
             .substr(std::min(link.target.find(host) == std::string::npos
                                  ? link.target.size()
                                  : link.target.find(host) + host.size(),
                              link.target.size())));
  }

  void Path(std::string_view path) {
    path = path.substr(0, 512);
    const std::string_view file = path.substr(0, path.find_first_of("?#"));
    const std::size_t dot = file.rfind('.');
    if (dot != std::string_view::npos && file.size() - dot <= 6) {
      Structure("link:file ", LowerAscii(file.substr(dot)));
    }
    for (const std::string& word : WordsOfText(file, kPathWords)) {
      if (word.size() <= 16 && word.find('#') == std::string::npos) Structure("path:", word);
    }
    Structure("shape:path ", Magnitude(path.size()));
  }

  void Parts() {
    const std::size_t count = std::min(message_.parts.size(), kParts);
    for (std::size_t i = 0; i < count; ++i) {
      const MessagePart& part = message_.parts[i];
      // Whether mail is HTML or text tells its time, and nothing else.
      if (part.type.rfind("text/", 0) != 0 && part.type.rfind("multipart/", 0) != 0) {
        Structure("part:", CutUtf8(part.type, 80));
      }
      const std::string extension = Extension(part.file_name);
      if (!extension.empty() && extension.size() <= 8) Structure("file:", extension);
      for (const std::string& word : WordsOfText(CutUtf8(part.file_name, 128), 6)) {
        Content("file:", word);
      }
    }
    if (message_.html_text.empty() && message_.plain_text.empty()) Structure("shape:", "no text");
  }

  const Message& message_;
  Sink sink_;
  std::size_t words_ = 0;  // of subject and text
};

template <typename Sink>
void Extract(const Message& message, const std::vector<Finding>& findings, Sink sink) {
  Extractor<Sink>(message, std::move(sink)).Run(findings);
}

// By eleven bits at a time: thousands of hashes are sorted for every message.
void Sort(std::vector<std::uint32_t>* hashes) {
  constexpr unsigned kBits = 11;
  constexpr std::size_t kFew = 256;
  if (hashes->size() < kFew) return std::sort(hashes->begin(), hashes->end());
  std::vector<std::uint32_t> sorted(hashes->size());
  for (unsigned shift = 0; shift < 32; shift += kBits) {
    std::array<std::uint32_t, 1U << kBits> places{};
    const auto digit = [&](std::uint32_t hash) { return (hash >> shift) % places.size(); };
    for (const std::uint32_t hash : *hashes) ++places[digit(hash)];
    std::exclusive_scan(places.begin(), places.end(), places.begin(), 0U);
    for (const std::uint32_t hash : *hashes) sorted[places[digit(hash)]++] = hash;
    hashes->swap(sorted);
  }
}

void SortOnce(std::vector<std::uint32_t>* features) {
  Sort(features);
  features->erase(std::unique(features->begin(), features->end()), features->end());
}

// The names that spoke most for what the model says, heaviest first.
std::string Heaviest(const Message& message, const std::vector<Finding>& findings,
                     const LinearModel& model, int kind, const FeatureVector& features) {
  constexpr std::size_t kNames = 8;
  const double content =
      std::sqrt(static_cast<double>(std::max<std::size_t>(features.content.size(), 1)));
  const double structure =
      std::sqrt(static_cast<double>(std::max<std::size_t>(features.structure.size(), 1)));
  std::set<std::pair<double, std::string>> heaviest;
  const auto add = [&](FeatureGroup group, const Kind& front, std::string_view rest) {
    const double weight = model.WeightOf(kind, front.hasher.With(rest)) /
                          (group == FeatureGroup::kContent ? content : structure);
    if (weight <= 0) return;
    if (heaviest.size() == kNames && weight <= heaviest.begin()->first) return;
    heaviest.emplace(weight, CutUtf8(std::string(front.text).append(rest), 60));
    if (heaviest.size() > kNames) heaviest.erase(heaviest.begin());
  };
  Extract(message, findings, add);
  std::string text;
  for (auto at = heaviest.rbegin(); at != heaviest.rend(); ++at) {
    text += (text.empty() ? "" : ", ") + at->second;
  }
  return text;
}

}  // namespace

void ForEachFeature(const Message& message, const std::vector<Finding>& findings,
                    const FeatureSink& sink) {
  std::string whole;
  Extract(message, findings, [&](FeatureGroup group, const Kind& kind, std::string_view name) {
    whole.assign(kind.text).append(name);
    sink(group, whole);
  });
}

FeatureVector FeaturesOf(const Message& message, const std::vector<Finding>& findings) {
  FeatureVector features;
  features.content.reserve(2 * kWords + kLetters);
  Extract(message, findings, [&](FeatureGroup group, const Kind& kind, std::string_view name) {
    auto& list = group == FeatureGroup::kContent ? features.content : features.structure;
    list.push_back(kind.hasher.With(name));
  });
  SortOnce(&features.content);
  SortOnce(&features.structure);
  return features;
}

std::optional<Finding> OpinionOn(const Message& message, const std::vector<Finding>& findings,
                                 const LinearModel& model, OpinionWords words) {
  constexpr double kWorthAWord = 0.1;
  // Of a greeting and a name nothing can be said.
  constexpr std::size_t kFewest = 12;
  const FeatureVector features = FeaturesOf(message, findings);
  if (features.content.size() < kFewest) return std::nullopt;
  const Opinion opinion = model.Judge(features);
  if (opinion.weight < kWorthAWord) return std::nullopt;
  const int kind = opinion.phishing ? LinearModel::kPhishing : LinearModel::kSpam;
  std::string evidence = "model " + model.version();
  if (words == OpinionWords::kHeaviest) {
    evidence += ": " + Heaviest(message, findings, model, kind, features);
  }
  return Finding{opinion.phishing ? "model-phishing" : "model-spam",
                 opinion.phishing ? Indication::kPhishing : Indication::kSpam, opinion.weight,
                 std::move(evidence)};
}

}  // namespace clawback
