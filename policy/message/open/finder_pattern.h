// SPDX-License-Identifier: Apache-2.0
// Whether a picture can hold a QR code at all, and how much there is to try. Most pictures in mail
// cannot, and to say so costs a small part of looking for codes in earnest.
#ifndef CLAWBACK_POLICY_MESSAGE_OPEN_FINDER_PATTERN_H_
#define CLAWBACK_POLICY_MESSAGE_OPEN_FINDER_PATTERN_H_

#include <cstddef>

#include "policy/message/open/picture.h"

namespace clawback {

inline constexpr std::size_t kPatternsOfACode = 3;
inline constexpr std::size_t kMostPatterns = 40;  // counting ends there

// 0, or from three on how many things look like the squares in a code's corners: dark, light,
// dark, light, dark as 1:1:3:1:1 along rows and, through the middle, along columns, at any angle
// (ISO/IEC 18004 6.3.3). Takes for one what is only half like it: a code that can be read has
// them; beyond three those count that are a square all over. Linear in the pixels; counted.
std::size_t FinderPatternsIn(const GrayPicture& picture, Work* work);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_OPEN_FINDER_PATTERN_H_
