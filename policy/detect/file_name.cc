// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/file_name.h"

#include <algorithm>
#include <array>

#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr std::array<std::string_view, 13> kPrograms = {
    "exe", "scr", "com", "pif", "cpl", "msi", "msp", "lnk", "hta", "jar", "xll", "appx", "gadget"};
constexpr std::array<std::string_view, 12> kScripts = {"js",  "jse", "vbs", "vbe", "wsf",  "wsh",
                                                       "wsc", "bat", "cmd", "ps1", "psm1", "sct"};
constexpr std::array<std::string_view, 21> kDocuments = {
    "pdf",  "doc", "docx", "xls", "xlsx", "ppt",  "pptx", "txt", "rtf", "csv", "jpg",
    "jpeg", "png", "gif",  "bmp", "tif",  "tiff", "mp3",  "mp4", "wav", "html"};
constexpr std::array<std::string_view, 6> kPages = {"htm", "html", "shtml", "xhtml", "svg", "mht"};

template <std::size_t N>
bool IsOneOf(const std::string& word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::string Extension(std::string_view name) {
  name = name.substr(0, name.find_last_not_of(". ") + 1);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string() : LowerAscii(name.substr(dot + 1));
}

bool IsProgramExtension(const std::string& extension) { return IsOneOf(extension, kPrograms); }
bool IsScriptExtension(const std::string& extension) { return IsOneOf(extension, kScripts); }
bool IsDocumentExtension(const std::string& extension) { return IsOneOf(extension, kDocuments); }

NameTrick TrickOf(std::string_view name) {
  for (const std::string_view override : {"\xE2\x80\xAE", "\xE2\x80\xAD"}) {
    if (name.find(override) != std::string_view::npos) return NameTrick::kDirectionOverride;
  }
  name = name.substr(0, name.find_last_not_of(". ") + 1);
  const std::string last = Extension(name);
  const bool page = IsOneOf(last, kPages);
  if (!page && !IsProgramExtension(last) && !IsScriptExtension(last)) return NameTrick::kNone;
  // The blanks that push the real extension out of sight are dropped by Extension.
  const std::string front = Extension(name.substr(0, name.rfind('.')));
  const bool hides = IsDocumentExtension(front) && !(page && IsOneOf(front, kPages));
  return hides ? NameTrick::kDoubleExtension : NameTrick::kNone;
}

std::string Quoted(std::string_view name) { return "\"" + std::string(CutUtf8(name, 120)) + "\""; }

}  // namespace clawback
