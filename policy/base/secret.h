// SPDX-License-Identifier: Apache-2.0
// Secrets are named in configuration by reference only and live in one place.
#ifndef CLAWBACK_POLICY_BASE_SECRET_H_
#define CLAWBACK_POLICY_BASE_SECRET_H_

#include <string>
#include <string_view>

#include "policy/base/result.h"

namespace clawback {

// Holds secret bytes: cannot be copied, printed or compared by accident, and is
// wiped when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes);  // wipes what bytes leaves behind
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  bool empty() const { return bytes_.empty(); }
  // The bytes themselves, for the one call that needs them.
  std::string_view Reveal() const { return bytes_; }

 private:
  void Wipe() noexcept;
  std::string bytes_;
};

// Equal in constant time for equal lengths.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

// Where a secret is to be had:
//   file:/path         a regular file, not readable by group or others beyond
//                      0640 with root or ourselves as owner; one trailing line
//                      end is dropped
//   credential:NAME    systemd's $CREDENTIALS_DIRECTORY/NAME
// Anything else is kInvalid: a secret itself never stands in configuration.
// A file with a loose mode is kRefused, and the error says which chmod mends it.
// A symbolic link is refused unless links is kFollowed: what it leads to must then be
// such a file. That is for tokens that another program puts there and exchanges by link.
enum class Links { kRefused, kFollowed };
Result<Secret> LoadSecret(std::string_view reference, Links links = Links::kRefused);

// Whether reference has one of the two forms, without touching the file.
Status CheckSecretReference(std::string_view reference);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_SECRET_H_
