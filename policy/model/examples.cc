// SPDX-License-Identifier: Apache-2.0
#include "policy/model/examples.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>

#include "policy/base/digest.h"

namespace clawback {
namespace {

constexpr std::string_view kMagic = "clawback-examples 1";
constexpr std::size_t kContent = kMagic.size() + sizeof(Digest);

static_assert(std::endian::native == std::endian::little, "files of examples are little-endian");

void AppendNumber(std::size_t number, std::string* out) {
  const auto value = static_cast<std::uint32_t>(number);
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out->append(bytes, sizeof bytes);
}

void AppendText(std::string_view text, std::string* out) {
  AppendNumber(text.size(), out);
  out->append(text);
}

std::map<std::string, std::size_t> SourcesOf(std::span<const Example> examples) {
  std::map<std::string, std::size_t> sources;
  for (const Example& example : examples) sources.emplace(example.source, 0);
  std::size_t number = 0;
  for (auto& [name, index] : sources) index = number++;
  return sources;
}

// Takes what it is asked for off the front; whole() is false once there was less.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : rest_(bytes) {}
  bool whole() const { return whole_; }
  bool empty() const { return rest_.empty(); }

  std::uint32_t Number() {
    std::uint32_t value = 0;
    const std::string_view bytes = Bytes(sizeof value);
    if (whole_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view Bytes(std::size_t size) {
    whole_ = whole_ && size <= rest_.size();
    if (!whole_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::vector<std::uint32_t> Numbers(std::size_t count) {
    const std::string_view bytes = Bytes(count * sizeof(std::uint32_t));
    std::vector<std::uint32_t> numbers(bytes.size() / sizeof(std::uint32_t));
    if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
  }

 private:
  std::string_view rest_;
  bool whole_ = true;
};

Error NoExamples(std::string_view why) {
  return {ErrorKind::kInvalid, "no examples to learn from: " + std::string(why)};
}

Result<std::vector<Example>> Take(Taker* taker) {
  std::vector<std::string> sources(std::min<std::size_t>(taker->Number(), 1U << 16));
  for (std::string& name : sources) name = taker->Bytes(taker->Number());
  std::vector<Example> examples;
  while (taker->whole() && !taker->empty()) {
    Example example;
    const std::uint32_t label = taker->Number(), source = taker->Number();
    const std::size_t content = taker->Number(), structure = taker->Number();
    if (label > static_cast<std::uint32_t>(MailLabel::kPhishing) || source >= sources.size()) {
      return NoExamples("a label or source that there is not");
    }
    example.label = static_cast<MailLabel>(label);
    example.source = sources[source];
    example.features.content = taker->Numbers(content);
    example.features.structure = taker->Numbers(structure);
    examples.push_back(std::move(example));
  }
  if (!taker->whole()) return NoExamples("it ends early");
  return examples;
}

}  // namespace

std::string WriteExamples(std::span<const Example> examples) {
  std::string content;
  const auto sources = SourcesOf(examples);
  AppendNumber(sources.size(), &content);
  for (const auto& [name, index] : sources) AppendText(name, &content);
  for (const Example& example : examples) {
    const FeatureVector& features = example.features;
    AppendNumber(static_cast<std::size_t>(example.label), &content);
    AppendNumber(sources.at(example.source), &content);
    AppendNumber(features.content.size(), &content);
    AppendNumber(features.structure.size(), &content);
    for (const std::uint32_t feature : features.content) AppendNumber(feature, &content);
    for (const std::uint32_t feature : features.structure) AppendNumber(feature, &content);
  }
  const Digest digest = Sha256Of(content);
  std::string out(kMagic);
  out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  return out.append(content);
}

Result<std::vector<Example>> ReadExamples(std::string_view bytes) {
  if (bytes.size() < kContent || !bytes.starts_with(kMagic)) {
    return NoExamples("it does not begin with \"" + std::string(kMagic) + '"');
  }
  const Digest digest = Sha256Of(bytes.substr(kContent));
  if (std::memcmp(digest.data(), bytes.data() + kMagic.size(), digest.size()) != 0) {
    return NoExamples("its digest does not fit: it is damaged");
  }
  Taker taker(bytes.substr(kContent));
  return Take(&taker);
}

}  // namespace clawback
