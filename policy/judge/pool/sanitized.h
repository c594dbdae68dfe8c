// SPDX-License-Identifier: Apache-2.0
// Whether this build is instrumented by a sanitizer: it then needs more time, more
// address space and more system calls than what is shipped.
#ifndef CLAWBACK_POLICY_JUDGE_POOL_SANITIZED_H_
#define CLAWBACK_POLICY_JUDGE_POOL_SANITIZED_H_

namespace clawback {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_POOL_SANITIZED_H_
