// SPDX-License-Identifier: Apache-2.0
#include "policy/mailbox_spelling.h"

#include <utility>

#include "policy/base/text.h"

namespace clawback {
namespace {

// "a\lice"@contoso.example is alice@contoso.example (RFC 5321 4.1.2).
std::string WithoutQuotes(const std::string& address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string::npos || at < 2 || address[0] != '"' || address[at - 1] != '"') {
    return address;
  }
  std::string bare;
  for (std::size_t i = 1; i + 1 < at; ++i) {
    if (address[i] == '\\' && i + 2 < at) ++i;
    bare += address[i];
  }
  return bare + address.substr(at);
}

std::string WithoutTag(std::string address) {
  const std::size_t at = address.rfind('@');
  const std::size_t plus = address.find('+');
  if (at == std::string::npos || plus == 0 || plus >= at) return address;
  return address.erase(plus, at - plus);
}

}  // namespace

std::vector<std::string> SpellingsOf(const std::string& address) {
  std::vector<std::string> spellings = {LowerAscii(address)};
  for (std::string next : {WithoutQuotes(spellings[0]), WithoutTag(WithoutQuotes(spellings[0]))}) {
    if (next != spellings.back()) spellings.push_back(std::move(next));
  }
  return spellings;
}

}  // namespace clawback
