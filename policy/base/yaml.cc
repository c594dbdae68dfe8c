// SPDX-License-Identifier: Apache-2.0
#include "policy/base/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>
#include <optional>
#include <sstream>
#include <system_error>
#include <tuple>

#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxFileBytes = 4U << 20;

struct Unit {
  std::string_view suffix;
  std::int64_t factor;
};
constexpr Unit kSizeUnits[] = {{"", 1}, {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}};
constexpr Unit kDurationUnits[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

// A number and one of the units; nullopt for anything else, or too large a product.
template <std::size_t N>
std::optional<std::int64_t> ParseWithUnit(std::string_view text, const Unit (&units)[N]) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  const std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& unit : units) {
    if (unit.suffix != suffix) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

// The value in its greatest whole unit: 167772160 is "160MiB".
template <std::size_t N>
std::string FormatWithUnit(std::int64_t value, const Unit (&units)[N]) {
  const Unit* best = &units[0];
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) best = &unit;
  }
  return fmt::format("{}{}", value / best->factor, best->suffix);
}

// Levenshtein distance, one row at a time.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

std::string Join(const std::vector<std::string_view>& words) {
  std::string joined;
  for (const std::string_view word : words) {
    if (!joined.empty()) joined += ", ";
    joined += word;
  }
  return joined;
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

struct Document {
  std::string file;
  std::vector<ConfigFault> faults;

  void Add(const YAML::Mark& mark, std::string what) {
    const bool known = !mark.is_null();
    faults.push_back(
        {file, known ? mark.line + 1 : 0, known ? mark.column + 1 : 0, std::move(what)});
  }
};

struct Entry {
  std::string key;
  YAML::Mark key_mark;
  YAML::Node value;
  bool asked = false;

  // An empty value ("key:") has no place of its own.
  YAML::Mark mark() const {
    return value.IsNull() || value.Mark().is_null() ? key_mark : value.Mark();
  }
};

}  // namespace

struct YamlMap::State {
  Document* document = nullptr;
  YAML::Mark mark;
  std::vector<Entry> entries;
  std::vector<std::string> known;  // every key that was asked for

  static std::unique_ptr<State> Of(Document* document, const YAML::Node& node,
                                   const YAML::Mark& mark);
  const Entry* Find(std::string_view key) const;
  // The entry of key, or nullptr where it is absent (a fault if it is required).
  const Entry* Ask(std::string_view key, std::string_view expected, Presence presence);
  std::optional<std::string> AskText(std::string_view key, std::string_view expected,
                                     Presence presence);
  std::string Nearest(std::string_view key) const;
  void RefuseUnknown();
};

std::unique_ptr<YamlMap::State> YamlMap::State::Of(Document* document, const YAML::Node& node,
                                                   const YAML::Mark& mark) {
  auto state = std::make_unique<State>();
  state->document = document;
  state->mark = mark;
  for (const auto& pair : node) {
    if (!pair.first.IsScalar()) {
      document->Add(pair.first.Mark(), "a key that is no text, expected a name");
      continue;
    }
    const std::string& key = pair.first.Scalar();
    if (const Entry* first = state->Find(key)) {
      document->Add(pair.first.Mark(), fmt::format("key \"{}\" twice, first in line {}", key,
                                                   first->key_mark.line + 1));
      continue;
    }
    state->entries.push_back({key, pair.first.Mark(), pair.second});
  }
  return state;
}

const Entry* YamlMap::State::Find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

const Entry* YamlMap::State::Ask(std::string_view key, std::string_view expected,
                                 Presence presence) {
  known.emplace_back(key);
  for (Entry& entry : entries) {
    if (entry.key != key) continue;
    entry.asked = true;
    if (!entry.value.IsNull()) return &entry;
    document->Add(entry.mark(), fmt::format("\"{}\" is empty, expected {}", key, expected));
    return nullptr;
  }
  if (presence == Presence::kRequired) {
    document->Add(mark, fmt::format("\"{}\" is missing, expected {}", key, expected));
  }
  return nullptr;
}

std::optional<std::string> YamlMap::State::AskText(std::string_view key, std::string_view expected,
                                                   Presence presence) {
  const Entry* entry = Ask(key, expected, presence);
  if (entry == nullptr) return std::nullopt;
  if (!entry->value.IsScalar()) {
    document->Add(entry->mark(), fmt::format("\"{}\": expected {}", key, expected));
    return std::nullopt;
  }
  return entry->value.Scalar();
}

// The known name that key is most likely a slip of, or "".
std::string YamlMap::State::Nearest(std::string_view key) const {
  std::string nearest;
  std::size_t best = std::max<std::size_t>(2, key.size() / 3) + 1;
  for (const std::string& name : known) {
    const std::size_t distance = EditDistance(key, name);
    if (distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

void YamlMap::State::RefuseUnknown() {
  for (const Entry& entry : entries) {
    if (entry.asked) continue;
    const std::string nearest = Nearest(CutUtf8(entry.key, 100));
    const std::string expected = nearest.empty()
                                     ? "expected one of " + Join({known.begin(), known.end()})
                                     : fmt::format("expected \"{}\"?", nearest);
    document->Add(entry.key_mark, fmt::format("unknown key \"{}\", {}",
                                              std::string(CutUtf8(entry.key, 100)), expected));
  }
}

std::string ToString(const ConfigFault& fault) {
  if (fault.line == 0) return fmt::format("{}: {}", fault.file, fault.what);
  return fmt::format("{}:{}:{}: {}", fault.file, fault.line, fault.column, fault.what);
}

YamlMap::YamlMap(std::unique_ptr<State> state) : state_(std::move(state)) {}

YamlMap::~YamlMap() { state_->RefuseUnknown(); }

void YamlMap::String(std::string_view key, std::string* out, Presence presence) {
  const auto text = state_->AskText(key, "text", presence);
  if (!text) return;
  if (std::any_of(text->begin(), text->end(), IsControl)) {
    return Fault(key, fmt::format("\"{}\": expected text without control characters", key));
  }
  if (text->empty() && presence == Presence::kRequired) {
    return Fault(key, fmt::format("\"{}\" is empty, expected text", key));
  }
  *out = *text;
}

void YamlMap::Strings(std::string_view key, std::vector<std::string>* out, Presence presence) {
  const Entry* entry = state_->Ask(key, "a list of texts", presence);
  if (entry == nullptr) return;
  if (!entry->value.IsSequence()) {
    return Fault(key, fmt::format("\"{}\": expected a list of texts", key));
  }
  std::vector<std::string> texts;
  for (const YAML::Node& item : entry->value) {
    const bool text = item.IsScalar() && !item.Scalar().empty() &&
                      std::none_of(item.Scalar().begin(), item.Scalar().end(), IsControl);
    if (!text) {
      const bool placed = !item.Mark().is_null() && !item.IsNull();
      state_->document->Add(placed ? item.Mark() : entry->mark(),
                            fmt::format("\"{}\": expected a list of texts", key));
    }
    texts.push_back(text ? item.Scalar() : "");
  }
  if (texts.empty() && presence == Presence::kRequired) {
    return Fault(key, fmt::format("\"{}\" is empty, expected a list of texts", key));
  }
  *out = std::move(texts);
}

void YamlMap::Integer(std::string_view key, std::int64_t* out, std::int64_t min, std::int64_t max,
                      Presence presence) {
  const std::string expected = fmt::format("a number from {} to {}", min, max);
  const auto text = state_->AskText(key, expected, presence);
  if (!text) return;
  std::int64_t number = 0;
  const char* last = text->data() + text->size();
  const auto [end, error] = std::from_chars(text->data(), last, number);
  if (error != std::errc() || end != last || number < min || number > max) {
    return Fault(key, fmt::format("\"{}\": expected {}", key, expected));
  }
  *out = number;
}

void YamlMap::Size(std::string_view key, std::int64_t* out, std::int64_t min, std::int64_t max,
                   Presence presence) {
  const std::string expected =
      fmt::format("a size such as 64KiB or 160MiB, from {} to {}", FormatWithUnit(min, kSizeUnits),
                  FormatWithUnit(max, kSizeUnits));
  const auto text = state_->AskText(key, expected, presence);
  if (!text) return;
  const auto bytes = ParseWithUnit(*text, kSizeUnits);
  if (!bytes || *bytes < min || *bytes > max) {
    return Fault(key, fmt::format("\"{}\": expected {}", key, expected));
  }
  *out = *bytes;
}

void YamlMap::Bool(std::string_view key, bool* out, Presence presence) {
  const auto text = state_->AskText(key, "true or false", presence);
  if (!text) return;
  if (*text != "true" && *text != "false") {
    return Fault(key, fmt::format("\"{}\": expected true or false", key));
  }
  *out = *text == "true";
}

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  const auto count = ParseWithUnit(text, kDurationUnits);
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(*count);
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  return FormatWithUnit(duration.count(), kDurationUnits);
}

void YamlMap::Duration(std::string_view key, std::chrono::milliseconds* out,
                       std::chrono::milliseconds min, std::chrono::milliseconds max,
                       Presence presence) {
  const std::string expected = fmt::format(
      "a duration such as 250ms, 15s, 10m, 48h or 30d, "
      "from {} to {}",
      FormatDuration(min), FormatDuration(max));
  const auto text = state_->AskText(key, expected, presence);
  if (!text) return;
  const auto duration = ParseDuration(*text);
  if (!duration || *duration < min || *duration > max) {
    return Fault(key, fmt::format("\"{}\": expected {}", key, expected));
  }
  *out = *duration;
}

int YamlMap::Choice(std::string_view key, const std::vector<std::string_view>& words,
                    Presence presence) {
  const std::string expected = "one of " + Join(words);
  const auto text = state_->AskText(key, expected, presence);
  if (!text) return -1;
  const auto found = std::find(words.begin(), words.end(), *text);
  if (found != words.end()) return static_cast<int>(found - words.begin());
  Fault(key, fmt::format("\"{}\": expected {}", key, expected));
  return -1;
}

void YamlMap::Map(std::string_view key, const std::function<void(YamlMap&)>& read,
                  Presence presence) {
  const Entry* entry = state_->Ask(key, "a mapping", presence);
  if (entry == nullptr) return;
  if (!entry->value.IsMap()) return Fault(key, fmt::format("\"{}\": expected a mapping", key));
  YamlMap inner(State::Of(state_->document, entry->value, entry->mark()));
  read(inner);
}

void YamlMap::List(std::string_view key, const std::function<void(YamlMap&)>& read,
                   Presence presence) {
  const Entry* entry = state_->Ask(key, "a list of mappings", presence);
  if (entry == nullptr) return;
  const std::string expected = fmt::format("\"{}\": expected a list of mappings", key);
  if (!entry->value.IsSequence()) return Fault(key, expected);
  if (entry->value.size() == 0 && presence == Presence::kRequired) return Fault(key, expected);
  for (const YAML::Node& item : entry->value) {
    const bool placed = !item.Mark().is_null() && !item.IsNull();
    const YAML::Mark mark = placed ? item.Mark() : entry->mark();
    if (!item.IsMap()) {
      state_->document->Add(mark, expected);
      continue;
    }
    YamlMap inner(State::Of(state_->document, item, mark));
    read(inner);
  }
}

void YamlMap::Fault(std::string_view key, std::string what) {
  const Entry* entry = state_->Find(key);
  state_->document->Add(entry != nullptr ? entry->mark() : state_->mark, std::move(what));
}

void YamlMap::Fault(std::string_view key, std::size_t index, std::string what) {
  const Entry* entry = state_->Find(key);
  if (entry == nullptr || !entry->value.IsSequence() || index >= entry->value.size()) {
    return Fault(key, std::move(what));
  }
  state_->document->Add(entry->value[index].Mark(), std::move(what));
}

bool YamlMap::Has(std::string_view key) const { return state_->Find(key) != nullptr; }

std::string YamlMap::Where(std::string_view key) const {
  const Entry* entry = state_->Find(key);
  const YAML::Mark mark = entry != nullptr ? entry->mark() : state_->mark;
  return fmt::format("{}:{}", state_->document->file, mark.line + 1);
}

namespace {

// yaml-cpp takes byte 4 for the end of its input and would leave the rest unread,
// so what YAML 1.2 section 5.1 forbids is refused before it sees the text.
std::optional<YAML::Mark> FirstForbidden(std::string_view text) {
  YAML::Mark mark;
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    const bool white = text[0] == '\n' || text[0] == '\r' || text[0] == '\t';
    if (character.bytes == 0 || (IsControl(text[0]) && !white)) return mark;
    mark.pos += static_cast<int>(character.bytes);
    mark.column = text[0] == '\n' ? 0 : mark.column + 1;
    mark.line += text[0] == '\n' ? 1 : 0;
    text.remove_prefix(character.bytes);
  }
  return std::nullopt;
}

// Takes a document's events and keeps only where it began.
class StartOfDocument final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { mark_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
  const YAML::Mark& mark() const { return mark_; }

 private:
  YAML::Mark mark_;
};

// What stands behind the first document would be left unread. YAML::LoadAll is no
// way to see it: at a stray "," it makes empty documents until memory ends.
std::optional<YAML::Mark> WhereMoreFollows(std::string_view text) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  StartOfDocument document;
  if (!parser.HandleNextDocument(document) || !parser) return std::nullopt;
  if (!parser.HandleNextDocument(document)) return std::nullopt;
  return document.mark();
}

void SortByPlace(std::vector<ConfigFault>* faults) {
  std::stable_sort(faults->begin(), faults->end(), [](const auto& a, const auto& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
}

}  // namespace

std::vector<ConfigFault> ReadYamlText(std::string_view text, const std::string& file,
                                      const std::function<void(YamlMap&)>& read) {
  Document document{file, {}};
  if (text.size() > kMaxFileBytes) {
    return {{file, 0, 0, fmt::format("{} bytes, expected at most 4MiB", text.size())}};
  }
  if (const auto mark = FirstForbidden(text)) {
    document.Add(*mark, "expected UTF-8 text without control characters");
    return document.faults;
  }
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    if (const auto mark = WhereMoreFollows(text)) {
      document.Add(*mark, "expected nothing after the first document");
    }
    if (!root.IsMap() && !root.IsNull()) {
      document.Add(root.Mark(), "expected a mapping of keys to values");
    } else {
      YamlMap map(YamlMap::State::Of(&document, root, root.IsMap() ? root.Mark() : YAML::Mark()));
      read(map);
    }
  } catch (const YAML::Exception& error) {
    document.Add(error.mark, error.msg + ", expected YAML");
  }
  SortByPlace(&document.faults);
  return document.faults;
}

Result<std::string> ReadConfigBytes(const std::string& path) {
  const auto unreadable = [](const std::error_code& why) {
    return Error{ErrorKind::kRefused, "cannot be read: " + why.message()};
  };
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return Error{ErrorKind::kNotFound, "no such file"};
  }
  // Such as a folder that may not be searched: whether it is there is not known.
  if (!std::filesystem::status_known(status)) return unreadable(error);
  // A pipe or device would be read for ever.
  if (!std::filesystem::is_regular_file(status)) {
    return Error{ErrorKind::kInvalid, "expected a regular file"};
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return unreadable({errno, std::generic_category()});
  std::string bytes(kMaxFileBytes + 1, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (stream.bad() || (stream.fail() && !stream.eof())) {
    return Error{ErrorKind::kRefused, "cannot be read"};
  }
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  if (bytes.size() > kMaxFileBytes) {
    return Error{ErrorKind::kInvalid, "over 4MiB, expected a smaller file"};
  }
  return bytes;
}

std::vector<ConfigFault> ReadYamlFile(const std::string& path,
                                      const std::function<void(YamlMap&)>& read) {
  const auto bytes = ReadConfigBytes(path);
  if (!bytes.ok()) return {{path, 0, 0, bytes.error().what}};
  return ReadYamlText(*bytes, path, read);
}

}  // namespace clawback
