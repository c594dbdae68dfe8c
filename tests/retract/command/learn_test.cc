// SPDX-License-Identifier: Apache-2.0
// clawback learn, with small mail of three kinds, and what it makes of a bad request.
#include <sys/stat.h>

#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "policy/model/examples.h"
#include "policy/model/linear_model.h"
#include "tests/retract/command/run_program.h"

namespace clawback {
namespace {

std::string Letter(const std::string& says, int number) {
  return "From: Someone <a@b.example>\r\nMessage-ID: <" + std::to_string(number) +
         "@b.example>\r\n\r\n" + says + " and so on, number " + std::to_string(number) + "\r\n";
}

// 40 messages of each label and the labels file of them, numbered from first; flip swaps ham
// and spam.
struct Sorted {
  explicit Sorted(int first = 0, bool flip = false) {
    const std::string says[] = {"minutes of the garden club meeting",
                                "cheap turnips delivered to your castle",
                                "your drawbridge was locked, open it here"};
    const std::string words[] = {flip ? "spam" : "ham", flip ? "ham" : "spam", "phish"};
    std::string labels = "path\tlabel\tsource\n";
    for (int i = 0; i < 120; ++i) {
      const std::string name = std::to_string(i) + ".eml";
      folder.Put(name, Letter(says[i % 3], first + i));
      labels += name + "\t" + words[i % 3] + "\there\n";
    }
    file = folder.Put("labels.tsv", labels);
  }
  std::string root() const { return std::filesystem::path(file).parent_path(); }
  Ran Learn(const std::string& out, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"learn", "--labels", file, "--out", out, root()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunClawback(arguments);
  }
  Scratch folder;
  std::string file;
};

std::string Bytes(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

BOOST_AUTO_TEST_SUITE(learn)

BOOST_AUTO_TEST_CASE(a_model_is_learnt_written_and_used) {
  const Sorted sorted;
  const std::string model = sorted.folder.Path("x.model");
  const Ran ran = sorted.Learn(model);
  BOOST_TEST(ran.err == "");
  BOOST_REQUIRE(ran.exit == 0);
  BOOST_TEST(ran.out.find("cross-validated") == 0U);
  BOOST_TEST(ran.out.find("written to " + model) != std::string::npos);
  const std::string bad =
      sorted.folder.Put("new.eml", Letter("cheap turnips delivered to your castle", 777));
  const Ran judged = RunClawback({"classify", "--json", "--model", model, bad});
  BOOST_TEST(judged.exit == 0);
  BOOST_TEST(judged.out.find("\"model-spam\"") != std::string::npos, judged.out);
}

BOOST_AUTO_TEST_CASE(machines_are_told_the_same_a_line_an_event) {
  const Sorted sorted, canary(1000);
  const Ran ran = sorted.Learn(sorted.folder.Path("x.model"), {"--json", "--canary", canary.file});
  BOOST_REQUIRE(ran.exit == 0);
  std::vector<boost::json::object> lines;
  std::istringstream out(ran.out);
  for (std::string line; std::getline(out, line);) {
    lines.push_back(boost::json::parse(line).as_object());
  }
  BOOST_REQUIRE_EQUAL(lines.size(), 4U);
  BOOST_TEST(lines[0].at("event") == "read");
  BOOST_TEST(lines[0].at("messages").to_number<int>() == 120);
  BOOST_TEST(lines[1].at("event") == "cross-validated");
  BOOST_TEST(lines[1].at("labels").as_array().size() == 3U);
  BOOST_TEST(lines[1].at("labels").at(0).at("messages").to_number<int>() == 40);
  BOOST_TEST(lines[2].at("event") == "canary");
  BOOST_TEST(lines[2].at("model").at("wanted_called_bad").to_number<int>() == 0);
  BOOST_TEST(lines[3].at("event") == "written");
  BOOST_TEST(lines[3].at("file") == boost::json::string(sorted.folder.Path("x.model")));
}

BOOST_AUTO_TEST_CASE(the_same_labels_give_the_same_model_in_any_order) {
  const Sorted sorted;
  sorted.Learn(sorted.folder.Path("a.model"));
  std::vector<std::string> lines = Lines(Bytes(sorted.file));
  std::reverse(lines.begin() + 1, lines.end());
  std::string reversed;
  for (const std::string& line : lines) reversed += line + "\n";
  sorted.folder.Put("labels.tsv", reversed);
  sorted.Learn(sorted.folder.Path("b.model"));
  BOOST_TEST(!Bytes(sorted.folder.Path("a.model")).empty());
  BOOST_TEST((Bytes(sorted.folder.Path("a.model")) == Bytes(sorted.folder.Path("b.model"))));
}

BOOST_AUTO_TEST_CASE(two_that_write_one_model_write_it_whole) {
  const Sorted sorted;
  const std::string model = sorted.folder.Path("x.model");
  const auto learn = [&] {
    return RunClawback({"learn", "--alone", "--labels", sorted.file, "--out", model, sorted.root()},
                       "", "CLAWBACK_FAULT=command.before-rename=wait:1500");
  };
  auto other = std::async(std::launch::async, learn);
  const Ran one = learn(), two = other.get();
  BOOST_TEST(one.exit == 0, one.err);
  BOOST_TEST(two.exit == 0, two.err);
  BOOST_TEST(!std::filesystem::exists(model + ".new"));
  BOOST_TEST(LinearModel::Open(Bytes(model)).ok());
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_not_replaced_by_a_model) {
  const Sorted sorted;
  const std::string folder = sorted.folder.Path("folder"), pipe = sorted.folder.Path("pipe");
  std::filesystem::create_directory(folder);
  BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& out : {folder, pipe}) {
    for (const char* option : {"--out", "--examples-out"}) {
      const Ran ran = RunClawback({"learn", "--labels", sorted.file, option, out, sorted.root()});
      BOOST_TEST(ran.exit == 1);
      BOOST_TEST(ran.out == "");  // said before it reads anything
      BOOST_TEST(ran.err == "clawback learn: " + out + ": is there, and is no file\n");
      BOOST_TEST(!std::filesystem::is_regular_file(out));
    }
  }
}

// What cannot be read is told; nobody waits for who might write into it.
BOOST_AUTO_TEST_CASE(a_pipe_among_the_labels_stops_nobody) {
  const Sorted sorted, canary(1000);
  BOOST_REQUIRE(::mkfifo(sorted.folder.Path("pipe").c_str(), 0600) == 0);
  sorted.folder.Put("labels.tsv", Bytes(sorted.file) + "pipe\tham\n");
  const Ran ran = sorted.Learn(sorted.folder.Path("x.model"), {"--canary", canary.file});
  BOOST_TEST(ran.exit == 0, ran.err);
  BOOST_TEST(ran.out.find("1 of 121 messages could not be read and are left out") == 0U, ran.out);
}

BOOST_AUTO_TEST_CASE(a_model_that_does_worse_on_the_canary_set_is_not_written) {
  const Sorted right;
  const std::string used = right.folder.Path("used.model");
  BOOST_REQUIRE(right.Learn(used).exit == 0);
  const Sorted wrong(1000, /*flip=*/true);
  const std::string out = wrong.folder.Path("x.model");
  const Ran ran = wrong.Learn(out, {"--canary", right.file, "--against", used});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.err.find("does worse on the canary set and is not written: it calls ") !=
                 std::string::npos,
             ran.err);
  BOOST_TEST(ran.err.find("0.eml\n") != std::string::npos, ran.err);  // which mail it would hurt
  BOOST_TEST(ran.err.find("\\n") == std::string::npos, ran.err);
  BOOST_TEST(!std::filesystem::exists(out));
}

BOOST_AUTO_TEST_CASE(a_model_that_does_as_well_passes_the_canary_set) {
  const Sorted sorted, canary(1000);
  const std::string model = sorted.folder.Path("x.model");
  const Ran ran = sorted.Learn(model, {"--canary", canary.file});
  BOOST_TEST(ran.exit == 0, ran.err);
  BOOST_TEST(ran.out.find("canary set, 120 messages: 0 wanted called bad") != std::string::npos);
}

// Wrong paths would otherwise make any model as good as the one in use.
BOOST_AUTO_TEST_CASE(a_canary_set_that_cannot_be_read_is_named_before_anything_is_learnt) {
  const Sorted sorted;
  const std::string out = sorted.folder.Path("x.model");
  const std::string gone = sorted.folder.Put("gone.tsv", "gone.tsv\tham\nelsewhere/1.eml\tspam\n");
  const Ran ran = sorted.Learn(out, {"--canary", gone});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.out == "");
  BOOST_TEST(ran.err == "clawback learn: " + gone + ": " + sorted.root() +
                            "/elsewhere/1.eml cannot be read or judged (open: No such file or "
                            "directory); paths count from the "
                            "folder of " +
                            gone + "\n");
  BOOST_TEST(!std::filesystem::exists(out));
  BOOST_TEST(sorted.Learn(out, {"--canary", sorted.folder.Path("absent")}).out == "");
}

// A model knows what it has learnt: such a set would pass nearly every one.
BOOST_AUTO_TEST_CASE(canary_mail_that_is_learnt_from_too_is_named_whatever_it_is_called) {
  const Sorted sorted;
  const std::string out = sorted.folder.Path("x.model");
  std::string copy = Letter("minutes of the garden club meeting", 0);
  std::erase(copy, '\r');
  const Scratch elsewhere;
  elsewhere.Put("other.eml", Letter("cheap turnips delivered to your castle", 777));
  const std::string path = elsewhere.Put("copy.eml", copy);
  const std::string canary = elsewhere.Put("canary.tsv", "other.eml\tspam\ncopy.eml\tham\n");
  const Ran one = sorted.Learn(out, {"--canary", canary});
  BOOST_TEST(one.exit == 1);
  BOOST_TEST(one.out == "");
  BOOST_TEST(one.err == "clawback learn: " + canary +
                            ": 1 of its 2 messages are learnt from too, and so say nothing of how "
                            "the model does on other mail; take them out of one of the files:\n  " +
                            path + "\n");
  const Ran all = sorted.Learn(out, {"--canary", sorted.file});
  BOOST_TEST(all.exit == 1);
  BOOST_TEST(all.err.find("120 of its 120 messages") != std::string::npos, all.err);
  BOOST_TEST(all.err.ends_with("9.eml\n  and 110 more\n"), all.err);
  BOOST_TEST(!std::filesystem::exists(out));
}

BOOST_AUTO_TEST_CASE(a_fresh_file_that_was_left_behind_is_replaced) {
  const Sorted sorted;
  const std::string out = sorted.folder.Path("x.model");
  sorted.folder.Put("x.model.new", "a part of a mod");
  const Ran ran = sorted.Learn(out, {"--alone"});
  BOOST_TEST(ran.exit == 0, ran.err);
  BOOST_TEST(Bytes(out).starts_with("clawback-model"));
  BOOST_TEST(!std::filesystem::exists(out + ".new"));
}

BOOST_AUTO_TEST_CASE(no_fresh_file_is_left_where_the_model_cannot_be_put_in_its_place) {
  const Sorted sorted;
  const std::string out = sorted.folder.Path("x.model");
  auto learning = std::async(std::launch::async, [&] {
    return RunClawback({"learn", "--alone", "--labels", sorted.file, "--out", out, sorted.root()},
                       "", "CLAWBACK_FAULT=command.before-rename=wait:1500");
  });
  while (!std::filesystem::exists(out + ".new") &&
         learning.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) {
  }
  std::filesystem::create_directories(out + "/in");
  const Ran failed = learning.get();
  BOOST_TEST(failed.exit == 1);
  BOOST_TEST(failed.err.find(out + ": Is a directory") != std::string::npos, failed.err);
  BOOST_TEST(!std::filesystem::exists(out + ".new"));
}

BOOST_AUTO_TEST_CASE(what_would_be_passed_over_is_refused) {
  const Sorted sorted;
  const Ran alone = sorted.Learn(sorted.folder.Path("x.model"), {"--against", sorted.file});
  BOOST_TEST(alone.exit == 2);
  BOOST_TEST(alone.err.find("--against FILE is for --canary FILE") != std::string::npos, alone.err);
  BOOST_TEST(RunClawback({"learn", "--labels", sorted.file, "--examples-out",
                          sorted.folder.Path("x"), "--canary", sorted.file, sorted.root()})
                 .exit == 2);
}

BOOST_AUTO_TEST_CASE(a_spreadsheets_labels_give_the_same_model) {
  const Sorted sorted;
  const std::string plain = sorted.folder.Path("a.model"), other = sorted.folder.Path("b.model");
  BOOST_REQUIRE(sorted.Learn(plain).exit == 0);
  const std::string labels = Bytes(sorted.file) + "0.eml\tham\there\n./1.eml\tspam\there\n";
  std::string sheet = "\xEF\xBB\xBF";
  for (const char c : labels) sheet += c == '\n' ? "\r\n" : std::string(1, c);
  const std::string file = sorted.folder.Put("sheet.tsv", sheet);
  const Ran ran = RunClawback({"learn", "--labels", file, "--out", other, sorted.root()});
  BOOST_TEST(ran.exit == 0, ran.err);
  BOOST_TEST((Bytes(plain) == Bytes(other)));
}

BOOST_AUTO_TEST_CASE(a_message_with_two_labels_is_named) {
  const Sorted sorted;
  const std::string file = sorted.folder.Put("two.tsv", "0.eml\tham\n1.eml\tspam\n./0.eml\tspam\n");
  const Ran ran = RunClawback(
      {"learn", "--labels", file, "--out", sorted.folder.Path("x.model"), sorted.root()});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.err.find(file + ":3: \"") != std::string::npos, ran.err);
  BOOST_TEST(ran.err.find("has another label in line 1; take one out") != std::string::npos,
             ran.err);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_used_is_named) {
  const Sorted sorted;
  const std::string out = sorted.folder.Path("x.model");
  const std::string odd = sorted.folder.Put("odd.tsv", "a.eml\tham\nb.eml\tjunk\n");
  const std::string few = sorted.folder.Put("few.tsv", "0.eml\tham\n1.eml\tspam\n");
  const std::string none = sorted.folder.Put("none.tsv", "path\tlabel\n");
  const auto with = [&](const std::string& labels) {
    return RunClawback({"learn", "--labels", labels, "--out", out, sorted.root()});
  };
  BOOST_TEST(with(odd).err == "clawback learn: " + odd +
                                  ":2: \"junk\": expected ham, bulk, spam, "
                                  "scam, phish or malware\n");
  BOOST_TEST(with(few).err.find("at least 20 of each label") != std::string::npos);
  BOOST_TEST(with(none).err.find("no line names a message") != std::string::npos);
  BOOST_TEST(with(sorted.folder.Path("absent")).err.find("No such file") != std::string::npos);
  for (const Ran& ran : {with(odd), with(few), with(none)}) BOOST_TEST(ran.exit == 1);
  BOOST_TEST(!std::filesystem::exists(out));
  BOOST_TEST(RunClawback({"learn", sorted.root()}).exit == 2);
  BOOST_TEST(RunClawback({"learn", "--labels", sorted.file, "--out", out}).exit == 2);
}

// Of these labels alone nothing is known of a strange lure; the made-up mail has many.
BOOST_AUTO_TEST_CASE(made_up_mail_is_learnt_along_unless_the_labels_are_to_stand_alone) {
  const Sorted sorted;
  const std::string with = sorted.folder.Path("with.model"), alone = sorted.folder.Path("a.model");
  BOOST_REQUIRE(sorted.Learn(with).exit == 0);
  const Ran ran = sorted.Learn(alone, {"--alone"});
  BOOST_REQUIRE(ran.exit == 0);
  // What is told is of the operator's mail, with and without.
  BOOST_TEST(ran.out.find("wanted      40 messages") != std::string::npos, ran.out);
  const std::string lure = sorted.folder.Put(
      "lure.eml",
      "From: Someone <a@b.example>\r\nMessage-ID: <1@b.example>\r\n\r\nDear customer, please "
      "confirm the security of this account immediately, or mailbox access will be suspended "
      "within 24 hours: verify the password today.\r\n");
  const auto judged = [&](const std::string& model) {
    return RunClawback({"classify", "--json", "--model", model, lure}).out;
  };
  BOOST_TEST(judged(with).find("model-phishing") != std::string::npos, judged(with));
  BOOST_TEST(judged(alone).find("model-phishing") == std::string::npos, judged(alone));
}

BOOST_AUTO_TEST_CASE(examples_can_be_written_in_place_of_a_model) {
  const Sorted sorted;
  const std::string out = sorted.folder.Path("x.examples");
  const Ran ran =
      RunClawback({"learn", "--labels", sorted.file, "--examples-out", out, sorted.root()});
  BOOST_TEST(ran.exit == 0, ran.err);
  BOOST_TEST(ran.out == "120 examples written to " + out + "\n");
  const auto read = ReadExamples(Bytes(out));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(read->size() == 120U);
  BOOST_TEST(read->front().source == "here");
  BOOST_TEST(Bytes(out).find("garden") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_place_that_cannot_be_written_is_named_before_anything_is_learnt) {
  const Sorted sorted;
  const std::string out = sorted.folder.Path("none") + "/x.model";
  const Ran ran = sorted.Learn(out);
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.out == "");
  BOOST_TEST(ran.err == "clawback learn: " + out + ": No such file or directory\n");
}

BOOST_AUTO_TEST_CASE(messages_that_cannot_be_read_are_counted) {
  const Sorted sorted;
  std::ofstream(sorted.file, std::ios::app) << "gone.eml\tham\there\n";
  const Ran ran = sorted.Learn(sorted.folder.Path("x.model"));
  BOOST_TEST(ran.exit == 0);
  BOOST_TEST(ran.out.find("1 of 121 messages could not be read and are left out, first " +
                          sorted.root() + "/gone.eml: open: No such file or directory\n") == 0U,
             ran.out);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
