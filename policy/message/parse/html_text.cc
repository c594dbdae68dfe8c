// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/html_text.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "policy/base/text.h"
#include "policy/message/parse/page_colours.h"
#include "policy/message/web_address.h"

namespace clawback {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The first byte of a letter: of ASCII, or of a block of UTF-8 with letters in it. Not of
// blanks, marks and invisible characters, which preview lines are padded with.
bool BeginsLetter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return IsLetter(c) || (byte >= 0xC3 && byte <= 0xED && byte != 0xCD && byte != 0xE2);
}

std::size_t LettersIn(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), BeginsLetter));
}

template <std::size_t N>
bool IsOneOf(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Elements that begin a new line; between all others text runs on.
constexpr std::array<std::string_view, 28> kBlocks = {
    "address", "article", "blockquote", "br",    "center", "dd", "div", "dl", "dt", "footer",
    "form",    "h1",      "h2",         "h3",    "h4",     "h5", "h6",  "hr", "li", "ol",
    "p",       "pre",     "section",    "table", "td",     "th", "tr",  "ul"};
// Elements whose content is no text to a reader; it holds no tags but its own end.
constexpr std::array<std::string_view, 5> kRaw = {"script", "style", "title", "textarea",
                                                  "noframes"};
// Elements without content: nothing is hidden by hiding them.
constexpr std::array<std::string_view, 10> kVoid = {"area", "base",  "br",   "col",  "hr",
                                                    "img",  "input", "link", "meta", "wbr"};

struct Tag {
  std::string name;  // lower case
  bool closes = false;
  bool closes_itself = false;
  std::string_view attributes;
  std::size_t next = 0;  // after ">"
};

// text[at] is "<" and a tag begins there. Quotes around values may hold ">". A quote
// or tag that never ends takes the rest.
Tag ReadTag(std::string_view html, std::size_t at) {
  Tag tag;
  std::size_t i = at + 1;
  if (i < html.size() && html[i] == '/') {
    tag.closes = true;
    ++i;
  }
  const std::size_t name = i;
  while (i < html.size() && !IsSpace(html[i]) && html[i] != '>' && html[i] != '/') ++i;
  tag.name = LowerAscii(html.substr(name, std::min<std::size_t>(i - name, 32)));
  const std::size_t attributes = i;
  char quote = 0;
  char last = 0;  // the last character that is no blank: a quote opens after "="
  for (; i < html.size() && (quote != 0 || html[i] != '>'); ++i) {
    const char c = html[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if ((c == '"' || c == '\'') && last == '=') {
      quote = c;
    }
    if (!IsSpace(c)) last = c;
  }
  tag.attributes = html.substr(attributes, i - attributes);
  tag.closes_itself = !tag.attributes.empty() && tag.attributes.back() == '/';
  tag.next = std::min(i + 1, html.size());
  return tag;
}

// The value of one attribute, entities decoded; empty if absent.
std::string Attribute(std::string_view attributes, std::string_view name) {
  for (std::size_t i = 0; i < attributes.size();) {
    while (i < attributes.size() && (IsSpace(attributes[i]) || attributes[i] == '/')) ++i;
    const std::size_t begin = i;
    while (i < attributes.size() && !IsSpace(attributes[i]) && attributes[i] != '=') ++i;
    const std::string_view found = attributes.substr(begin, i - begin);
    while (i < attributes.size() && IsSpace(attributes[i])) ++i;
    std::string_view value;
    if (i < attributes.size() && attributes[i] == '=') {
      ++i;
      while (i < attributes.size() && IsSpace(attributes[i])) ++i;
      const char quote = i < attributes.size() ? attributes[i] : '\0';
      const bool quoted = quote == '"' || quote == '\'';
      if (quoted) ++i;
      const std::size_t end =
          quoted ? attributes.find(quote, i) : attributes.find_first_of(" \t\r\n\f", i);
      value = attributes.substr(i, end == std::string_view::npos ? end : end - i);
      i = end == std::string_view::npos ? attributes.size() : end + 1;
    }
    if (EqualIgnoringCase(found, name)) return DecodeEntities(Trim(value));
    if (i == begin) ++i;
  }
  return {};
}

// An element's style, lower case and without blanks; ";" at its end.
std::string StyleOf(std::string_view attributes) {
  std::string style = LowerAscii(Attribute(attributes, "style"));
  style.erase(std::remove_if(style.begin(), style.end(), IsSpace), style.end());
  return style.empty() ? style : style + ';';
}

// With everything in it.
bool Hides(const std::string& style) {
  for (const std::string_view hidden : {"display:none", "visibility:hidden", "mso-hide:all"}) {
    if (style.find(hidden) != std::string::npos) return true;
  }
  return false;
}

// The value of one property; empty: none.
std::string_view ValueIn(std::string_view style, std::string_view property) {
  for (std::size_t at = style.find(property); at != std::string_view::npos;
       at = style.find(property, at + 1)) {
    const std::size_t end = at + property.size();
    if ((at != 0 && style[at - 1] != ';') || style.substr(end, 1) != ":") continue;
    const std::string_view value = style.substr(end + 1);
    return value.substr(0, value.find(';'));
  }
  return {};
}

// Hundreds to the left or above.
bool IsFarAway(std::string_view value) {
  constexpr std::size_t kDigits = 3;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return value.substr(0, 1) == "-" && value.size() > kDigits &&
         std::ranges::all_of(value.substr(1, kDigits), digit);
}

bool IsNothing(std::string_view size) {
  return size == "0" || size.starts_with("0px") || size.starts_with("0!") ||
         size.starts_with("1px");
}

bool IsMovedAway(std::string_view transform) {
  for (const std::string_view move : {"translate(", "translatex(", "translatey("}) {
    const std::size_t at = transform.find(move);
    if (at != std::string_view::npos && IsFarAway(transform.substr(at + move.size()))) return true;
  }
  const std::size_t scale = transform.find("scale(0");
  if (scale == std::string_view::npos) return false;
  const std::string_view rest = transform.substr(scale + 7);
  return rest.starts_with(')') || rest.starts_with(',') || rest.starts_with(".0");
}

// Put beside the page or behind it, or cut or scaled to nothing. Not every mail program
// follows that, so the text counts as read all the same.
bool IsOffPage(const std::string& style) {
  const std::string_view position = ValueIn(style, "position");
  if (position == "absolute" || position == "fixed") {
    for (const std::string_view side : {"left", "top", "right"}) {
      if (IsFarAway(ValueIn(style, side))) return true;
    }
  }
  if (IsMovedAway(ValueIn(style, "transform")) || IsFarAway(ValueIn(style, "text-indent"))) {
    return true;
  }
  if (ValueIn(style, "z-index").starts_with('-') || ValueIn(style, "clip").starts_with("rect(0")) {
    return true;
  }
  if (ValueIn(style, "overflow") != "hidden") return false;
  for (const std::string_view size : {"height", "max-height", "width", "max-width"}) {
    if (IsNothing(ValueIn(style, size))) return true;
  }
  return false;
}

// What hides text from readers, and is left in the text all the same.
bool Fades(const std::string& style) { return style.find("opacity:0;") != std::string::npos; }

enum class TextSize { kInherited, kNone, kSome };

// A size of nothing goes for what has no size of its own: page builders set it on every
// cell and another one on the text inside.
TextSize SizeOf(const std::string& style) {
  constexpr std::string_view kSize = "font-size:";
  const std::size_t at = style.rfind(kSize);
  if (at == std::string::npos) return TextSize::kInherited;
  const std::string_view value = std::string_view(style).substr(at + kSize.size());
  const bool none = value.substr(0, 2) == "0;" || value.substr(0, 3) == "0px" ||
                    value.substr(0, 3) == "0pt" || value.substr(0, 3) == "0em" ||
                    value.substr(0, 2) == "0!" || value.substr(0, 2) == "0%";
  return none ? TextSize::kNone : TextSize::kSome;
}

// From an element's tag to the one that ends it: only its own kind matters in between.
class Stretch {
 public:
  bool open() const { return depth_ > 0; }
  void Begin(const std::string& element) {
    element_ = element;
    depth_ = 1;
  }
  void Pass(const std::string& element, bool closes) {
    if (depth_ > 0 && element == element_) depth_ += closes ? -1 : 1;
  }
  void End() { depth_ = 0; }

 private:
  std::string element_;
  int depth_ = 0;
};

class HtmlReader {
 public:
  HtmlReader(std::string_view html, std::size_t max_links) : html_(html), max_links_(max_links) {}

  HtmlText Read() {
    out_.text.reserve(html_.size() / 4);
    for (std::size_t at = 0; at < html_.size();) at = Step(at);
    EndLink();
    AddOutlooks();
    return std::move(out_);
  }

 private:
  std::size_t Step(std::size_t at) {
    if (html_[at] != '<') {
      const std::size_t end = std::min(html_.find('<', at), html_.size());
      AddText(html_.substr(at, end - at));
      return end;
    }
    const char next = at + 1 < html_.size() ? html_[at + 1] : '\0';
    if (next == '!' || next == '?') return AfterDeclaration(at);
    if (!IsLetter(next) && next != '/') {
      AddText("<");
      return at + 1;
    }
    const Tag tag = ReadTag(html_, at);
    Apply(tag);
    const bool raw = !tag.closes && !tag.closes_itself && IsOneOf(tag.name, kRaw);
    if (raw && tag.name == "style") has_rules_ = true;
    return raw ? EndOfRaw(tag) : tag.next;
  }

  // The next "</name", in any case: what stands before it is no markup.
  std::size_t EndOfRaw(const Tag& tag) const {
    for (std::size_t at = html_.find("</", tag.next); at != std::string_view::npos;
         at = html_.find("</", at + 2)) {
      if (EqualIgnoringCase(html_.substr(at + 2, tag.name.size()), tag.name)) return at;
    }
    return html_.size();
  }

  std::size_t AfterDeclaration(std::size_t at) {
    const bool comment = html_.substr(at, 4) == "<!--";
    const std::size_t end = comment ? html_.find("-->", at + 4) : html_.find('>', at);
    if (end == std::string_view::npos) return html_.size();
    if (html_.substr(at, 7) == "<!--[if") KeepOutlooks(html_.substr(at + 7, end - at - 7));
    return end + (comment ? 3 : 1);
  }

  void Apply(const Tag& tag) {
    if (hidden_.open()) {
      if (!tag.closes_itself) hidden_.Pass(tag.name, tag.closes);
      return;
    }
    const bool void_element = tag.closes_itself || IsOneOf(tag.name, kVoid);
    if (!void_element) PassSizes(tag);
    if (tag.closes) colours_.Pass(tag.name, true);
    if (IsOneOf(tag.name, kBlocks)) AddBreak();
    if (tag.closes) {
      if (tag.name == "a") EndLink();
      return;
    }
    if (tag.name == "a" || tag.name == "area") StartLink(Attribute(tag.attributes, "href"));
    if (tag.name == "form") AddLink(Attribute(tag.attributes, "action"));
    if (tag.name == "button" || tag.name == "input") {
      AddLink(Attribute(tag.attributes, "formaction"));
    }
    if (tag.name == "base" && base_host_.empty()) {
      base_host_ = HostOf(Attribute(tag.attributes, "href"));
    }
    if (tag.name == "meta") AddRefresh(tag.attributes);
    if (!void_element) Style(tag);
  }

  void PassSizes(const Tag& tag) {
    sized_.Pass(tag.name, tag.closes);
    tiny_.Pass(tag.name, tag.closes);
    faint_.Pass(tag.name, tag.closes);
    off_page_.Pass(tag.name, tag.closes);
    if (!tiny_.open()) sized_.End();
  }

  void Style(const Tag& tag) {
    const std::string style = StyleOf(tag.attributes);
    if (Hides(style) || tag.name == "template") return hidden_.Begin(tag.name);
    Colour(tag, style);
    if (!style.empty() && !off_page_.open() && IsOffPage(style)) off_page_.Begin(tag.name);
    if (Fades(style) && !faint_.open()) faint_.Begin(tag.name);
    const TextSize size = SizeOf(style);
    if (size == TextSize::kNone && !tiny_.open()) tiny_.Begin(tag.name);
    if (size == TextSize::kSome && tiny_.open() && !sized_.open()) sized_.Begin(tag.name);
  }

  // Most elements say nothing of colours, and are not read for them.
  void Colour(const Tag& tag, const std::string& style) {
    const auto says = [&](std::string_view lower, std::string_view upper) {
      return tag.attributes.find(lower) != std::string_view::npos ||
             tag.attributes.find(upper) != std::string_view::npos;
    };
    const bool grounds = says("ackground", "ACKGROUND");
    const bool ruled = has_rules_ && says("class", "CLASS");
    if (!grounds && !ruled && !says("olor", "OLOR")) return colours_.Enter(tag.name, {});
    const bool pictured = grounds && !Attribute(tag.attributes, "background").empty();
    const std::string colour = Attribute(tag.attributes, "color");
    const std::string ground = Attribute(tag.attributes, "bgcolor");
    colours_.Enter(tag.name, {style, colour, ground, pictured || ruled});
  }

  void AddText(std::string_view text) {
    const bool unseen = hidden_.open() || (tiny_.open() && !sized_.open());
    const std::string decoded = DecodeEntities(text);
    const bool faint = faint_.open() || off_page_.open() || colours_.HideText();
    const std::size_t letters = LettersIn(decoded);
    (unseen || faint ? out_.hidden_letters : out_.seen_letters) += letters;
    if (off_page_.open()) out_.off_page_letters += letters;
    if (unseen) return;
    AddFolded(decoded, &out_.text);
    if (in_link_) AddFolded(decoded, &out_.links.back().text);
  }

  static void AddFolded(std::string_view text, std::string* out) {
    for (const char c : text) {
      const bool space = IsSpace(c);
      if (space && (out->empty() || IsSpace(out->back()))) continue;
      *out += space ? ' ' : c;
    }
  }

  void AddBreak() {
    if (!out_.text.empty() && out_.text.back() != '\n') out_.text += '\n';
    if (in_link_ && !out_.links.back().text.empty()) AddFolded(" ", &out_.links.back().text);
  }

  void AddLink(std::string target) {
    // Browsers leave out tabs and line ends, wherever they stand.
    std::erase_if(target, [](char c) { return c == '\t' || c == '\r' || c == '\n'; });
    if (target.empty() || out_.links.size() >= max_links_) return;
    if (in_link_) EndLink();
    out_.links.push_back({FromBase(target), {}, 0});
  }

  // What stands in a conditional comment one family of mail programs shows.
  void KeepOutlooks(std::string_view inside) {
    for (std::size_t at = inside.find('<');
         at != std::string_view::npos && outlooks_.size() < max_links_; at = inside.find('<', at)) {
      const Tag tag = ReadTag(inside, at);
      if (tag.name != "link") outlooks_.push_back(Attribute(tag.attributes, "href"));
      at = tag.next;
    }
  }

  // Buttons are commonly drawn twice, and lead to the same host: then the first will do.
  void AddOutlooks() {
    std::set<std::string> hosts{{}};
    for (const Link& link : out_.links) hosts.insert(HostOf(link.target));
    for (std::string& target : outlooks_) {
      if (hosts.insert(HostOf(target)).second) AddLink(std::move(target));
    }
  }

  // A target without a scheme or host of its own goes to the host of the page's base.
  std::string FromBase(std::string_view target) const {
    const bool whole = target.find(':') < target.find_first_of("/\\?#");
    if (base_host_.empty() || whole || target.starts_with('#') || target.starts_with("//")) {
      return std::string(target);
    }
    const bool slash = target.starts_with('/');
    return "https://" + base_host_ + (slash ? "" : "/") + std::string(target);
  }

  void StartLink(std::string target) {
    EndLink();
    const std::size_t before = out_.links.size();
    AddLink(std::move(target));
    in_link_ = out_.links.size() > before;
  }

  void EndLink() {
    if (in_link_) out_.links.back().text = Trim(out_.links.back().text);
    in_link_ = false;
  }

  void AddRefresh(std::string_view attributes) {
    if (!EqualIgnoringCase(Attribute(attributes, "http-equiv"), "refresh")) return;
    const std::string content = Attribute(attributes, "content");
    const std::size_t url = LowerAscii(content).find("url=");
    if (url != std::string::npos)
      AddLink(std::string(Trim(std::string_view(content).substr(url + 4))));
  }

  const std::string_view html_;
  const std::size_t max_links_;
  HtmlText out_;
  bool in_link_ = false;
  std::vector<std::string> outlooks_;  // links in conditional comments
  std::string base_host_;              // where the page says that it stands
  Stretch hidden_;                     // nothing in it is seen
  Stretch tiny_;                       // text in it has no size, but for what stands in
  Stretch sized_;
  Stretch faint_;  // text in it is there and not seen
  Stretch off_page_;
  PageColours colours_;
  bool has_rules_ = false;  // a style sheet, which is not read
};

}  // namespace

HtmlText ReadHtml(std::string_view html, std::size_t max_links) {
  return HtmlReader(html, max_links).Read();
}

std::vector<Link> LinksInText(std::string_view text, std::size_t max_links) {
  static constexpr ByteSet kBegin("hHwW");
  static constexpr ByteSet kEnd(" \t\r\n\f<>\"'`{}|\\^");
  static constexpr ByteSet kBehind(".,;:!?)]");
  std::vector<Link> links;
  for (std::size_t at = kBegin.FirstIn(text); at < text.size(); at = kBegin.FirstIn(text, at)) {
    const std::string_view rest = text.substr(at);
    const bool found = EqualIgnoringCase(rest.substr(0, 7), "http://") ||
                       EqualIgnoringCase(rest.substr(0, 8), "https://") ||
                       EqualIgnoringCase(rest.substr(0, 4), "www.");
    if (!found) {
      ++at;
      continue;
    }
    std::size_t size = kEnd.FirstIn(rest);
    at += size;
    while (size > 0 && kBehind.Has(rest[size - 1])) --size;
    if (links.size() >= max_links) break;
    links.push_back({std::string(rest.substr(0, size)), {}, 0});
  }
  return links;
}

}  // namespace clawback
