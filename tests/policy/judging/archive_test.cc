// SPDX-License-Identifier: Apache-2.0
// Archives of tests/data/archives: each holds notes.txt, which is a Windows program by
// its content.
#include "policy/detect/archive.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/base/digest.h"
#include "policy/detect/seven_zip.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string Sample(const std::string& name) {
  return ReadFile(std::filesystem::path(CLAWBACK_SOURCE_DIR) / "tests/data/archives" / name);
}

std::string Attached(const std::string& name, const std::string& content,
                     const std::string& text = "See the attached file.") {
  return "From: a@sender.example\r\nContent-Type: multipart/mixed; boundary=b_of_test\r\n\r\n"
         "--b_of_test\r\n\r\n" +
         text +
         "\r\n--b_of_test\r\nContent-Type: application/octet-stream\r\n"
         "Content-Transfer-Encoding: binary\r\nContent-Disposition: attachment; filename=\"" +
         name + "\"\r\n\r\n" + content + "\r\n--b_of_test--\r\n";
}

std::string With(const std::string& name, const std::string& text = "See the attached file.") {
  return Attached(name, Sample(name), text);
}

std::string Uuencoded(std::string_view content) {
  const auto letter = [](unsigned six) { return static_cast<char>(six == 0 ? '`' : six + ' '); };
  std::string text = "begin 644 notes.txt\n";
  for (; !content.empty(); content.remove_prefix(std::min<std::size_t>(content.size(), 45))) {
    const std::string_view line = content.substr(0, 45);
    text += letter(static_cast<unsigned>(line.size()));
    for (std::size_t i = 0; i < line.size(); i += 3) {
      unsigned group = 0;
      for (std::size_t k = i; k < i + 3; ++k) {
        group = group << 8U | (k < line.size() ? static_cast<unsigned char>(line[k]) : 0U);
      }
      for (int shift = 18; shift >= 0; shift -= 6) text += letter(group >> shift & 63U);
    }
    text += '\n';
  }
  return text + "`\nend\n";
}

// One record of the web archive's form.
std::string Warc(const std::string& content) {
  return "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: http://www.example/notes.txt\r\n"
         "WARC-Date: 2026-11-03T09:14:22Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
         "Content-Type: application/octet-stream\r\nContent-Length: " +
         std::to_string(content.size()) + "\r\n\r\n" + content + "\r\n\r\n";
}

// Lead, an empty signature and an empty header in front of a cpio archive.
std::string Rpm(const std::string& cpio) {
  std::string rpm = std::string("\xED\xAB\xEE\xDB\x03\0\0\0\0\x01", 10) + "notes-1-1";
  rpm.resize(78, '\0');
  rpm += std::string("\0\x05", 2);  // a signature in the form of a header
  rpm.resize(96, '\0');
  const std::string header("\x8E\xAD\xE8\x01\0\0\0\0\0\0\0\0\0\0\0\0", 16);
  return rpm + header + header + cpio;
}

std::string DispositionOf(const Judgement& judgement) {
  return std::string(ToString(judgement.verdict.disposition));
}

struct Seen : ArchiveVisitor {
  void OnFile(const ArchivedFile& file) override {
    files.push_back(file.path);
    bytes += file.head.size();
    if (file.path.ends_with("notes.txt")) notes = file.head;
  }
  void OnTrouble(ArchiveTrouble trouble, const std::string&) override {
    troubles.push_back(trouble);
  }
  void OnDigest(const ArchivedDigest& digest) override {
    ++digests;
    if (digest.path.ends_with("notes.txt")) sha256 = digest.sha256;
  }
  std::vector<std::string> files;
  std::vector<ArchiveTrouble> troubles;
  void OnDigestLeftOut() override { ++left_out; }
  std::size_t digests = 0, left_out = 0;
  std::size_t bytes = 0;
  std::string notes, sha256;  // the front of notes.txt, and its digest
};

Seen Walked(const std::string& name) {
  ArchiveLimits limits;
  limits.hashed = 8UL << 20;
  ArchiveBudget budget{limits};
  Seen seen;
  WalkArchive(Sample(name), name, &budget, &seen);
  return seen;
}

BOOST_AUTO_TEST_SUITE(archives)

BOOST_AUTO_TEST_CASE(a_program_is_found_in_every_format_and_three_levels_down) {
  for (const char* name : {"plain.7z", "plain.tar.gz", "plain.tar.xz", "plain.tar.zst",
                           "plain.cpio", "notes.txt.bz2", "one.zip", "two.zip", "three.zip",
                           // Of an age or a size that its readers do not look for, and longer
                           // than what is looked at of a file that is no archive.
                           "old-tar.zip", "binary-cpio.zip", "small-iso.zip", "large-7z.zip"}) {
    const Judgement judgement = Judge(With(name));
    BOOST_TEST(DispositionOf(judgement) == "MALICIOUS", name);
    const Finding* finding = FindReason(judgement, "executable-attachment");
    BOOST_REQUIRE_MESSAGE(finding != nullptr, name);
    BOOST_TEST(finding->place.find("notes.txt") != std::string::npos, finding->place);
    BOOST_TEST(finding->place.find(name) != std::string::npos, finding->place);
  }
}

BOOST_AUTO_TEST_CASE(a_program_is_found_in_what_is_seldom_sent) {
  const std::string notes = Walked("one.zip").notes;
  const std::vector<std::pair<std::string, std::string>> archives = {
      {"a.uu", Uuencoded(notes)}, {"a.warc", Warc(notes)}, {"a.rpm", Rpm(Sample("plain.cpio"))}};
  for (const auto& [name, archive] : archives) {
    const Judgement judgement = Judge(Attached(name, archive));
    BOOST_TEST(DispositionOf(judgement) == "MALICIOUS", name);
    const Finding* finding = FindReason(judgement, "executable-attachment");
    BOOST_REQUIRE_MESSAGE(finding != nullptr, name);
    BOOST_TEST(finding->place.starts_with("part 2 application/octet-stream \"" + name + "\" > \""));
    BOOST_TEST(finding->place.ends_with("notes.txt\""), finding->place);
    BOOST_TEST(FindReason(judgement, "archive-unreadable") == nullptr, name);
  }
}

BOOST_AUTO_TEST_CASE(an_archive_that_is_not_opened_is_never_silently_clean) {
  using std::string_literals::operator""s;
  const std::string rest(100, 'x');
  for (const std::string& front :
       {"xar!\0\x1C\0\x01"s, "\x89LZO\0\r\n\x1A\n"s, "LRZI\0\x06"s, "GRZipII\0\x02\x04:)"s,
        "1234567**ACE**"s, "MSWIM\0\0\0"s, "ALZ\x01"s, "EGGA"s, "StuffIt (c)1997"s,
        "SIT!123456rLau"s, "ZOO 2.10 Archive.\x1A\0\0\xDC\xA7\xC4\xFD"s,
        "\x60\xEA\x2A\0\x22\x0B\x01\x02\0\0\x02"s}) {
    for (const std::string& archive : {front + rest, Uuencoded(front + rest)}) {
      const Judgement judgement = Judge(Attached("a.bin", archive));
      BOOST_TEST(FindReason(judgement, "archive-unreadable") != nullptr, front);
      BOOST_TEST(DispositionOf(judgement) == "UNSCANNABLE", front);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_begins_nearly_like_an_archive_is_none) {
  using std::string_literals::operator""s;
  const std::string rest(100, 'x');
  for (const std::string& front : {"xar?"s, "begin with 644"s, "begin 64 a"s, "begin 698 a"s,
                                   "begin"s, "WARC 1.0"s, "\x60\xEA\x2A\0\x22\x0B\x01\x02\0\0\x03"s,
                                   "\x60\xEA\x02\0\x02\x0B\x01\x02\0\0\x02"s, "EGG"s, "a -lx5-"s}) {
    const Judgement judgement = Judge(Attached("a.bin", front + rest));
    BOOST_TEST(FindReason(judgement, "archive-unreadable") == nullptr, front);
    BOOST_TEST(DispositionOf(judgement) == "NONE", front);
  }
}

BOOST_AUTO_TEST_CASE(what_is_longer_than_its_front_is_hashed_whole) {
  const std::string notes = Walked("one.zip").notes + std::string(200'000, '\0');
  BOOST_TEST(Walked("large-7z.zip").sha256 == ToHex(Sha256Of(notes)));
}

BOOST_AUTO_TEST_CASE(what_is_deeper_is_a_limit) {
  const Judgement judgement = Judge(With("four.zip"));
  BOOST_TEST(FindReason(judgement, "archive-too-deep") != nullptr);
  BOOST_TEST(DispositionOf(judgement) == "UNSCANNABLE");
}

BOOST_AUTO_TEST_CASE(encrypted_files_are_never_silently_clean) {
  for (const char* name : {"encrypted.7z", "encrypted-names.7z", "encrypted.zip",
                           "encrypted-inside.zip", "hdr4.rar", "hdr5.rar"}) {
    const Judgement judgement = Judge(With(name));
    BOOST_TEST(FindReason(judgement, "archive-encrypted") != nullptr, name);
    BOOST_TEST(DispositionOf(judgement) == "UNSCANNABLE", name);
  }
}

BOOST_AUTO_TEST_CASE(a_listed_file_is_found_in_archives_and_in_archives_in_them) {
  JudgeRequest request = ProvenRequest();
  ListEntries entries;
  entries[static_cast<std::size_t>(ListKind::kBlockedHashes)] = {
      "83bdd75bf9c77b3c49e69b9088fff998f9cf530aa2a84be69ee467b49455cdbe"};  // notes.txt
  request.lists = {*ShareLists(entries)};
  for (const char* name : {"one.zip", "two.zip", "three.zip", "plain.7z", "plain.tar.gz",
                           "plain.tar.zst", "plain.cpio", "notes.txt.bz2"}) {
    const Judgement judgement = JudgeBytes(With(name), request);
    const Finding* finding = FindReason(judgement, "blocked-hash");
    BOOST_REQUIRE_MESSAGE(finding != nullptr, name);
    BOOST_TEST(finding->place.find("notes.txt") != std::string::npos, finding->place);
    BOOST_TEST(FindReason(judgement, "archive-unreadable") == nullptr, name);
  }
  BOOST_TEST(FindReason(JudgeBytes(With("encrypted.zip"), request), "blocked-hash") == nullptr);
  BOOST_TEST(FindReason(Judge(With("one.zip")), "blocked-hash") == nullptr);
}

BOOST_AUTO_TEST_CASE(hashing_files_of_archives_ends_where_its_allowance_does) {
  ArchiveLimits limits;
  Seen without, with;
  ArchiveBudget none(limits);
  WalkArchive(Sample("two.zip"), "two.zip", &none, &without);
  BOOST_TEST(without.digests == 0U);
  limits.hashed = 1 << 20;
  ArchiveBudget some(limits);
  WalkArchive(Sample("two.zip"), "two.zip", &some, &with);
  BOOST_TEST(with.digests > 0U);
  BOOST_TEST(some.hashed <= limits.hashed);
  BOOST_TEST(with.files == without.files, boost::test_tools::per_element());
  BOOST_TEST(with.left_out == 0U);
  limits.hashed = 3;  // less than any of its files
  Seen little;
  ArchiveBudget three(limits);
  WalkArchive(Sample("two.zip"), "two.zip", &three, &little);
  BOOST_TEST(little.digests == 0U);
  BOOST_TEST(little.left_out > 0U);
  BOOST_TEST(little.files == without.files, boost::test_tools::per_element());
}

// As cpio has it, with the lengths of name and content in eight digits.
std::string Cpio(const std::string& name, const std::string& content) {
  const auto field = [](std::size_t value) { return fmt::format("{:08x}", value); };
  const auto filled = [](std::string bytes) {
    bytes.resize((bytes.size() + 3) / 4 * 4, '\0');
    return bytes;
  };
  const auto entry = [&](const std::string& called, std::size_t mode, const std::string& holds) {
    return filled(fmt::format("070701{}{}{}{}{}{}{}{}{}{}{}{}{}{}", field(1), field(mode), field(0),
                              field(0), field(1), field(0), field(holds.size()), field(0), field(0),
                              field(0), field(0), field(called.size() + 1), field(0), called) +
                  '\0') +
           filled(holds);
  };
  return entry(name, 0x81A4, content) + entry("TRAILER!!!", 0, "");
}

BOOST_AUTO_TEST_CASE(a_listed_file_is_found_however_long_it_is) {
  const std::string content = std::string(30UL << 20, 'x') + "the end";
  JudgeRequest request = ProvenRequest();
  ListEntries entries;
  entries[static_cast<std::size_t>(ListKind::kBlockedHashes)] = {ToHex(Sha256Of(content))};
  request.lists = {*ShareLists(entries)};
  const std::string message = Attached("a.cpio", Cpio("long.bin", content));
  const Judgement judgement = JudgeBytes(message, request);
  const Finding* finding = FindReason(judgement, "blocked-hash");
  BOOST_REQUIRE(finding != nullptr);
  BOOST_TEST(finding->place.find("long.bin") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(hashing_leaves_half_of_the_work_for_the_fronts_of_files) {
  const std::string archive = Cpio("long.bin", std::string(4UL << 20, 'x'));
  ArchiveLimits limits;
  limits.hashed = 8UL << 20;
  Seen enough, little;
  ArchiveBudget much(limits, Work(20'000'000));
  WalkArchive(archive, "a.cpio", &much, &enough);
  BOOST_TEST(enough.digests == 1U);
  BOOST_TEST(enough.left_out == 0U);
  ArchiveBudget hardly(limits, Work(8'000'000));
  WalkArchive(archive, "a.cpio", &hardly, &little);
  BOOST_TEST(little.digests == 0U);
  BOOST_TEST(little.left_out == 1U);
  BOOST_TEST(little.troubles.empty());
}

BOOST_AUTO_TEST_CASE(a_password_in_the_text_makes_an_encrypted_archive_suspicious) {
  for (const char* text : {"The password is 4711.", "Password: inv2026", "Passwort : a1b2",
                           "le mot de passe est: 99x", "PIN: 0815"}) {
    const Judgement judgement = Judge(With("encrypted.zip", text));
    BOOST_TEST(FindReason(judgement, "archive-encrypted-with-password") != nullptr, text);
    BOOST_TEST(DispositionOf(judgement) == "SUSPICIOUS", text);
  }
  for (const char* text :
       {"You will get the password by phone.", "Password: as agreed", "Call 4711 for the key."}) {
    const Judgement judgement = Judge(With("encrypted.zip", text));
    BOOST_TEST(FindReason(judgement, "archive-encrypted-with-password") == nullptr, text);
  }
  BOOST_TEST(FindReason(Judge(With("one.zip", "Password: 4711")),
                        "archive-encrypted-with-password") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_bomb_is_left_unopened) {
  const Judgement judgement = Judge(With("bomb.zip"));
  BOOST_TEST(FindReason(judgement, "archive-ratio") != nullptr);
  BOOST_TEST(DispositionOf(judgement) == "UNSCANNABLE");
}

BOOST_AUTO_TEST_CASE(what_a_message_may_spend_is_counted_over_all_its_archives) {
  ArchiveBudget budget({.entries = 3});
  Seen seen;
  WalkArchive(Sample("two.zip"), "two.zip", &budget, &seen);
  BOOST_TEST(seen.troubles.empty());
  BOOST_TEST(seen.files.size() == 2U);
  BOOST_TEST(seen.files.back() == "one.zip/notes.txt");
  WalkArchive(Sample("two.zip"), "two.zip", &budget, &seen);
  BOOST_TEST((seen.troubles == std::vector{ArchiveTrouble::kTooManyEntries}));

  ArchiveBudget bytes({.unpacked = 100});
  Seen small;
  WalkArchive(Sample("one.zip"), "one.zip", &bytes, &small);
  BOOST_TEST((small.troubles == std::vector{ArchiveTrouble::kTooLarge}));
  ArchiveBudget held({.held = 64});
  Seen none;
  WalkArchive(Sample("two.zip"), "two.zip", &held, &none);
  BOOST_TEST((none.troubles == std::vector{ArchiveTrouble::kTooLarge}));
  ArchiveBudget work(ArchiveLimits{}, Work(50'000));
  Seen little;
  WalkArchive(Sample("two.zip"), "two.zip", &work, &little);
  BOOST_TEST((little.troubles == std::vector{ArchiveTrouble::kWork}));
}

std::uint64_t WorkOn(const std::string& archive) {
  ArchiveBudget budget{ArchiveLimits{}};
  Seen seen;
  WalkArchive(archive, "a", &budget, &seen);
  return Work().left() - budget.work.left();
}

BOOST_AUTO_TEST_CASE(work_on_archives_is_counted_so_that_it_is_the_same_on_every_machine) {
  for (const char* name : {"three.zip", "ppmd.7z", "plain.tar.gz", "plain.tar.xz", "plain.cpio"}) {
    BOOST_TEST(WorkOn(Sample(name)) > 0U, name);
    BOOST_TEST(WorkOn(Sample(name)) == WorkOn(Sample(name)), name);
  }
  const std::uint64_t one = WorkOn(Sample("one.zip")), two = WorkOn(Sample("two.zip"));
  BOOST_TEST(two > one);
  // What is packed harder costs more for as many bytes.
  BOOST_TEST(WorkOn(Sample("ppmd.7z")) > WorkOn(Sample("lzma.7z")));
  BOOST_TEST(WorkOn(Sample("bzip2.7z")) > WorkOn(Sample("lzma.7z")));
  // 4,000 bytes that could not be packed, in one piece, which libarchive tells late.
  BOOST_TEST(WorkOn(Sample("noise.7z")) > 450 * 4'000U);
}

// A ZIP archive of one deflated file, of which only what is needed to unpack it is said in
// front: there is no directory, and the file's size follows it.
BOOST_AUTO_TEST_CASE(what_is_unpacked_to_be_passed_over_is_counted_too) {
  const std::string packed = Sample("bomb.zip");
  constexpr std::size_t kFlags = 6, kSizes = 14, kNameSize = 26, kFront = 30;
  std::string streamed = packed.substr(0, packed.find("PK\x01\x02"));
  streamed[kFlags] = 8;
  std::fill_n(streamed.begin() + kSizes, 12, '\0');
  const std::size_t begin = kFront + static_cast<unsigned char>(streamed[kNameSize]);
  BOOST_REQUIRE(begin < streamed.size());
  ArchiveBudget budget{ArchiveLimits{}};
  Seen seen;
  WalkArchive(streamed, "a.zip", &budget, &seen);
  BOOST_TEST((seen.troubles == std::vector{ArchiveTrouble::kRatio}));
}

// Stored files in a RAR archive from before version 5.
std::string Rar(const std::vector<std::pair<std::string, std::string>>& files) {
  const auto number = [](std::size_t value, std::size_t size) {
    std::string bytes;
    for (; size > 0; --size, value >>= 8U) bytes += static_cast<char>(value & 0xFFU);
    return bytes;
  };
  const auto block = [&](const std::string& rest) {
    std::string whole =
        number(crc32_z(0, reinterpret_cast<const Bytef*>(rest.data()), rest.size()), 2);
    whole += rest;
    return whole;
  };
  std::string rar = std::string("Rar!\x1a\x07\0", 7) +
                    block(number(0x73, 1) + number(0, 2) + number(13, 2) + number(0, 6));
  for (const auto& [name, content] : files) {
    const auto* const bytes = reinterpret_cast<const Bytef*>(content.data());
    std::string header;
    for (const auto& [value, size] : std::initializer_list<std::pair<std::size_t, std::size_t>>{
             {0x74, 1},
             {0x8000, 2},
             {32 + name.size(), 2},
             {content.size(), 4},
             {content.size(), 4},
             {2, 1},
             {crc32_z(0, bytes, content.size()), 4},
             {0, 4},
             {29, 1},
             {0x30, 1},
             {name.size(), 2},
             {0x20, 4}}) {
      header += number(value, size);
    }
    rar += block(header + name);
    rar += content;
  }
  return rar;
}

BOOST_AUTO_TEST_CASE(files_of_a_rar_archive_are_passed_over_by_their_size) {
  const std::string notes = Walked("one.zip").notes;
  const std::string rar = Rar({{"a.txt", std::string(3'000'000, '\xFF')}, {"notes.txt", notes}});
  ArchiveBudget budget{ArchiveLimits{}};
  Seen seen;
  WalkArchive(rar, "a.rar", &budget, &seen);
  BOOST_TEST(seen.troubles.empty());
  BOOST_TEST(seen.files.size() == 2U);
  BOOST_TEST(seen.notes == notes);
  BOOST_TEST(DispositionOf(Judge(Attached("a.rar", rar))) == "MALICIOUS");
}

BOOST_AUTO_TEST_CASE(two_files_of_one_name_in_a_rar_archive_do_not_hide_the_second) {
  const std::string notes = Walked("one.zip").notes;
  const Judgement judgement =
      Judge(Attached("a.rar", Rar({{"a.txt", "Hello."}, {"a.txt", notes}})));
  BOOST_TEST(FindReason(judgement, "archive-unreadable") != nullptr);
  BOOST_TEST(DispositionOf(judgement) == "UNSCANNABLE");
}

BOOST_AUTO_TEST_CASE(a_7z_archive_says_how_it_is_packed) {
  const auto packing = [](const std::string& name) {
    Work work;
    return PackingOfSevenZip(Sample(name), &work);
  };
  BOOST_TEST(packing("ppmd.7z").may_be_ppmd);
  BOOST_TEST(!packing("ppmd.7z").may_be_bzip2);
  BOOST_TEST(packing("bzip2.7z").may_be_bzip2);
  BOOST_TEST(!packing("bzip2.7z").may_be_ppmd);
  for (const char* name : {"lzma.7z", "plain.7z"}) {
    BOOST_TEST(!packing(name).may_be_ppmd, name);
    BOOST_TEST(!packing(name).may_be_bzip2, name);
  }
  // Where it cannot be told, it may be anything.
  const std::string whole = Sample("lzma.7z");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Work work;
    BOOST_TEST(PackingOfSevenZip(std::string_view(whole).substr(0, i), &work).may_be_ppmd, i);
  }
}

// As libarchive reads it: streams, and that header.
std::string SevenZipWith(const std::string& header, const std::string& streams = "") {
  const auto number = [](std::uint64_t value, int bytes) {
    std::string out;
    for (; bytes > 0; --bytes, value >>= 8U) out += static_cast<char>(value & 0xFFU);
    return out;
  };
  const auto crc = [](const std::string& bytes) {
    return crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  };
  const std::string start =
      number(streams.size(), 8) + number(header.size(), 8) + number(crc(header), 4);
  return std::string("7z\xBC\xAF\x27\x1C\0\4"sv) + number(crc(start), 4) + start + streams + header;
}

// Pictures are put in so, by programs that look first.
BOOST_AUTO_TEST_CASE(what_is_only_stored_in_a_7z_archive_costs_little) {
  const std::string size("\xE0\x80\x1A\x06"sv);  // 400,000
  const std::string header = std::string("\x01\x04\x06\0\x01\x09"sv) + size +
                             std::string("\0\x07\x0B\x01\0\x01\x01\0\x0C"sv) + size +
                             std::string("\0\x08\0\0\x05\x01\x11\x05\0a\0\0\0\0\0"sv);
  const std::string stored = SevenZipWith(header, std::string(400'000, 'x'));
  ArchiveBudget budget{ArchiveLimits{}};
  Seen seen;
  WalkArchive(stored, "a.7z", &budget, &seen);
  BOOST_TEST(seen.troubles.empty());
  BOOST_TEST(seen.files.size() == 1U);
  BOOST_TEST(WorkOn(stored) < 8 * 400'000U);
  // As LZMA2 keeps what cannot be packed: pieces of 64 KiB, each with its size in front.
  std::string pieces;
  for (int i = 0; i < 6; ++i) pieces += "\x01\xFF\xFF"s + std::string(65'536, 'x');
  pieces += "\x02\x1A\x7F"s + std::string(6'784, 'x') + '\0';
  pieces.resize(400'000, '\0');
  std::string lzma2 = header;
  lzma2.replace(lzma2.find("\x01\x01\0"sv, 15), 3, "\x01\x21\x21\x01\x18"s);
  BOOST_TEST(WorkOn(SevenZipWith(lzma2, pieces)) < 10 * 400'000U);
  // The same bytes as LZMA would cost more.
  for (std::size_t at = 0; at < 6 * 65'539UL; at += 65'539) pieces[at] = '\x81';
  BOOST_TEST(WorkOn(SevenZipWith(lzma2, pieces)) > 30 * 400'000U);
}

// What the header of a 7z archive says there is, libarchive makes room for; what it is packed
// of, it unpacks: both before the first file, and both are counted before it is asked.
BOOST_AUTO_TEST_CASE(a_header_that_lies_costs_what_it_says) {
  const std::string number("\xE0\x80\x1A\x06"sv);  // 400,000
  const std::string little = "\x01\x05\x01";
  const std::uint64_t one = WorkOn(SevenZipWith(little));
  BOOST_TEST(one < 1'000'000U);
  for (const std::string& header :
       {"\x01\x05" + number + std::string("\0\0"sv),
        std::string("\x01\x04\x06\0"sv) + number + std::string("\x09\0\0"sv),
        std::string("\x01\x04\x07\x0B"sv) + number + std::string(20, '\0')}) {
    BOOST_TEST(WorkOn(SevenZipWith(header)) > one + 20'000'000);
  }
  // A hundred bytes for which libarchive would make room for five gigabytes: it is not asked.
  BOOST_TEST(WorkOn(Sample("many-files.7z")) == Work().left());
  std::string long_header = Sample("long-header.7z");
  BOOST_TEST(WorkOn(long_header) > 200'000'000U);
  // It says that it is longer than the archive, which keeps nobody from reading it.
  long_header[27] = '\x7F';
  const std::uint64_t crc = crc32_z(0, reinterpret_cast<const Bytef*>(&long_header[12]), 20);
  for (std::size_t i = 0; i < 4; ++i) long_header[8 + i] = static_cast<char>(crc >> 8 * i);
  BOOST_TEST(WorkOn(long_header) > 200'000'000U);
}

BOOST_AUTO_TEST_CASE(many_archives_with_long_headers_end_the_work_and_no_judge) {
  std::string mail = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n";
  const std::string long_header = Sample("long-header.7z");
  const std::string folders =
      SevenZipWith(std::string("\x01\x04\x07\x0B\xE0\x80\x1A\x06"sv) + std::string(20, '\0'));
  for (int i = 0; i < 800; ++i) {
    mail +=
        "--x\r\nContent-Type: application/x-7z-compressed\r\nContent-Transfer-Encoding: "
        "binary\r\n\r\n" +
        (i % 2 == 0 ? folders : long_header) + "\r\n";
  }
  const Judgement judgement = Judge(mail + "--x--\r\n");
  BOOST_TEST(FindReason(judgement, "archive-work") != nullptr);
}

BOOST_AUTO_TEST_CASE(an_archive_cut_anywhere_is_told_or_read) {
  for (const char* name : {"plain.7z", "two.zip", "plain.tar.gz", "hdr5.rar"}) {
    const std::string archive = Sample(name);
    for (std::size_t i = 0; i < archive.size(); i += 3) {
      const std::string cut = archive.substr(0, i);
      ArchiveBudget budget{ArchiveLimits{}};
      Seen seen;
      WalkArchive(cut, name, &budget, &seen);
      BOOST_TEST((!seen.troubles.empty() || !seen.files.empty() || i <= 22), name << " " << i);
    }
  }
}

BOOST_AUTO_TEST_CASE(names_made_to_be_misread_are_found_whatever_is_in_the_file) {
  const auto named = [](const std::string& name) {
    return Judge("From: a@b.example\r\nContent-Type: application/octet-stream; name=\"" + name +
                 "\"\r\nContent-Disposition: attachment; filename=\"" + name +
                 "\"\r\n\r\nhello\r\n");
  };
  BOOST_TEST(FindReason(named("invoice.pdf.exe"), "double-extension") != nullptr);
  BOOST_TEST(FindReason(named("scan.jpg      .scr"), "double-extension") != nullptr);
  BOOST_TEST(FindReason(named("a.docx.js. "), "double-extension") != nullptr);
  BOOST_TEST(FindReason(named("invoice.pdf.html"), "page-as-document") != nullptr);
  BOOST_TEST(FindReason(named("ann\xE2\x80\xAE"
                              "fdp.exe"),
                        "direction-override") != nullptr);
  BOOST_TEST(DispositionOf(named("invoice.pdf.exe")) == "SUSPICIOUS");
  BOOST_TEST(DispositionOf(named("invoice.pdf.html")) == "NONE");
  for (const char* name : {"setup.exe", "report.2026.pdf", "page.html", "archive.tar.gz", "v1.2.js",
                           "a.pdf.txt", "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D.pdf", "page.htm.html"}) {
    const Judgement judgement = named(name);
    for (const char* reason : {"double-extension", "page-as-document", "direction-override"}) {
      BOOST_TEST(FindReason(judgement, reason) == nullptr, name << " " << reason);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
