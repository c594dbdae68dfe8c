// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/worker/iconv_gate.h"

#include <dlfcn.h>
#include <iconv.h>

#include <cerrno>
#include <set>
#include <string>
#include <utility>

namespace clawback {
namespace {

using OpenIconv = iconv_t (*)(const char* to, const char* from);

struct Gate {
  OpenIconv open = reinterpret_cast<OpenIconv>(::dlsym(RTLD_NEXT, "iconv_open"));
  std::set<std::pair<std::string, std::string>> loaded;
  bool closed = false;
};

// The C interface has no other place to keep it; a judge has one thread.
Gate& TheGate() {
  static auto* gate = new Gate;
  return *gate;
}

// glibc compares charset names so.
std::string Upper(const char* name) {
  std::string upper = name;
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

// What iconv_open() returns when it fails (POSIX.1-2017).
iconv_t Failed() {
  return reinterpret_cast<iconv_t>(-1);  // NOLINT(performance-no-int-to-ptr): POSIX says so
}

iconv_t Unknown() {
  errno = EINVAL;
  return Failed();
}

iconv_t OpenThroughGate(const char* to, const char* from) {
  Gate& gate = TheGate();
  if (gate.open == nullptr) return Unknown();
  const std::pair names(Upper(to), Upper(from));
  if (gate.closed && gate.loaded.count(names) == 0) return Unknown();
  const iconv_t converter = gate.open(to, from);
  if (converter != Failed()) gate.loaded.insert(names);
  return converter;
}

}  // namespace

void CloseIconvGate() { TheGate().closed = true; }

}  // namespace clawback

extern "C" iconv_t iconv_open(const char* to, const char* from) {
  return clawback::OpenThroughGate(to, from);
}
