// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/domain_names.h"

#include <libpsl.h>
#include <unicode/uidna.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "policy/base/text.h"
#include "policy/message/parse/charset.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxName = 1024;  // longer ones are compared by their beginning

// The list of suffixes is slow to ask, and detectors ask of the same few hosts: what it said
// of some is kept. It says the same each time.
struct KnownHost {
  std::string host, organisation;
};
constexpr std::size_t kKnownHosts = 256;
constexpr std::size_t kLongestHost = 253;  // RFC 1035 2.3.4; no name is longer

std::string AskedDomain(const std::string& host) {
  const char* found = psl_registrable_domain(psl_builtin(), host.c_str());
  return found == nullptr ? host : found;
}

// Opened once, before confinement, and only read afterwards.
const USpoofChecker* TheChecker() {
  static const USpoofChecker* const checker = [] {
    UErrorCode error = U_ZERO_ERROR;
    return uspoof_open(&error);
  }();
  return checker;
}

const UIDNA* TheIdna() {
  static const UIDNA* const idna = [] {
    UErrorCode error = U_ZERO_ERROR;
    return uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_UNICODE, &error);
  }();
  return idna;
}

std::string Skeleton(std::string_view utf8) {
  utf8 = CutUtf8(utf8, kMaxName);
  std::string out(utf8.size() * 8 + 64, '\0');
  UErrorCode error = U_ZERO_ERROR;
  const int32_t size =
      uspoof_getSkeletonUTF8(TheChecker(), 0, utf8.data(), static_cast<int32_t>(utf8.size()),
                             out.data(), static_cast<int32_t>(out.size()), &error);
  if (U_FAILURE(error) || size < 0 || static_cast<std::size_t>(size) > out.size()) {
    return std::string(utf8);
  }
  out.resize(static_cast<std::size_t>(size));
  return out;
}

void ReplaceAll(std::string* text, std::string_view from, std::string_view to) {
  for (std::size_t at = text->find(from); at != std::string::npos;
       at = text->find(from, at + to.size())) {
    text->replace(at, from.size(), to);
  }
}

std::string ToUnicode(std::string_view label) {
  label = label.substr(0, kMaxName);
  if (label.find("xn--") == std::string_view::npos) return std::string(label);
  std::string out(label.size() * 4 + 64, '\0');
  UErrorCode error = U_ZERO_ERROR;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const int32_t size =
      uidna_nameToUnicodeUTF8(TheIdna(), label.data(), static_cast<int32_t>(label.size()),
                              out.data(), static_cast<int32_t>(out.size()), &info, &error);
  if (U_FAILURE(error) || size < 0 || static_cast<std::size_t>(size) > out.size()) {
    return std::string(label);
  }
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace

std::string DomainOf(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return {};
  std::string_view domain = Trim(address.substr(at + 1));
  while (!domain.empty() && (domain.back() == '.' || domain.back() == '>')) domain.remove_suffix(1);
  return LowerAscii(domain);
}

bool IsIpLiteral(std::string_view host) {
  if (host.substr(0, 1) == "[") return true;
  return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool HasKnownSuffix(const std::string& host) {
  const std::string organisation = OrganisationalDomain(host);
  const std::size_t dot = organisation.find('.');
  if (dot == std::string::npos || dot == 0) return false;
  return psl_is_public_suffix2(psl_builtin(), organisation.c_str() + dot + 1,
                               PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) != 0;
}

std::string OrganisationalDomain(const std::string& host) {
  if (IsIpLiteral(host)) return host;
  if (host.size() > kLongestHost) return AskedDomain(host);
  thread_local std::array<KnownHost, kKnownHosts> known;
  KnownHost& place = known[std::hash<std::string>{}(host) % kKnownHosts];
  if (place.host != host) place = {host, AskedDomain(host)};
  return place.organisation;
}

std::string FirstLabel(std::string_view domain) {
  return ToUnicode(domain.substr(0, domain.find('.')));
}

std::string AsciiHost(const std::string& host) {
  const auto plain = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (host.size() > kMaxName || std::all_of(host.begin(), host.end(), plain)) return host;
  std::string out(host.size() * 4 + 64, '\0');
  UErrorCode error = U_ZERO_ERROR;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const int32_t size =
      uidna_nameToASCII_UTF8(TheIdna(), host.data(), static_cast<int32_t>(host.size()), out.data(),
                             static_cast<int32_t>(out.size()), &info, &error);
  if (U_FAILURE(error) || size < 0 || static_cast<std::size_t>(size) > out.size()) return host;
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string LooksLike(std::string_view utf8) {
  // UTS 39 keeps case and digits apart; a reader of small print does not.
  std::string text = Skeleton(FoldForComparison(CutUtf8(utf8, kMaxName)));
  text = Skeleton(FoldForComparison(text));
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kAlike = {
      {{"0", "o"}, {"1", "l"}, {"3", "e"}, {"5", "s"}, {"vv", "w"}, {"cl", "d"}, {"rn", "m"}}};
  for (const auto& [from, to] : kAlike) ReplaceAll(&text, from, to);
  return text;
}

void PrepareDomainNames() {
  static_cast<void>(psl_builtin());
  static_cast<void>(LooksLike("a"));
  static_cast<void>(FirstLabel("xn--bcher-kva.example"));
  static_cast<void>(AsciiHost("b\u00fccher.example"));
}

}  // namespace clawback
