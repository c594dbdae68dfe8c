// SPDX-License-Identifier: Apache-2.0
#include "milter/envelope_address.h"

#include "policy/base/text.h"

namespace clawback {
namespace {

// "relay.example." is the same domain, and Postfix takes it so.
std::string_view WithoutFinalDot(std::string_view address) {
  return address.ends_with('.') ? address.substr(0, address.size() - 1) : address;
}

// "@a.example,@b.example:user@relay.example"
std::string_view WithoutRoute(std::string_view address) {
  if (!address.starts_with('@')) return address;
  const std::size_t colon = address.find(':');
  return colon == std::string_view::npos ? address : address.substr(colon + 1);
}

}  // namespace

std::string_view WithoutBrackets(std::string_view argument) {
  if (argument.size() >= 2 && argument.front() == '<' && argument.back() == '>') {
    return argument.substr(1, argument.size() - 2);
  }
  return argument;
}

std::string RecipientNamed(std::string_view argument) {
  const std::string_view address = WithoutFinalDot(WithoutRoute(WithoutBrackets(argument)));
  const std::size_t end = address.rfind("\"@");
  // No service address has a character that must be quoted: what has one is none anyway.
  if (!address.starts_with('"') || end == std::string_view::npos || end == 0) {
    return LowerAscii(address);
  }
  return LowerAscii(address.substr(1, end - 1)) + LowerAscii(address.substr(end + 1));
}

}  // namespace clawback
