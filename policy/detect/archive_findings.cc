// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/archive_findings.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "policy/base/text.h"
#include "policy/message/parse/charset.h"

namespace clawback {
namespace {

struct Meaning {
  ArchiveTrouble trouble;
  std::string_view reason, says;
};

constexpr Meaning kMeanings[] = {
    {ArchiveTrouble::kUnreadable, "archive-unreadable", "cannot be read"},
    {ArchiveTrouble::kEncrypted, "archive-encrypted", "is encrypted"},
    {ArchiveTrouble::kTooManyEntries, "archive-too-many-entries", "has too many entries"},
    {ArchiveTrouble::kTooDeep, "archive-too-deep", "is an archive in too many archives"},
    {ArchiveTrouble::kRatio, "archive-ratio", "unpacks to more than 100 times its size"},
    {ArchiveTrouble::kTooLarge, "archive-too-large", "unpacks to more than is looked at"},
    {ArchiveTrouble::kWork, "archive-work", "takes too much work to unpack"},
};

constexpr double kWithPassword = 0.6;

// Folded as FoldForComparison does.
constexpr std::array<std::string_view, 21> kPasswordWords = {
    "password", "passwort", "kennwort",   "passcode", "passphrase",   "pass code",  "pwd",
    "pass:",    "pw:",      "pin:",       "lösenord", "mot de passe", "contraseña", "senha",
    "parola",   "hasło",    "wachtwoord", "пароль",   "密码",         "密碼",       "パスワード"};
constexpr std::array<std::string_view, 9> kIs = {":",     "=",    "：",  " is ", " ist ",
                                                 " est ", " es ", " è ", " är "};
constexpr std::size_t kReach = 48;  // from the word to what says "is"
constexpr std::size_t kMaxPassword = 64;

bool LooksLikePassword(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n\"'`*_");
  if (begin == std::string_view::npos) return false;
  text = text.substr(begin, kMaxPassword);
  text = text.substr(0, text.find_first_of(" \t\r\n\"'`<"));
  if (text.size() < 3) return false;
  // "the password is sent in another mail": a word is none.
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// after: what follows a word for password.
bool PasswordFollows(std::string_view after) {
  const std::string_view near = after.substr(0, kReach);
  for (const std::string_view is : kIs) {
    const std::size_t at = near.find(is);
    if (at != std::string_view::npos && LooksLikePassword(after.substr(at + is.size()))) {
      return true;
    }
  }
  return false;
}

bool TellsPasswordIn(std::string_view text) {
  constexpr std::size_t kLook = 64UL << 10;
  const std::string folded = FoldForComparison(CutUtf8(text, kLook));
  const std::string_view view = folded;
  for (const std::string_view word : kPasswordWords) {
    for (std::size_t at = view.find(word); at != std::string_view::npos;
         at = view.find(word, at + word.size())) {
      // "pass:" ends in what says "is".
      const std::size_t end = at + word.size() - (word.back() == ':' ? 1 : 0);
      if (PasswordFollows(view.substr(end))) return true;
    }
  }
  return false;
}

}  // namespace

Finding TroubleFinding(ArchiveTrouble trouble, const std::string& place) {
  const auto* const meaning = std::find_if(std::begin(kMeanings), std::end(kMeanings),
                                           [&](const Meaning& m) { return m.trouble == trouble; });
  return {std::string(meaning->reason), Indication::kLimit, 1, std::string(meaning->says), place};
}

bool TellsPassword(const Message& message) {
  return TellsPasswordIn(message.plain_text) || TellsPasswordIn(message.html_text) ||
         TellsPasswordIn(message.subject);
}

Finding PasswordFinding(const std::string& place) {
  return {"archive-encrypted-with-password", Indication::kMalware, kWithPassword,
          "is encrypted, and the message tells a password", place};
}

}  // namespace clawback
