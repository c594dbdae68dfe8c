// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/stored_copy.h"

#include <algorithm>
#include <array>
#include <map>

#include "tests/practice/mime_changes.h"
#include "tests/practice/raw_headers.h"
#include "tests/practice/text.h"

namespace clawback::practice {
namespace {

const std::map<std::string, CopyChange> kNames = {
    {"strip-internal-headers", CopyChange::kStripInternalHeaders},
    {"reorder-headers", CopyChange::kReorderHeaders},
    {"refold-headers", CopyChange::kRefoldHeaders},
    {"new-boundaries", CopyChange::kNewBoundaries},
    {"reencode-transfer", CopyChange::kReencodeTransfer},
    {"text-to-utf8", CopyChange::kTextToUtf8},
    {"disclaimer", CopyChange::kDisclaimer},
    {"external-banner", CopyChange::kExternalBanner},
    {"rewrite-links", CopyChange::kRewriteLinks}};

// The order in which Exchange writes what it keeps as properties; hops and verdicts
// go first, everything else follows in its own order.
constexpr std::array kOrder = {
    "From", "Sender",     "To",          "CC",         "Reply-To",        "Subject",
    "Date", "Message-ID", "In-Reply-To", "References", "Content-Language"};
constexpr std::array kFirst = {"Received", "Authentication-Results", "Received-SPF",
                               "DKIM-Signature", "ARC-"};
constexpr std::array kLast = {"Content-", "MIME-Version"};

int Rank(const RawField& field) {
  for (const char* name : kFirst) {
    if (BeginsWith(field.name, name)) return 0;
  }
  for (size_t i = 0; i < kOrder.size(); ++i) {
    if (EqualIgnoringCase(field.name, kOrder[i])) return 1 + static_cast<int>(i);
  }
  for (const char* name : kLast) {
    if (BeginsWith(field.name, name)) return 200;
  }
  return 100;
}

bool IsInternal(const RawField& field) {
  return BeginsWith(field.name, "X-MS-Exchange-Organization-") ||
         BeginsWith(field.name, "X-MS-Exchange-Forest-");
}

// Folds anew before white space at 76 columns, never within a quoted string.
std::string Refolded(const RawField& field) {
  constexpr size_t kWidth = 76;
  std::string out = field.name + ":";
  size_t column = out.size();
  bool quoted = false;
  const std::string value = Value(field);
  if (!value.empty()) out += ' ';
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '"' && (i == 0 || value[i - 1] != '\\')) quoted = !quoted;
    const bool space = c == ' ' || c == '\t';
    const size_t next = value.find_first_of(" \t", i + 1);
    const size_t word = (next == value.npos ? value.size() : next) - i;
    if (space && !quoted && column + word > kWidth) {
      out += "\r\n";  // the blank stays: it may be part of an id
      out += c;
      column = 1;
    } else {
      out += c;
      ++column;
    }
  }
  return out + "\r\n";
}

}  // namespace

Result<CopyChanges> CopyChangesFrom(const std::vector<std::string>& names) {
  CopyChanges changes = {CopyChange::kStripInternalHeaders};
  for (const std::string& name : names) {
    const auto found = kNames.find(name);
    if (found == kNames.end()) {
      return Error{ErrorKind::kInvalid, "changes: \"" + name + "\" is not known"};
    }
    changes.insert(found->second);
  }
  return changes;
}

std::vector<std::string> CopyChangeNames() {
  std::vector<std::string> names;
  names.reserve(std::size(kNames));
  for (const auto& [name, change] : kNames) names.push_back(name);
  return names;
}

CopyChanges UsualCopyChanges() {
  return {CopyChange::kStripInternalHeaders, CopyChange::kReorderHeaders,
          CopyChange::kRefoldHeaders,        CopyChange::kNewBoundaries,
          CopyChange::kReencodeTransfer,     CopyChange::kTextToUtf8};
}

std::string StoredCopy(std::string_view internal_form, const CopyChanges& changes) {
  RawMessage message = SplitHeaders(ChangeMime(internal_form, changes));
  std::erase_if(message.fields, IsInternal);
  if (changes.contains(CopyChange::kReorderHeaders)) {
    std::stable_sort(message.fields.begin(), message.fields.end(),
                     [](const RawField& a, const RawField& b) { return Rank(a) < Rank(b); });
  }
  if (changes.contains(CopyChange::kRefoldHeaders)) {
    for (RawField& field : message.fields) field.bytes = Refolded(field);
  }
  return Join(message);
}

}  // namespace clawback::practice
