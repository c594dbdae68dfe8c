// SPDX-License-Identifier: Apache-2.0
// Letters about money from where anybody may write: a large sum in the text, from a free
// mailbox or to be answered at one, and payments in cryptocurrencies. Whatever the language.
#include <algorithm>
#include <string>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/internal_mail.h"
#include "policy/detect/known_hosts.h"
#include "policy/detect/own_links.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/detect/sums.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"large-sum", "crypto-address"};
constexpr double kFree = 0.25;     // people sell houses, too
constexpr double kToNobody = 0.1;  // more: whom one writes to of such a sum one names
constexpr double kAddress = 0.35;

// In a conversation or over a list.
bool IsAmongPeople(const Message& message) {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"In-Reply-To", "References", "List-Id", "List-Post"},
      [&](std::string_view field) { return message.Header(field).has_value(); });
}

// Written at a free mailbox, or to be answered at one.
bool IsAtFreeMailbox(const Message& message) {
  const auto free = [](const Address& address) { return IsFreeMailbox(DomainOf(address.address)); };
  return free(message.from.front()) || std::ranges::any_of(message.reply_to, free);
}

bool NamesNobody(const Message& message) {
  const auto names = [&](std::string_view field) {
    return message.Header(field).value_or("").find('@') != std::string_view::npos;
  };
  return !names("To") && !names("Cc");
}

// The part that what was found in text, a part of it, stands in.
std::string PlaceIn(const Message& message, std::string_view text, std::string_view found) {
  return PlaceInText(message, text, static_cast<std::size_t>(found.data() - text.data()));
}

class MoneyLettersDetector : public Detector {
 public:
  std::string_view name() const override { return "money-letters"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    if (message.from.empty() || IsAmongPeople(message) || IsInternal(message, context)) return;
    LargeSum(message, findings);
    CryptoAddress(message, findings);
  }

 private:
  static void LargeSum(const Message& message, std::vector<Finding>* findings) {
    if (!IsAtFreeMailbox(message)) return;
    const std::string_view text = message.SeenText();
    const std::string_view sum = LargeSumIn(text);
    if (sum.empty()) return;
    const bool nobody = NamesNobody(message);
    findings->push_back({"large-sum", Indication::kPhishing, nobody ? kFree + kToNobody : kFree,
                         "\"" + std::string(sum) + "\"" + (nobody ? ", to nobody by name" : ""),
                         Places(PlaceOfField("From"), PlaceIn(message, text, sum))});
  }

  static void CryptoAddress(const Message& message, std::vector<Finding>* findings) {
    const std::string_view text = message.SeenText();
    const std::string_view address = CryptoAddressIn(text);
    // An exchange tells its customers where their money went, and has pages of its own.
    if (address.empty() || LinksToSender(message)) return;
    findings->push_back({"crypto-address", Indication::kPhishing, kAddress,
                         "to be paid to \"" + std::string(address) + "\"",
                         PlaceIn(message, text, address)});
  }
};

}  // namespace

std::unique_ptr<Detector> NewMoneyLettersDetector() {
  return std::make_unique<MoneyLettersDetector>();
}

}  // namespace clawback
