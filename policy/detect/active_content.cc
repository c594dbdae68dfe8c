// SPDX-License-Identifier: Apache-2.0
// Attachments that do something as soon as they are opened, and are no programs: pictures
// and pages whose script leads to a site or writes a page out of code, pages that put a
// command where the reader is to paste it from, and connections to a strange desktop.
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/file_name.h"
#include "policy/detect/internal_mail.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/message/parse/html_text.h"
#include "policy/message/parse/words.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"picture-with-script", "script-leads-on",
                                         "page-copies-command", "remote-desktop-file",
                                         "keys-to-run"};
constexpr double kPicture = 0.25;  // profiles of programs have scripts too
constexpr double kLeadsOn = 0.5;
constexpr double kCommand = 0.6;
constexpr double kKeys = 0.5;
constexpr double kDesktop = 0.3;
constexpr double kDesktopTakes = 0.5;  // the reader's own drives
constexpr std::size_t kBytes = 1UL << 20;
constexpr std::size_t kLongestScript = 256UL
                                       << 10;  // what draws a page is longer than what leads on
constexpr std::size_t kFewLetters = 200;       // a page with more to read is one to read
constexpr std::size_t kParts = 20;

bool HasAny(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

bool IsPicture(const MessagePart& part) {
  return part.type == "image/svg+xml" || Extension(part.file_name) == "svg";
}

bool IsAttachedPage(const MessagePart& part) {
  const std::string extension = Extension(part.file_name);
  if (part.type == "text/html") return part.attachment || !extension.empty();
  return extension == "htm" || extension == "html" || extension == "shtml" ||
         extension == "xhtml" || extension == "xht";
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The value of an attribute "on...", as elements have them for what is to be run.
std::string_view HandlerIn(std::string_view tag) {
  for (std::size_t at = tag.find("on"); at != std::string_view::npos; at = tag.find("on", at + 2)) {
    if (at == 0 || !(IsBlank(tag[at - 1]) || tag[at - 1] == '/')) continue;
    std::size_t end = at + 2;
    while (end < tag.size() && tag[end] >= 'a' && tag[end] <= 'z') ++end;
    const std::string_view behind = Trim(tag.substr(end, 64));
    if (end - at >= 5 && behind.starts_with('=')) return tag.substr(end);
  }
  return {};
}

// What a page (in small letters) runs: its script elements and handlers, without blanks.
std::string ScriptOf(std::string_view page) {
  std::string script;
  for (std::size_t at = page.find('<'); at != std::string_view::npos; at = page.find('<', at)) {
    const bool element = page.substr(at).starts_with("<script");
    const std::size_t end =
        std::min(element ? page.find("</script", at) : page.find('>', at), page.size());
    const std::string_view inside = page.substr(at, end - at);
    script.append(element ? inside : HandlerIn(inside));
    if (!script.empty() && script.back() != ';') script += ';';
    at = std::max(end, at + 1);
  }
  std::erase_if(script, IsBlank);
  return script;
}

// Sets where the window is, and does not ask for it ("==").
bool SetsLocation(std::string_view script) {
  constexpr std::array<std::string_view, 2> kCalls = {"location.replace(", "location.assign("};
  if (HasAny(script, kCalls)) return true;
  for (const std::string_view place : {"location=", "location.href="}) {
    for (std::size_t at = script.find(place); at != std::string_view::npos;
         at = script.find(place, at + 1)) {
      if (script.substr(at + place.size(), 1) != "=") return true;
    }
  }
  return false;
}

bool RunsCode(std::string_view script) {
  constexpr std::array<std::string_view, 4> kRuns = {"eval(", "document.write(", "newfunction(",
                                                     "innerhtml="};
  constexpr std::array<std::string_view, 4> kDecodes = {"atob(", "unescape(", "fromcharcode",
                                                        "decodeuricomponent("};
  return HasAny(script, kRuns) && HasAny(script, kDecodes);
}

// Puts into the clipboard what a shell would run.
bool CopiesCommand(std::string_view script) {
  constexpr std::array<std::string_view, 2> kCopies = {"clipboard.write", "execcommand("};
  constexpr std::array<std::string_view, 6> kShells = {"powershell", "mshta", "cmd/c",
                                                       "cmd.exe",    "|iex",  "curl-"};
  return HasAny(script, kCopies) && HasAny(script, kShells);
}

// A page inside of the picture.
bool HasFrame(std::string_view picture) {
  constexpr std::array<std::string_view, 4> kFrames = {"<iframe", "<form", "<embed", "<object"};
  return picture.find("<foreignobject") != std::string_view::npos && HasAny(picture, kFrames);
}

// Settings of a connection: lines such as "full address:s:host"; often in UTF-16.
std::string DesktopFile(const MessagePart& part) {
  if (Extension(part.file_name) != "rdp") return {};
  std::string text = LowerAscii(std::string_view(part.content).substr(0, 64UL << 10));
  std::erase(text, '\0');
  return text.find("full address:s:") == std::string::npos ? std::string() : text;
}

// The keys that open the field for a command, and those that paste one into it.
// Of a short letter: a long one tells tricks with keys of all kinds.
bool TellsKeysToRun(const std::vector<std::string>& words) {
  constexpr std::size_t kShortLetter = 300;  // words
  if (words.size() > kShortLetter) return false;
  constexpr std::array<std::string_view, 9> kOpens = {
      "win", "windows", "key", "taste", "touche", "tecla", "tasto", "toets", "klawisz"};
  constexpr std::array<std::string_view, 3> kPastes = {"ctrl", "strg", "control"};
  bool opens = false, pastes = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    opens = opens || (words[i] == "r" && std::ranges::find(kOpens, words[i - 1]) != kOpens.end());
    pastes =
        pastes || (words[i] == "v" && std::ranges::find(kPastes, words[i - 1]) != kPastes.end());
  }
  return opens && pastes;
}

class ActiveContentDetector : public Detector {
 public:
  std::string_view name() const override { return "active-content"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    const bool internal = IsInternal(message, context);
    if (!internal && !message.Header("List-Post") && TellsKeysToRun(message.words)) {
      findings->push_back({"keys-to-run", Indication::kPhishing, kKeys,
                           "the text says which keys run what was copied",
                           PlaceInText(message, message.SeenText(), [&](const MessagePart& part) {
                             return TellsKeysToRun(
                                 WordsOfText(message.TextOfPart(part), kMostWords));
                           })});
    }
    std::size_t read = 0;
    for (std::size_t i = 0; i < message.parts.size() && read < kParts; ++i) {
      const MessagePart& part = message.parts[i];
      const std::string place = PlaceOfPart(message, i);
      if (!internal) Desktop(part, place, findings);
      if (!IsPicture(part) && !IsAttachedPage(part)) continue;
      ++read;
      Page(part, place, findings);
    }
  }

 private:
  static void Desktop(const MessagePart& part, const std::string& place,
                      std::vector<Finding>* findings) {
    const std::string settings = DesktopFile(part);
    if (settings.empty()) return;
    const bool takes = settings.find("drivestoredirect:s:*") != std::string::npos;
    findings->push_back({"remote-desktop-file", Indication::kMalware,
                         takes ? kDesktopTakes : kDesktop,
                         std::string("it connects to another computer") +
                             (takes ? ", which gets the reader's drives" : ""),
                         place});
  }

  static void Page(const MessagePart& part, const std::string& place,
                   std::vector<Finding>* findings) {
    const std::string page = LowerAscii(std::string_view(part.content).substr(0, kBytes));
    const std::string script = ScriptOf(page);
    const bool picture = IsPicture(part);
    if (CopiesCommand(script)) {
      findings->push_back({"page-copies-command", Indication::kMalware, kCommand,
                           "it puts a command into the clipboard", place});
    }
    if (picture && !script.empty()) {
      findings->push_back({"picture-with-script", Indication::kPhishing, kPicture,
                           "it is a picture with a script", place});
    }
    if (!Leads(page, script, picture)) return;
    findings->push_back({"script-leads-on", Indication::kPhishing, kLeadsOn,
                         "its script leads to another page or writes one", place});
  }

  static bool Leads(std::string_view page, std::string_view script, bool picture) {
    if (picture && HasFrame(page)) return true;
    if (script.empty() || script.size() > kLongestScript) return false;
    if (!SetsLocation(script) && !RunsCode(script)) return false;
    return picture || ReadHtml(page, 0).seen_letters < kFewLetters;
  }
};

}  // namespace

std::unique_ptr<Detector> NewActiveContentDetector() {
  return std::make_unique<ActiveContentDetector>();
}

}  // namespace clawback
