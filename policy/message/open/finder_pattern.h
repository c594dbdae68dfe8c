// SPDX-License-Identifier: Apache-2.0
// Whether a picture can hold a QR code at all. Most pictures in mail cannot, and to say so
// costs a small part of looking for codes in earnest.
#ifndef CLAWBACK_POLICY_MESSAGE_OPEN_FINDER_PATTERN_H_
#define CLAWBACK_POLICY_MESSAGE_OPEN_FINDER_PATTERN_H_

#include "policy/message/open/picture.h"

namespace clawback {

// True where three things look like the squares in a code's corners: dark, light, dark, light,
// dark as 1:1:3:1:1 along rows and, through the middle, along columns, at any angle (ISO/IEC
// 18004 6.3.3). Takes for one what is only half like it: a code that can be read has them.
// Linear in the pixels.
bool HasFinderPatterns(const GrayPicture& picture);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_OPEN_FINDER_PATTERN_H_
