// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <cstdio>
#include <string_view>

#include "tests/practice/certificates.h"

namespace {

int Certificates(const char* folder) {
  const auto written = clawback::practice::WriteCertificates(folder);
  if (written.ok()) return 0;
  fmt::print(stderr, "clawback-practice: {}\n", written.error().what);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "certificates") return Certificates(argv[2]);
  fmt::print(stderr, "usage: clawback-practice certificates DIR\n");
  return 2;
}
