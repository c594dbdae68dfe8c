// SPDX-License-Identifier: Apache-2.0
// What stands before GMime. GMime compares every line that begins with "--" with
// every open boundary, keeps every header and every part, and cannot be cancelled:
// bytes that would cost it more than the limits allow are cut off before they reach
// it, and what was cut off is named.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_PRESCAN_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_PRESCAN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/message/message.h"

namespace clawback {

struct Prescan {
  std::size_t safe_bytes = 0;  // so many bytes, from the first, may go to GMime
  std::string limit;           // why not all of them; empty: all may
  // More parameters in a field than readers agree on: costs GMime little, so it is
  // named and not cut off.
  bool too_many_parameters = false;
  // Comparisons that GMime will make at most, and lines that the scan looked at:
  // what a test holds against the size of the input.
  std::uint64_t comparisons = 0;
  std::uint64_t lines = 0;
};

// Two passes over bytes, never more.
Prescan ScanBeforeParsing(std::string_view bytes, const MessageLimits& limits);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_PRESCAN_H_
