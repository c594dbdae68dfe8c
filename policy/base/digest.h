// SPDX-License-Identifier: Apache-2.0
// SHA-256, the one digest of the project: it names reports and decoded parts.
#ifndef CLAWBACK_POLICY_BASE_DIGEST_H_
#define CLAWBACK_POLICY_BASE_DIGEST_H_

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "policy/base/c_handle.h"

namespace clawback {

using Digest = std::array<std::uint8_t, 32>;

// Streaming SHA-256. One thread at a time.
class Sha256 {
 public:
  Sha256();
  void Update(std::string_view bytes);
  // Ends the stream; the object may not be used afterwards.
  Digest Finish();

 private:
  CHandle<EVP_MD_CTX, EVP_MD_CTX_free> context_;
};

Digest Sha256Of(std::string_view bytes);

// Lower-case hexadecimal, and back (nullopt unless exactly 64 hex digits).
std::string ToHex(std::span<const std::uint8_t> bytes);
std::optional<Digest> DigestFromHex(std::string_view hex);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_DIGEST_H_
