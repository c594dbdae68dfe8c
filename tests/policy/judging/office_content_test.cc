// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/office_content.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace clawback {
namespace {

using std::string_view_literals::operator""sv;

std::string Wide(std::string_view ascii) {
  std::string wide;
  for (const char c : ascii) {
    wide += c;
    wide += '\0';
  }
  return wide;
}

constexpr std::string_view kOle = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv;

std::string SignsOf(std::string_view name, std::string_view content) {
  std::string signs;
  FindOfficeSigns(name, content,
                  [&](const OfficeSign& sign) { signs += std::string(sign.reason) + " "; });
  return signs;
}

std::string Relationship(std::string_view type, std::string_view target) {
  return "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/"
         "officeDocument/2006/relationships/" +
         std::string(type) + "\" Target=\"" + std::string(target) +
         "\" TargetMode=\"External\"/></Relationships>";
}

std::string Sheet(char state, char type) {
  return std::string(kOle) + std::string("\x09\x08\x10\0\0\x06\x05\0"sv) +
         std::string("\x85\0\x0C\0\0\x01\0\0"sv) + state + type + std::string("\x04\0Auto"sv);
}

BOOST_AUTO_TEST_SUITE(office_content)

BOOST_AUTO_TEST_CASE(what_a_document_loads_from_the_web_is_seen_and_what_a_reader_clicks_is_not) {
  const std::string rels = "word/_rels/settings.xml.rels";
  BOOST_TEST(SignsOf(rels, Relationship("attachedTemplate", "https://bad.example/t.dotm")) ==
             "external-template ");
  BOOST_TEST(SignsOf(rels, Relationship("oleObject", "http://bad.example/a.html!")) ==
             "external-object ");
  BOOST_TEST(SignsOf(rels, Relationship("hyperlink", "https://partner.example/")).empty());
  BOOST_TEST(SignsOf(rels, Relationship("attachedTemplate", "file:///C:\\Normal.dotm")).empty());
  BOOST_TEST(
      SignsOf(rels, Relationship("attachedTemplate", "https://contoso.sharepoint.com/a.dotx"))
          .empty());
  BOOST_TEST(SignsOf("notes.txt", Relationship("oleObject", "http://bad.example/a")).empty());
}

BOOST_AUTO_TEST_CASE(programs_started_by_dde_are_seen_and_price_feeds_are_not) {
  BOOST_TEST(SignsOf("word/document.xml", "<w:instrText>DDEAUTO c:\\\\cmd.exe</w:instrText>") ==
             "dde-command ");
  BOOST_TEST(SignsOf("xl/externalLinks/externalLink1.xml", "<ddeLink ddeService=\"cmd\"") ==
             "dde-command ");
  BOOST_TEST(SignsOf("xl/externalLinks/externalLink1.xml", "<ddeLink ddeService=\"blp\"").empty());
  BOOST_TEST(SignsOf("a.csv", "name,total\nx,=cmd|' /C calc'!A0\n") == "dde-command ");
  BOOST_TEST(SignsOf("a.csv", "name,total\ncmd,=A1+B1\n").empty());
}

BOOST_AUTO_TEST_CASE(objects_in_rtf_are_seen_where_they_start_or_hold_files) {
  BOOST_TEST(SignsOf("a.doc", "{\\rtf1{\\object\\objupdate{\\*\\objdata 0105}}}") == "rtf-object ");
  BOOST_TEST(SignsOf("a.doc", "{\\rtf1{\\object{\\*\\objclass Package}{\\*\\objdata 01}}}") ==
             "rtf-object ");
  BOOST_TEST(SignsOf("a.rtf", "{\\rtf1{\\*\\template http://bad.example/t}}") ==
             "external-template ");
  BOOST_TEST(SignsOf("a.rtf", "{\\rtf1{\\object{\\*\\objclass Excel.Sheet.12}{\\*\\objdata 01}}}")
                 .empty());
}

BOOST_AUTO_TEST_CASE(ole_shows_macro_sheets_packages_installers_and_encryption) {
  BOOST_TEST(SignsOf("a.xls", Sheet('\0', '\x01')) == "macro-sheet ");
  BOOST_TEST(SignsOf("a.xls", Sheet('\x02', '\x01')) == "macro-sheet ");
  BOOST_TEST(SignsOf("a.xls", Sheet('\0', '\0')).empty());    // an ordinary sheet
  BOOST_TEST(SignsOf("a.xls", Sheet('\0', '\x02')).empty());  // a chart
  BOOST_TEST(SignsOf("xl/macrosheets/sheet1.xml", "<a/>") == "macro-sheet ");
  const std::string package = std::string(kOle) + Wide("\x01Ole10Native");
  BOOST_TEST(SignsOf("oleObject1.bin", package + std::string("run.js\0"sv)) == "embedded-package ");
  BOOST_TEST(SignsOf("oleObject1.bin", package + std::string("a.pdf\0"sv)).empty());
  BOOST_TEST(SignsOf("a.docx", std::string(kOle) + Wide("EncryptionInfo") +
                                   Wide("EncryptedPackage")) == "document-encrypted ");
  BOOST_TEST(SignsOf("a.docx", std::string(kOle) + Wide("EncryptionInfo")).empty());
  BOOST_TEST(SignsOf("a.dat", std::string(kOle) +
                                  std::string("\x84\x10\x0C\0\0\0\0\0\xC0\0\0\0\0\0\0\x46"sv)) ==
             "installer-attachment ");
}

BOOST_AUTO_TEST_CASE(notebooks_help_files_and_shortcuts_by_content) {
  const std::string notebook =
      std::string("\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D"sv) +
      std::string("\xE7\x16\xE3\xBD\x65\x26\x11\x45\xA4\xC4\x8D\x4D\x0B\x7A\x9E\xAC"sv) +
      std::string(20, '\0');
  BOOST_TEST(SignsOf("a.one", notebook + "@echo off\r\nstart") == "notebook-program ");
  BOOST_TEST(SignsOf("a.one", notebook + "\x89PNG\r\n").empty());
  BOOST_TEST(SignsOf("a.dat", "ITSF\x03") == "help-file ");
  BOOST_TEST(SignsOf("a.url", "[InternetShortcut]\r\nURL=file://bad.example/a/b.exe") ==
             "internet-shortcut ");
  BOOST_TEST(SignsOf("a.url", "[InternetShortcut]\r\nURL=https://partner.example/").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
