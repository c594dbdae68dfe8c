// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/prepare.h"

#include <gmime/gmime.h>
#include <iconv.h>

#include <vector>

#include "policy/base/digest.h"
#include "policy/detect/domain_names.h"
#include "policy/message/message.h"
#include "policy/message/open/open_content.h"
#include "policy/message/parse/addresses.h"
#include "policy/message/parse/charset.h"
#include "policy/message/parse/transfer_encoding.h"

namespace clawback {
namespace {

// GMime converts names in parameters and addresses by iconv, which loads a module a
// charset. What is open stays loaded: these are never closed. Others than these are
// decoded by ICU, or shown as they are.
constexpr const char* kCharsets[] = {
    "UTF-8",        "ISO-8859-1",   "ISO-8859-2",   "ISO-8859-5",   "ISO-8859-7",   "ISO-8859-9",
    "ISO-8859-15",  "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254",
    "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257", "KOI8-R",       "KOI8-U",       "ISO-2022-JP",
    "SHIFT_JIS",    "EUC-JP",       "EUC-KR",       "ISO-2022-KR",  "GB2312",       "GBK",
    "GB18030",      "BIG5",         "UTF-16",       "UTF-7",        "TIS-620"};

std::vector<iconv_t> LoadConverters() {
  std::vector<iconv_t> open;
  for (const char* charset : kCharsets) {
    open.push_back(iconv_open("UTF-8", charset));
    open.push_back(iconv_open(charset, "UTF-8"));
    static_cast<void>(Convert("a\xFF", charset));
  }
  // By these names zbar asks, to tell the charset of what a QR code says.
  for (const char* charset : {"ISO8859-1", "SJIS", "UTF-8", "BIG-5", "CP437"}) {
    open.push_back(iconv_open("UTF-8", charset));
  }
  return open;
}

std::vector<iconv_t> Prepare() {
  g_mime_init();
  std::vector<iconv_t> open = LoadConverters();
  PrepareDomainNames();
  static_cast<void>(FoldForComparison("\u00c4"));
  static_cast<void>(NormalizeCompatibility("\u00c4"));
  PrepareToOpenContent();
  static_cast<void>(Sha256Of(""));  // OpenSSL reads its configuration
  // First use of GLib's time zones and of GMime's classes.
  static_cast<void>(ReadDate("Tue, 03 Nov 2026 09:14:05 +0000"));
  static_cast<void>(
      ParseMessage("From: =?koi8-r?Q?a?= <a@b>\nDate: 3 Nov 2026 09:14 GMT\n"
                   "Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\n"
                   "Content-Type: message/rfc822\n\nA: b\n\nb\n--x--\n"));
  return open;
}

}  // namespace

void PrepareJudging() {
  // Never freed: what is open at the end of the process is still needed until then.
  static const auto* const open = new std::vector<iconv_t>(Prepare());
  static_cast<void>(open);
}

}  // namespace clawback
