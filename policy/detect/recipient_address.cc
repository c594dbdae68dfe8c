// SPDX-License-Identifier: Apache-2.0
// Mail that knows its reader by the address alone: it stands in the subject, or where a
// letter has the name. And mail that says by itself how urgent it is.
#include <algorithm>
#include <string>
#include <vector>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/file_name.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/message/parse/addresses.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"recipient-in-subject", "recipient-greeted",
                                         "marked-urgent"};
constexpr double kSubject = 0.35;
constexpr double kGreeted = 0.25;
constexpr double kUrgent = 0.2;
constexpr std::size_t kGreeting = 250;  // bytes of the text that a greeting stands in
constexpr std::size_t kRecipients = 5;
constexpr std::size_t kInvitation = 16UL << 10;  // bytes

// The first of the message's invitations, in small letters, with folded lines made one.
std::string InvitationIn(const Message& message) {
  const auto part = std::ranges::find(message.parts, "text/calendar", &MessagePart::type);
  if (part == message.parts.end()) return {};
  std::string unfolded;
  for (const char c : CutUtf8(part->content, kInvitation)) {
    if (c == '\r') continue;
    const bool folded = (c == ' ' || c == '\t') && unfolded.ends_with('\n');
    if (folded) unfolded.pop_back();
    if (!folded) unfolded += c;
  }
  return LowerAscii(unfolded);
}

// Calendars write whom they invite into the subject and the text.
bool Invites(const std::string& invitation, const std::string& address) {
  const std::string mailto = "mailto:" + address;
  for (std::size_t at = invitation.find("\nattendee"); at != std::string::npos;
       at = invitation.find("\nattendee", at + 1)) {
    const std::string_view line =
        std::string_view(invitation).substr(at, invitation.find('\n', at + 1) - at);
    if (line.find(mailto) != std::string_view::npos) return true;
  }
  return false;
}

class RecipientAddressDetector : public Detector {
 public:
  std::string_view name() const override { return "recipient-address"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext&,
               std::vector<Finding>* findings) const override {
    Urgent(message, findings);
    const std::string_view to = message.Header("To").value_or("");
    // What goes to a list names the list, if anybody.
    if (to.empty() || message.Header("List-Post")) return;
    const std::string invitation = InvitationIn(message);
    std::vector<Address> recipients;
    ReadAddresses(CutUtf8(to, 4096), &recipients);
    const std::string subject = LowerAscii(CutUtf8(message.subject, 1024));
    const std::string_view seen = Trim(message.SeenText());
    const std::string begin = LowerAscii(CutUtf8(seen, kGreeting));
    const auto before_greeting = static_cast<std::size_t>(seen.data() - message.SeenText().data());
    for (std::size_t i = 0; i < std::min(recipients.size(), kRecipients); ++i) {
      const std::string& address = recipients[i].address;
      if (address.find('@') == std::string::npos || Invites(invitation, address)) continue;
      if (subject.find(address) != std::string::npos) {
        findings->push_back({"recipient-in-subject", Indication::kPhishing, kSubject,
                             Quoted(address) + " stands in the subject", PlaceOfField("Subject")});
      }
      if (Greets(begin, address)) {
        findings->push_back(
            {"recipient-greeted", Indication::kPhishing, kGreeted,
             Quoted(address) + " stands in the greeting",
             PlaceInText(message, message.SeenText(), before_greeting + begin.find(address))});
      }
    }
  }

 private:
  // At the beginning of the text, and not as what an answer quotes or a form repeats.
  static bool Greets(const std::string& begin, const std::string& address) {
    const std::size_t at = begin.find(address);
    if (at == std::string::npos) return false;
    // Inside of a link it greets nobody.
    if (at > 0 && std::string_view(" \t\r\n,!(\"'").find(begin[at - 1]) == std::string_view::npos) {
      return false;
    }
    const std::string before = begin.substr(at < 16 ? 0 : at - 16, at < 16 ? at : 16);
    for (const char* not_greeting : {"<", ":", ">", "wrote", "mailto"}) {
      if (before.find(not_greeting) != std::string::npos) return false;
    }
    return true;
  }

  static void Urgent(const Message& message, std::vector<Finding>* findings) {
    const std::string importance = LowerAscii(message.Header("Importance").value_or(""));
    const std::string_view priority = Trim(message.Header("X-Priority").value_or(""));
    if (importance != "high" && priority.substr(0, 1) != "1") return;
    const bool important = importance == "high";
    findings->push_back({"marked-urgent", Indication::kSpam, kUrgent, important ? "high" : "1",
                         PlaceOfField(important ? "Importance" : "X-Priority")});
  }
};

}  // namespace

std::unique_ptr<Detector> NewRecipientAddressDetector() {
  return std::make_unique<RecipientAddressDetector>();
}

}  // namespace clawback
