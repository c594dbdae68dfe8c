# SPDX-License-Identifier: Apache-2.0
# Warnings are errors, and every ELF is hardened; GCC 12 and Clang 14 take them all.
set(CLAWBACK_SANITIZE "" CACHE STRING "address,undefined | thread | fuzzer; empty: none")
option(CLAWBACK_WERROR "Warnings are errors" ON)

add_library(clawback_flags INTERFACE)
target_compile_options(clawback_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Wimplicit-fallthrough
  $<$<BOOL:${CLAWBACK_WERROR}>:-Werror>
  -fstack-protector-strong -fstack-clash-protection -fcf-protection=full)
target_link_options(clawback_flags INTERFACE
  -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed)

if(CLAWBACK_SANITIZE)
  string(REPLACE "fuzzer" "fuzzer-no-link,address,undefined" sanitizers "${CLAWBACK_SANITIZE}")
  add_compile_options(-fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  string(REPLACE "fuzzer-no-link," "" link_sanitizers "${sanitizers}")
  add_link_options(-fsanitize=${link_sanitizers})
else()
  target_compile_definitions(clawback_flags INTERFACE _GLIBCXX_ASSERTIONS
    $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=3>)
  add_link_options(-pie)
endif()
