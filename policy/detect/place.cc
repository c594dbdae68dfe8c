// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/place.h"

#include <algorithm>
#include <vector>

#include "policy/base/text.h"

namespace clawback {
namespace {

// A part, its container and a path in it are no longer than kMostPlace together.
constexpr std::size_t kMostName = 48;
constexpr std::size_t kMostType = 72;

bool IsInType(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("/.+-_").find(c) != std::string_view::npos;
}

// As it is declared is as its sender likes: what no type has must not end it.
std::string TypeOf(const MessagePart& part) {
  std::string type = part.type.substr(0, kMostType);
  std::ranges::replace_if(
      type, [](char c) { return !IsInType(c); }, '?');
  return type.empty() ? "?" : type;
}

// The end says what a file is, the begin what it is called.
std::string Shortened(std::string_view name, std::size_t most) {
  if (name.size() <= most) return std::string(name);
  constexpr std::string_view kLeftOut = "...";
  const std::size_t half = (most - kLeftOut.size()) / 2;
  const auto goes_on = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  std::string_view end = name.substr(name.size() - half);
  for (int i = 0; i < 3 && goes_on(end.front()); ++i) end.remove_prefix(1);
  return std::string(CutUtf8(name, half)).append(kLeftOut).append(end);
}

// Repaired between: that may make it three times as long, and a name may be very long.
std::string QuotedName(std::string_view name) {
  std::string shown = Shortened(RepairUtf8(Shortened(name, 4 * kMostName)), kMostName);
  std::ranges::replace(shown, '"', '\'');
  return '"' + shown + '"';
}

bool IsContainer(const MessagePart& part) {
  return part.type.rfind("multipart/", 0) != 0 && part.type.rfind("message/", 0) != 0;
}

std::string NameBehind(const MessagePart& part) {
  return part.file_name.empty() ? std::string() : ' ' + QuotedName(part.file_name);
}

constexpr std::string_view kTextPlace = "text";

std::string PlaceOfText(const Message& message, bool html, const HoldsIt& holds) {
  std::vector<std::size_t> all, held;
  for (std::size_t i = 0; i < message.parts.size(); ++i) {
    const MessagePart& part = message.parts[i];
    if (part.text.size == 0 || (part.type == "text/html") != html) continue;
    all.push_back(i);
    if (holds(part)) held.push_back(i);
  }
  if (all.size() == 1) return PlaceOfPart(message, all.front());
  return held.size() == 1 ? PlaceOfPart(message, held.front()) : std::string(kTextPlace);
}

bool HoldsAll(const MessagePart&) { return true; }

}  // namespace

std::string PlaceOfField(std::string_view name) { return "header " + std::string(name); }

std::string PlaceOfPart(const Message& message, std::size_t index) {
  const MessagePart& part = message.parts[index];
  std::string place;
  if (part.parent >= 0) {
    const MessagePart& container = message.parts[static_cast<std::size_t>(part.parent)];
    if (IsContainer(container)) {
      place = "part " + std::to_string(part.parent) + NameBehind(container) + " > ";
    }
  }
  place.append("part ").append(std::to_string(index)).append(" ").append(TypeOf(part));
  return place + NameBehind(part);
}

std::string PlaceOfLink(const Message& message, const Link& link) {
  return PlaceOfPart(message, static_cast<std::size_t>(link.part)) +
         (link.origin == LinkOrigin::kQrCode ? " > qr-code" : " > link");
}

std::string PlaceInside(std::string_view place, std::string_view path) {
  return std::string(place).append(" > ").append(QuotedName(path));
}

std::string Places(std::string_view one, std::string_view other) {
  return std::string(one).append("; ").append(other);
}

std::string PlaceOfHtmlText(const Message& message) { return PlaceOfText(message, true, HoldsAll); }

std::string PlaceOfPlainText(const Message& message) {
  return PlaceOfText(message, false, HoldsAll);
}

std::string PlaceOfSeenText(const Message& message) {
  return PlaceInText(message, message.SeenText(), HoldsAll);
}

std::string PlaceInText(const Message& message, std::string_view text, const HoldsIt& holds) {
  return PlaceOfText(message, text.data() == message.html_text.data(), holds);
}

std::string PlaceInText(const Message& message, std::string_view text, std::size_t byte) {
  return PlaceInText(message, text, [byte](const MessagePart& part) {
    return byte >= part.text.begin && byte - part.text.begin < part.text.size;
  });
}

}  // namespace clawback
