// SPDX-License-Identifier: Apache-2.0
// What opening PDF documents, pictures and invitations shows, and what it must not say.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "policy/message/open/open_content.h"
#include "policy/message/open/pdf.h"
#include "policy/message/open/pdf_streams.h"
#include "policy/message/open/picture.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

std::string Sample(const std::string& name) {
  return ReadFile(std::filesystem::path(CLAWBACK_SOURCE_DIR) / "tests/data/opened" / name);
}

std::string With(const std::string& type, const std::string& content,
                 const std::string& text = "Please see the attached file.") {
  return "From: a@sender.example\r\nContent-Type: multipart/mixed; boundary=b_of_test\r\n\r\n"
         "--b_of_test\r\n\r\n" +
         text + "\r\n--b_of_test\r\nContent-Type: " + type +
         "\r\nContent-Transfer-Encoding: binary\r\nContent-Disposition: attachment\r\n\r\n" +
         content + "\r\n--b_of_test--\r\n";
}

std::string Pdf(const std::string& objects) {
  return "%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\n" + objects +
         "\ntrailer\n<</Root 1 0 R>>\n";
}

PdfContent Read(std::string_view pdf, const PdfLimits& limits = {}, Work work = Work{}) {
  return ReadPdf(pdf, limits, PictureLimits{}, &work);
}

bool Fits(std::string_view pdf, std::size_t unpacked) {
  Work work;
  return ObjectStreamsFit(pdf, unpacked, &work);
}

// What is left of more than is needed, after what a picture costs.
std::uint64_t PictureCosts(const std::string& name) {
  constexpr std::uint64_t kMany = std::uint64_t{1} << 40U;
  Work work(kMany);
  GrayPicture picture;
  BOOST_REQUIRE(
      (ReadPicture(Sample(name), PictureLimits{}, &work, &picture) == PictureReading::kRead));
  static_cast<void>(ReadQrCodes(picture, &work));
  return kMany - work.left();
}

// A message of so many pictures of the same code.
Message Codes(int count) {
  Message message;
  for (int i = 0; i < count; ++i) {
    message.parts.emplace_back();
    message.parts.back().type = "image/png";
    message.parts.back().content = Sample("qr.png");
  }
  return message;
}

std::string DispositionOf(const Judgement& judgement) {
  return std::string(ToString(judgement.verdict.disposition));
}

BOOST_AUTO_TEST_SUITE(opened_content)

BOOST_AUTO_TEST_CASE(a_link_in_a_qr_code_is_seen_in_each_kind_of_picture_and_moves_little) {
  for (const char* name : {"qr.png", "qr.jpg", "qr.gif"}) {
    const Judgement judgement = Judge(With("image/png", Sample(name)));
    const Finding* finding = FindReason(judgement, "qr-code-link");
    BOOST_REQUIRE_MESSAGE(finding != nullptr, name);
    BOOST_TEST(finding->evidence.find("https://login.bad.example/qr?id=1") != std::string::npos,
               finding->evidence);
    BOOST_TEST(DispositionOf(judgement) == "NONE", name);
  }
}

BOOST_AUTO_TEST_CASE(a_code_that_is_no_link_and_a_broken_picture_move_nothing) {
  const Judgement wifi = Judge(With("image/png", Sample("wifi.png")));
  BOOST_TEST(FindReason(wifi, "qr-code-link") == nullptr);
  BOOST_TEST(DispositionOf(wifi) == "NONE");
  const Judgement broken = Judge(With("image/png", Sample("qr.png").substr(0, 60)));
  BOOST_TEST(FindReason(broken, "picture-unreadable") != nullptr);
  BOOST_TEST(DispositionOf(broken) == "NONE");
}

BOOST_AUTO_TEST_CASE(a_picture_of_enormous_size_is_not_unpacked) {
  std::string png = Sample("qr.png");
  png.replace(16, 8, std::string("\x00\x01\x86\xA0\x00\x01\x86\xA0", 8));  // 100,000 x 100,000
  const Judgement judgement = Judge(With("image/png", png));
  BOOST_TEST(DispositionOf(judgement) != "MALICIOUS");
  GrayPicture picture;
  Work work;
  BOOST_TEST((ReadPicture(png, PictureLimits{}, &work, &picture) != PictureReading::kRead));
  BOOST_TEST(picture.pixels.size() == 0U);
  std::string gif = Sample("qr.gif");
  PictureLimits small;
  small.pixels = 100;
  BOOST_TEST((ReadPicture(gif, small, &work, &picture) == PictureReading::kTooLarge));
}

BOOST_AUTO_TEST_CASE(a_pdf_shows_its_links_scripts_launches_and_files) {
  const Judgement judgement = Judge(With("application/pdf", Sample("plain.pdf")));
  const Finding* link = FindReason(judgement, "pdf-link");
  BOOST_REQUIRE(link != nullptr);
  BOOST_TEST(link->evidence.find("https://pay.bad.example/x") != std::string::npos);
  const Finding* launch = FindReason(judgement, "pdf-launch");
  BOOST_REQUIRE(launch != nullptr);
  BOOST_TEST(launch->evidence.find("cmd.exe") != std::string::npos);
  BOOST_TEST(FindReason(judgement, "pdf-script-reaches") != nullptr);
  BOOST_TEST(FindReason(judgement, "pdf-file") != nullptr);
  BOOST_TEST(FindReason(judgement, "script-attachment") != nullptr);  // what the file is
  BOOST_TEST(DispositionOf(judgement) == "SUSPICIOUS");
}

BOOST_AUTO_TEST_CASE(an_ordinary_pdf_with_links_and_a_form_script_is_left_alone) {
  const Judgement judgement = Judge(With(
      "application/pdf",
      Pdf("2 0 obj\n<</A<</S/URI/URI(https://www.partner.example/terms)>>>>\nendobj\n"
          "3 0 obj\n<</S/JavaScript/JS(AFNumber_Format\\(2, 0, 0, 0, \"\", true\\);)>>\nendobj")));
  BOOST_TEST(FindReason(judgement, "pdf-link") != nullptr);
  BOOST_TEST(FindReason(judgement, "pdf-script") != nullptr);
  BOOST_TEST(DispositionOf(judgement) == "NONE");
}

BOOST_AUTO_TEST_CASE(what_is_no_readable_pdf_is_never_clean) {
  const Judgement judgement = Judge(With("application/pdf", "%PDF-1.4\nnothing of it is left"));
  BOOST_TEST(FindReason(judgement, "limit-pdf") != nullptr);
  BOOST_TEST(DispositionOf(judgement) == "UNSCANNABLE");
}

BOOST_AUTO_TEST_CASE(a_pdf_passes_no_limit_unnoticed) {
  PdfLimits limits;
  limits.objects = 3;
  const std::string pdf = Pdf("2 0 obj\n[]\nendobj\n3 0 obj\n[]\nendobj\n4 0 obj\n[]\nendobj");
  BOOST_TEST(!Read(pdf, limits).whole);
  BOOST_TEST(Read(pdf).whole);
  limits = {};
  BOOST_TEST(!Read(pdf, limits, Work(0)).whole);
  BOOST_TEST(!Read(Pdf("2 0 obj\n" + std::string(200'000, '[') + "\nendobj")).whole);
  std::string streams;
  for (int i = 0; i < 300'000; ++i) streams += "/ObjStm stream\n";
  BOOST_TEST(!Fits(streams, 1UL << 20));
  const std::string nested = std::string(40, '[') + std::string(40, ']');
  BOOST_TEST(!Read(Pdf("2 0 obj\n" + nested + "\nendobj")).whole);
}

BOOST_AUTO_TEST_CASE(streams_of_objects_are_measured_before_they_are_unpacked) {
  const std::string bomb = Sample("bomb.pdf");  // 32 MiB of blanks as /Obj#53tm
  BOOST_TEST(!Fits(bomb, PdfLimits{}.unpacked));
  BOOST_TEST(Fits(bomb, 64UL << 20));
  BOOST_TEST(!Read(bomb).whole);
  BOOST_TEST(DispositionOf(Judge(With("application/pdf", bomb))) == "UNSCANNABLE");
}

// Who looks at an UNSCANNABLE message wants to know which file, and what about it.
BOOST_AUTO_TEST_CASE(what_was_not_read_says_where_it_stands_and_why) {
  const std::string damaged = Sample("plain.pdf").substr(0, 300);
  const Judgement judgement = Judge(With("application/pdf", damaged));
  const auto& findings = judgement.verdict.findings;
  const auto limit = std::ranges::find(findings, "limit-pdf", &Finding::reason);
  BOOST_REQUIRE(limit != findings.end());
  BOOST_TEST(limit->evidence == "a PDF document is damaged");
  BOOST_TEST(limit->place.starts_with("part 2 application/pdf"), limit->place);
  const PdfContent bomb = Read(Sample("bomb.pdf"));
  BOOST_TEST(bomb.hidden == "a PDF document unpacks to more than is read");
}

// By counting and not by a clock: the same message ends at the same place on every machine.
BOOST_AUTO_TEST_CASE(what_is_opened_ends_at_the_same_place_each_time) {
  const std::uint64_t one = PictureCosts("qr.png");
  BOOST_TEST(one == PictureCosts("qr.png"));
  for (int run = 0; run < 2; ++run) {
    Message message = Codes(5);
    OpenContent(&message, Work(2 * one + 1));
    BOOST_TEST(message.links.size() == 3U);  // what is begun is ended
    BOOST_TEST(message.limits_hit.size() == 1U);
    BOOST_TEST(message.Hit("picture"));
    BOOST_TEST(message.limits_hit.at(0).part == 3);  // the first that was not opened
  }
  Message message = Codes(5);
  OpenContent(&message, Work(5 * one));
  BOOST_TEST(message.links.size() == 5U);
  BOOST_TEST(message.limits_hit.empty());
}

// Thirty scans of a page are ordinary mail.
BOOST_AUTO_TEST_CASE(a_picture_has_the_price_of_what_it_takes) {
  for (const char* name : {"qr.png", "qr.jpg", "qr.gif", "wifi.png"}) {
    BOOST_TEST(PictureCosts(name) > 10'000U, name);
    BOOST_TEST(PictureCosts(name) < 10'000'000U, name);
  }
  Message message = Codes(30);
  OpenContent(&message);
  BOOST_TEST(message.limits_hit.empty());
  BOOST_TEST(message.links.size() == 30U);
}

BOOST_AUTO_TEST_CASE(a_picture_full_of_corners_of_codes_has_a_high_price) {
  constexpr std::size_t kWidth = 200;
  GrayPicture corners{kWidth, kWidth, std::string(kWidth * kWidth, '\xFF')};
  constexpr std::string_view kSquare[8] = {"#######.", "#.....#.", "#.###.#.", "#.###.#.",
                                           "#.###.#.", "#.....#.", "#######.", "........"};
  for (std::size_t i = 0; i < corners.pixels.size(); ++i) {
    const std::size_t x = i % kWidth / 2, y = i / kWidth / 2;
    if (kSquare[y % 8][x % 8] == '#') corners.pixels[i] = '\0';
  }
  Work work;
  static_cast<void>(ReadQrCodes(corners, &work));
  BOOST_TEST(work.left() < 150'000'000U);
}

BOOST_AUTO_TEST_CASE(each_object_value_and_stream_of_a_pdf_is_counted) {
  const auto costs = [](const std::string& pdf) {
    Work work;
    const std::uint64_t before = work.left();
    static_cast<void>(ReadPdf(pdf, PdfLimits{}, PictureLimits{}, &work));
    return before - work.left();
  };
  const std::uint64_t little = costs(Pdf("2 0 obj\n[]\nendobj"));
  std::string objects, values = "2 0 obj\n[";
  for (int i = 2; i < 1002; ++i) {
    objects += std::to_string(i) + " 0 obj\n[]\nendobj\n";
    values += "[]";
  }
  BOOST_TEST(costs(Pdf(objects)) > little + 1'000'000);
  BOOST_TEST(costs(Pdf(values + "]\nendobj")) > little + 500'000);
  BOOST_TEST(costs(Sample("bomb.pdf")) > 30'000'000U);
  BOOST_TEST(costs("%PDF-1.4\n" + std::string(1'000'000, 'x')) > 4'000'000U);
}

BOOST_AUTO_TEST_CASE(an_invitation_shows_its_links) {
  const Judgement judgement = Judge(With("text/calendar",
                                         "BEGIN:VEVENT\r\nDESCRIPTION:Join at https://meet.exam\r\n"
                                         " ple.com/j/1 please\r\nEND:VEVENT"));
  const Finding* link = FindReason(judgement, "calendar-link");
  BOOST_REQUIRE(link != nullptr);
  BOOST_TEST(link->evidence.find("https://meet.example.com/j/1") != std::string::npos);
  BOOST_TEST(DispositionOf(judgement) == "NONE");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
