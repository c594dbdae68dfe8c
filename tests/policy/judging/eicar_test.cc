// SPDX-License-Identifier: Apache-2.0
// The EICAR test file in every wrapping of MIME and PDF that mail knows, without an
// engine's help; archive_test.cc has a program in every kind of archive.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

// In two pieces, so that this file is not one.
std::string Eicar() {
  return std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$") + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k > bytes.size() ? '=' : kAlphabet[group >> (18 - 6 * k) & 63U];
    }
  }
  return text;
}

// What no alphabet of base64 knows, between its letters.
std::string Noisy(const std::string& base64) {
  std::string noisy;
  for (const char c : base64) noisy += std::string("*\r\n ") + c + "!";
  return noisy;
}

std::string Message(const std::string& type, const std::string& encoding,
                    const std::string& content) {
  return "From: a@sender.example\r\nSubject: x\r\nContent-Type: " + type +
         "\r\nContent-Disposition: attachment; filename=a.bin\r\nContent-Transfer-Encoding: " +
         encoding + "\r\n\r\n" + content + "\r\n";
}

std::string InPdf(const std::string& file) {
  return "%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\n2 0 obj\n<</Type/Filespec/F(a.bin)/EF<</F "
         "3 0 "
         "R>>>>\nendobj\n3 0 obj\n<</Length " +
         std::to_string(file.size()) + ">>\nstream\n" + file +
         "\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n";
}

BOOST_AUTO_TEST_SUITE(eicar)

BOOST_AUTO_TEST_CASE(it_is_malicious_in_every_wrapping) {
  const std::string octets = "application/octet-stream";
  const std::string plain = Message(octets, "base64", Base64(Eicar()));
  const std::vector<std::string> wrapped = {
      plain,
      Message(octets, "7bit", Eicar()),
      Message("text/plain", "7bit", Eicar()),
      Message("image/png", "base64", Base64(Eicar())),
      Message(octets, "base64", Noisy(Base64(Eicar()))),
      Message("message/rfc822", "7bit", plain),
      Message("message/rfc822", "base64", Base64(plain)),
      Message("message/rfc822", "7bit", Message("message/rfc822", "base64", Base64(plain))),
      Message("application/pdf", "base64", Base64(InPdf(Eicar()))),
      ReportAbout("Message-ID: <1@a.example>\r\n" + plain, "<1@a.example>"),
  };
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    const Judgement judgement = Judge(wrapped[i]);
    BOOST_TEST(FindReason(judgement, "eicar-test-file") != nullptr, "wrapping " << i);
    BOOST_TEST(ToString(judgement.verdict.disposition) == "MALICIOUS", "wrapping " << i);
  }
}

BOOST_AUTO_TEST_CASE(a_text_about_it_is_not_it) {
  for (const std::string& text : {"It begins: " + Eicar(), Eicar() + std::string(200, 'x')}) {
    const Judgement judgement = Judge(Message("text/plain", "base64", Base64(text)));
    BOOST_TEST(FindReason(judgement, "eicar-test-file") == nullptr);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
