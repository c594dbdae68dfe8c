// SPDX-License-Identifier: Apache-2.0
// What mail says that wants something from its reader, in the languages of the corpora
// that it was looked up in. Data of this release.
#ifndef CLAWBACK_POLICY_DETECT_LURE_PHRASES_H_
#define CLAWBACK_POLICY_DETECT_LURE_PHRASES_H_

#include <cstddef>
#include <string_view>

#include "policy/detect/phrase_runs.h"

namespace clawback {

enum class Lure {
  kCredentials,  // sign in, verify, or lose the account
  kPayment,      // invoices, refunds, points that expire
  kDelivery,     // a parcel that waits
  kPrize,        // won, chosen, a gift
  kAdvanceFee,   // an inheritance, a fund, a partner wanted
  kExtortion,    // a video, a payment in bitcoin
  kRomance,
  kRemedy,        // pharmacies and cures
  kMoney,         // loans, insurance, easy income
  kCallback,      // a charge that a telephone call takes back
  kCrypto,        // tokens to be claimed, wallets to be connected
  kIllicitGoods,  // what criminals sell each other: shells, mailers, card numbers
  kAuthority,     // fines, tolls and tax refunds, entries in registers
  kWorkplace,     // pay, appraisals and handbooks to be acknowledged, codes to be scanned
  kOffers,        // services that nobody asked for: ranking, web sites, addresses, journals
};
inline constexpr std::size_t kLures = 15;

// The lure that exactly these words (WordsOfText, a blank between) belong to.
KnownRun<Lure> LureOf(std::string_view words);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_LURE_PHRASES_H_
