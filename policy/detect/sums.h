// SPDX-License-Identifier: Apache-2.0
// Sums of money and addresses of cryptocurrencies as letters write them, whatever the language.
#ifndef CLAWBACK_POLICY_DETECT_SUMS_H_
#define CLAWBACK_POLICY_DETECT_SUMS_H_

#include <string_view>

namespace clawback {

// The first sum of 10,000 and more with its currency: "850.000 €", "USD 12,5 million", "$4.5M";
// a part of text, empty if there is none. Reads the first 16 KiB and 200 numbers.
std::string_view LargeSumIn(std::string_view text);

// The first address that bitcoin (bc1..., or 1... and 3... where the text speaks of it), Ethereum
// (0x...) or Tron (T..., where it speaks of it) is paid to; a part of text, empty if there is
// none. Its checksum is not asked for. What stands in a link is none. Reads the first 64 KiB.
std::string_view CryptoAddressIn(std::string_view text);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_SUMS_H_
