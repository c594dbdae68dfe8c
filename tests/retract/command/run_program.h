// SPDX-License-Identifier: Apache-2.0
// Runs the built program as an operator would.
#ifndef CLAWBACK_TESTS_RETRACT_COMMAND_RUN_PROGRAM_H_
#define CLAWBACK_TESTS_RETRACT_COMMAND_RUN_PROGRAM_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace clawback {

// A fresh folder, gone with everything in it at the end.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  // Writes a file; answers its path.
  std::string Put(std::string_view name, std::string_view content) const;
  std::string Path(std::string_view name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

struct Ran {
  int exit = -1;  // or minus the signal that ended it
  std::string out, err;
};

// clawback ARGUMENTS, with input on standard input; variable is one more variable of
// its environment ("NAME=VALUE"), or empty; device gets its standard output instead
// of Ran::out.
Ran RunClawback(const std::vector<std::string>& arguments, std::string_view input = "",
                const std::string& variable = "", const std::string& device = "");

std::vector<std::string> Lines(const std::string& text);

}  // namespace clawback

#endif  // CLAWBACK_TESTS_RETRACT_COMMAND_RUN_PROGRAM_H_
