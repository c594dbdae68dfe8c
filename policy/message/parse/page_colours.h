// SPDX-License-Identifier: Apache-2.0
// Whether text on a page has the colour that it stands on. Told of every tag in order; as
// far as inline styles and old attributes say it.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_PAGE_COLOURS_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_PAGE_COLOURS_H_

#include <string>
#include <string_view>
#include <vector>

namespace clawback {

// What one element says of its colours, as written; empty: nothing.
struct ElementColours {
  std::string_view style;               // lower case, without blanks, ";" at its end
  std::string_view colour, background;  // attributes "color" and "bgcolor"
  bool background_elsewhere = false;    // a picture, or rules for its class
};

class PageColours {
 public:
  void Enter(const std::string& element, const ElementColours& colours);
  // A tag of the element that Enter is not called for, because it ends it or says nothing.
  void Pass(const std::string& element, bool closes);
  // Whether text that stands here cannot be told from its ground.
  bool HideText() const;

 private:
  struct Layer {
    std::string element;
    int depth = 1;  // tags of the same element that are open in it, itself included
    std::string colour, background;  // in force inside; empty: not known
  };
  std::vector<Layer> layers_;
};

// "#FFF", "white", "rgb(255,255,255)" → "#ffffff"; what is no such colour: empty.
std::string ColourOf(std::string_view text);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_PAGE_COLOURS_H_
