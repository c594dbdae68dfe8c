// SPDX-License-Identifier: Apache-2.0
// Things that pages in mail need for nothing good: forms that ask for secrets, pages
// that lead on by themselves, a picture in place of text, text where nobody scrolls to.
#include <algorithm>
#include <string>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/file_name.h"
#include "policy/detect/known_hosts.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/detect/unwrap_link.h"
#include "policy/message/web_address.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"form-asks-password", "form-in-mail",
                                         "meta-refresh",       "page-attached",
                                         "picture-for-text",   "text-far-below"};
constexpr double kPassword = 0.7;
constexpr double kForm = 0.25;
constexpr double kRefresh = 0.5;
constexpr double kAttached = 0.25;
constexpr double kFarBelow = 0.5;
constexpr double kPicture = 0.3;
constexpr double kPictureToNobody = 0.45;
constexpr std::size_t kFewLetters = 150;
constexpr std::size_t kBytes = 1UL << 20;  // of one page
constexpr std::size_t kPages = 20;

bool IsPage(const MessagePart& part) {
  if (part.type == "text/html") return true;
  const std::string extension = Extension(part.file_name);
  return extension == "htm" || extension == "html" || extension == "shtml" || extension == "xhtml";
}

// What stands in a tag of that name up to its end, from the first to the last.
bool AnyTag(std::string_view page, std::string_view tag, std::string_view with) {
  std::size_t end = 0;
  for (std::size_t at = page.find(tag); at != std::string_view::npos; at = page.find(tag, end)) {
    end = std::min(page.find('>', at), page.size());
    if (page.substr(at, end - at).find(with) != std::string_view::npos) return true;
  }
  return false;
}

// "470500px": higher than any page, and so is "10000vh".
bool IsTall(std::string_view length, std::size_t pixel_digits) {
  constexpr std::size_t kScreenDigits = 4;
  length = Trim(length.substr(0, 32));
  std::size_t digits = 0;
  while (digits < length.size() && length[digits] >= '0' && length[digits] <= '9') ++digits;
  const std::string_view unit = length.substr(digits, 2);
  return (unit == "px" && digits >= pixel_digits) || (unit == "vh" && digits >= kScreenDigits);
}

// The element in whose tag a place stands holds nothing.
bool IsEmptyElement(std::string_view page, std::size_t in_tag) {
  constexpr std::size_t kReach = 256;
  const std::size_t end = page.substr(0, in_tag + kReach).find_first_of("<>", in_tag);
  if (end == std::string_view::npos || page[end] != '>') return false;
  return Trim(page.substr(end + 1, 32)).starts_with("</");
}

// Where a property that takes room begins, if declared is its name's end; else npos.
std::size_t BlankPropertyBefore(std::string_view declared) {
  for (const std::string_view property :
       {"margin-top", "margin-bottom", "padding-top", "padding-bottom", "height"}) {
    if (!declared.ends_with(property)) continue;
    const std::string_view before = declared.substr(0, declared.size() - property.size());
    if (!before.ends_with('-') || before.ends_with("min-")) return before.size();
  }
  return std::string_view::npos;
}

// A picture is tall where a newsletter is one; a limit is not a height.
bool HasTallBlank(std::string_view page) {
  constexpr std::size_t kOfPage = 5, kOfBlank = 4;  // digits of pixels
  for (std::size_t colon = page.find(':'); colon != std::string_view::npos;
       colon = page.find(':', colon + 1)) {
    const std::string_view length = page.substr(colon + 1, 40);
    if (!IsTall(length, kOfBlank)) continue;
    const std::size_t at = BlankPropertyBefore(page.substr(0, colon));
    if (at == std::string_view::npos) continue;
    if (IsTall(length, kOfPage) || IsEmptyElement(page, at)) return true;
  }
  return false;
}

// So many line breaks with nothing between them.
bool HasManyBreaks(std::string_view page) {
  constexpr int kMany = 60;
  int breaks = 0;
  std::size_t behind = 0;
  for (std::size_t at = page.find("<br"); at != std::string_view::npos;
       at = page.find("<br", behind)) {
    breaks = Trim(page.substr(behind, at - behind)).empty() ? breaks + 1 : 1;
    if (breaks >= kMany) return true;
    behind = std::min(page.find('>', at), page.size() - 1) + 1;
  }
  return false;
}

// Where the tag of a link goes.
std::string HostOfTag(std::string_view tag) {
  const std::size_t at = tag.find("href=");
  if (at == std::string_view::npos) return {};
  std::string_view target = Trim(tag.substr(at + 5));
  if (target.starts_with('"') || target.starts_with('\'')) target.remove_prefix(1);
  return HostOf(target.substr(0, target.find_first_of("\"' >")));
}

// A picture inside of a link, or one whose areas are links. The signs of social networks
// below a letter are none. page is in small letters.
bool HasLinkedPicture(std::string_view page) {
  constexpr ByteSet kBlank(" \t\r\n");
  bool in_link = false;
  for (std::size_t at = page.find('<'); at != std::string_view::npos; at = page.find('<', at + 1)) {
    const std::string_view tag = page.substr(at + 1, 4);
    if (tag.starts_with("area") || (in_link && tag.starts_with("img"))) return true;
    if (tag.starts_with("/a>")) in_link = false;
    if (tag.size() < 2 || tag[0] != 'a' || !kBlank.Has(tag[1])) continue;
    const std::string_view whole = page.substr(at, page.find('>', at) - at);
    in_link = !IsCommonSite(HostOfTag(whole));
    at += whole.size() - 1;
  }
  return false;
}

// Nothing says who is behind these, and a newsletter that is all picture leads to its sender.
bool LeadsToNobody(const Link& link, const std::string& own) {
  const std::string host = HostOf(UnwrapLink(link.target).target);
  if (OrganisationalDomain(host) == own) return false;
  return IsShortener(host) || IsFreeHosting(host) || IsCheapSuffix(host);
}

class PageTricksDetector : public Detector {
 public:
  std::string_view name() const override { return "page-tricks"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext&,
               std::vector<Finding>* findings) const override {
    std::size_t pages = 0;
    for (std::size_t i = 0; i < message.parts.size() && pages < kPages; ++i) {
      const MessagePart& part = message.parts[i];
      if (!IsPage(part)) continue;
      ++pages;
      Page(message, i, findings);
      if (!part.attachment) Picture(message, part, i, findings);
    }
  }

 private:
  // Mail that is one picture to click on: nothing in it can be read by a filter.
  static void Picture(const Message& message, const MessagePart& part, std::size_t index,
                      std::vector<Finding>* findings) {
    std::string own;
    if (!message.from.empty()) own = OrganisationalDomain(DomainOf(message.from.front().address));
    bool linked = false, to_nobody = false;
    for (const Link& link : message.links) {
      if (link.part != static_cast<int>(index)) continue;
      linked = true;
      to_nobody = to_nobody || LeadsToNobody(link, own);
    }
    if (message.html_text.size() >= kFewLetters || message.plain_text.size() >= kFewLetters) return;
    if (!linked) return;
    if (!HasLinkedPicture(LowerAscii(std::string_view(part.content).substr(0, kBytes)))) return;
    const bool bulk = message.Header("List-Unsubscribe").has_value();
    findings->push_back({"picture-for-text", Indication::kSpam,
                         to_nobody && !bulk ? kPictureToNobody : kPicture,
                         "a picture with a link, and " + std::to_string(message.html_text.size()) +
                             " bytes of text",
                         PlaceOfPart(message, index)});
  }

  static void Page(const Message& message, std::size_t index, std::vector<Finding>* findings) {
    const MessagePart& part = message.parts[index];
    const std::string page = LowerAscii(std::string_view(part.content).substr(0, kBytes));
    const auto add = [&](std::string_view reason, double weight, std::string_view what) {
      findings->push_back({std::string(reason), Indication::kPhishing, weight, std::string(what),
                           PlaceOfPart(message, index)});
    };
    const bool form = page.find("<form") != std::string::npos;
    if (form && AnyTag(page, "<input", "password")) {
      add("form-asks-password", kPassword, "a form with a field for a password");
    } else if (form && AnyTag(page, "<form", "action")) {
      add("form-in-mail", kForm, "a form");
    }
    if (AnyTag(page, "<meta", "refresh")) {
      add("meta-refresh", kRefresh, "the page leads on by itself");
    }
    if (HasTallBlank(page) || HasManyBreaks(page)) {
      findings->push_back({"text-far-below", Indication::kSpam, kFarBelow,
                           "what follows stands many screens below", PlaceOfPart(message, index)});
    }
    if (part.attachment && !part.file_name.empty()) {
      add("page-attached", kAttached, "a web page as attachment");
    }
  }
};

}  // namespace

std::unique_ptr<Detector> NewPageTricksDetector() { return std::make_unique<PageTricksDetector>(); }

}  // namespace clawback
