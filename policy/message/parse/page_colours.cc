// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/page_colours.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr std::size_t kLayers = 32;  // what stands deeper is taken as it is there
constexpr std::string_view kPage = "#ffffff";

constexpr std::array<std::array<std::string_view, 2>, 8> kNamed = {{{"white", "#ffffff"},
                                                                    {"black", "#000000"},
                                                                    {"red", "#ff0000"},
                                                                    {"blue", "#0000ff"},
                                                                    {"silver", "#c0c0c0"},
                                                                    {"gray", "#808080"},
                                                                    {"whitesmoke", "#f5f5f5"},
                                                                    {"transparent", ""}}};

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "rgb(1,2,3)"
std::string FromNumbers(std::string_view text) {
  std::array<int, 3> parts{};
  text.remove_prefix(text.find('(') + 1);
  for (int& part : parts) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (error != std::errc() || part < 0 || part > 255) return {};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty()) text.remove_prefix(1);
  }
  return fmt::format("#{:02x}{:02x}{:02x}", parts[0], parts[1], parts[2]);
}

// The last declaration of one of two properties; nullopt: none.
std::optional<std::string_view> Declared(std::string_view style, std::string_view property,
                                         std::string_view other = "") {
  std::optional<std::string_view> value;
  while (!style.empty()) {
    const std::size_t end = std::min(style.find(';'), style.size());
    const std::string_view declaration = style.substr(0, end);
    style.remove_prefix(std::min(end + 1, style.size()));
    const std::size_t colon = std::min(declaration.find(':'), declaration.size());
    const std::string_view name = declaration.substr(0, colon);
    if (name != property && (other.empty() || name != other)) continue;
    value = declaration.substr(std::min(colon + 1, declaration.size()));
    *value = value->substr(0, value->find('!'));  // "!important"
  }
  return value;
}

}  // namespace

std::string ColourOf(std::string_view text) {
  std::string colour = LowerAscii(Trim(text));
  if (colour.starts_with("rgb(")) return FromNumbers(colour);
  for (const auto& [name, value] : kNamed) {
    if (colour == name) return std::string(value);
  }
  if (colour.size() == 7 && colour[0] == '#' && IsHex(colour.substr(1))) return colour;
  if (colour.size() == 4 && colour[0] == '#' && IsHex(colour.substr(1))) {
    return {'#', colour[1], colour[1], colour[2], colour[2], colour[3], colour[3]};
  }
  return {};
}

void PageColours::Enter(const std::string& element, const ElementColours& colours) {
  Pass(element, false);
  const auto colour = Declared(colours.style, "color");
  const auto background = Declared(colours.style, "background-color", "background");
  const bool grounds = background || !colours.background.empty() || colours.background_elsewhere;
  const bool link = element == "a";  // has a colour of its own, which readers know
  if (!colour && colours.colour.empty() && !grounds && !link) return;
  if (layers_.size() >= kLayers) return;
  Layer layer{element, 1, layers_.empty() ? "" : layers_.back().colour,
              layers_.empty() ? std::string(kPage) : layers_.back().background};
  if (colour || !colours.colour.empty() || link) {
    layer.colour = ColourOf(colour ? *colour : colours.colour);
  }
  if (grounds) layer.background = ColourOf(background ? *background : colours.background);
  layers_.push_back(std::move(layer));
}

void PageColours::Pass(const std::string& element, bool closes) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    if (layer.element != element) continue;
    layer.depth += closes ? -1 : 1;
    if (layer.depth == 0) return layers_.resize(i);
  }
}

bool PageColours::HideText() const {
  if (layers_.empty()) return false;
  const Layer& top = layers_.back();
  return !top.colour.empty() && top.colour == top.background;
}

}  // namespace clawback
