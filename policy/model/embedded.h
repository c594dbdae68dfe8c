// SPDX-License-Identifier: Apache-2.0
// A file as a part of the program: CLAWBACK_EMBED(name, "path") at file scope, then
// Embedded(clawback_name, clawback_name_end) are its bytes.
#ifndef CLAWBACK_POLICY_MODEL_EMBEDDED_H_
#define CLAWBACK_POLICY_MODEL_EMBEDDED_H_

#include <cstddef>
#include <string_view>

// By the assembler, because compilers take minutes for megabytes written as numbers.
#define CLAWBACK_EMBED(name, path) \
  asm(".section .rodata\n"         \
      ".balign 16\n"               \
      ".hidden clawback_" #name    \
      "\n"                         \
      ".hidden clawback_" #name    \
      "_end\n"                     \
      ".global clawback_" #name    \
      "\n"                         \
      ".global clawback_" #name    \
      "_end\n"                     \
      "clawback_" #name            \
      ":\n"                        \
      ".incbin \"" path            \
      "\"\n"                       \
      "clawback_" #name            \
      "_end:\n"                    \
      ".byte 0\n"                  \
      ".previous\n");              \
  extern "C" const char clawback_##name[], clawback_##name##_end[]

namespace clawback {

inline std::string_view Embedded(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MODEL_EMBEDDED_H_
