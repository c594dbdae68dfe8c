// SPDX-License-Identifier: Apache-2.0
// Mail that only its recipient's key opens (S/MIME, PGP): nobody on the way can say what
// is in it. A signature hides nothing.
#include <string>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"message-encrypted"};
constexpr std::string_view kPgp = "-----BEGIN PGP MESSAGE-----";

// RFC 8551 3.3 and 3.4: enveloped data, and what declares no type but has its file name.
// The content tells, for the parameter is not kept with a part: the object identifiers of
// EnvelopedData and AuthEnvelopedData as DER has them.
bool IsEnveloped(const MessagePart& part) {
  if (part.type != "application/pkcs7-mime" && part.type != "application/x-pkcs7-mime") {
    return false;
  }
  const std::string_view head = std::string_view(part.content).substr(0, 64);
  using std::string_view_literals::operator""sv;
  return head.find("\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03"sv) != std::string_view::npos ||
         head.find("\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17"sv) != std::string_view::npos;
}

bool IsPgp(const MessagePart& part) {
  if (part.type == "multipart/encrypted") return true;  // RFC 3156 4
  const std::string_view head = std::string_view(part.content).substr(0, 200);
  return part.type.rfind("text/", 0) == 0 && Trim(head).substr(0, kPgp.size()) == kPgp;
}

class EncryptedMessageDetector : public Detector {
 public:
  std::string_view name() const override { return "encrypted-message"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext&,
               std::vector<Finding>* findings) const override {
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const MessagePart& part = message.parts[i];
      const bool pgp = IsPgp(part);
      if (!pgp && !IsEnveloped(part)) continue;
      findings->push_back({"message-encrypted", Indication::kLimit, 1,
                           std::string("is encrypted with ") + (pgp ? "PGP" : "S/MIME"),
                           PlaceOfPart(message, i)});
      return;
    }
  }
};

}  // namespace

std::unique_ptr<Detector> NewEncryptedMessageDetector() {
  return std::make_unique<EncryptedMessageDetector>();
}

}  // namespace clawback
