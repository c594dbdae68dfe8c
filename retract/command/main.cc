// SPDX-License-Identifier: Apache-2.0
// clawback: the operator's command; clawback(1).
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "retract/command/command.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  try {
    return clawback::RunCommand(arguments, {std::cin, std::cout, std::cerr});
  } catch (const std::exception& error) {
    std::cerr << "clawback: " << error.what() << '\n';
    return clawback::kExitFailed;
  }
}
