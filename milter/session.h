// SPDX-License-Identifier: Apache-2.0
// One SMTP session of the journal path, as Postfix tells it step by step. Knows mail
// and nothing of libmilter, so tests build one and call it.
#ifndef CLAWBACK_MILTER_SESSION_H_
#define CLAWBACK_MILTER_SESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "milter/answer.h"
#include "milter/archive_headers.h"
#include "milter/intake.h"
#include "policy/source_checks.h"

namespace clawback {

// What Postfix says with HELO; empty where it says nothing. Comes again after
// STARTTLS, and only then with anything in it.
struct Greeting {
  std::string tls_version;          // "TLSv1.3"
  std::string certificate_subject;  // CommonName, from a verified chain only
  std::string certificate_issuer;
  // Only from `clawback replay`, whose place is this socket and not SMTP: no client of
  // Postfix can say it.
  std::string replayed_by = {};
  bool stamps_vouched_for = false;
};

// Steps come one after the other, but not always on the same thread. After an
// exception the message is unusable until Mail or Abort.
class Session {
 public:
  // A connection; intake outlives the session. edits_headers: whether Postfix agreed, when
  // it began, that the header of its mail may be changed.
  Session(Intake& intake, std::string client_address, std::string client_name,
          bool edits_headers = false);

  void Helo(const Greeting& greeting);
  // sender and recipient as in SMTP, with angle brackets; parameters are ESMTP's.
  Answer Mail(std::string_view sender, std::span<const std::string_view> parameters);
  Answer Rcpt(std::string_view recipient);
  // value as it stands after the colon, its leading white space included, folds as
  // LF or CRLF. What goes wrong here is answered at the end of the message.
  void Header(std::string_view name, std::string_view value);
  void EndOfHeaders();
  void Body(std::string_view bytes);
  Answer EndOfMessage(std::string_view queue_id);
  // The message is gone; the connection goes on.
  void Abort();

 private:
  // The content of one report from its first byte on.
  struct Content {
    Drain::Stay stay;
    ReportBytes bytes;
    ReservedHeaders reserved{};
  };
  // One mail transaction.
  struct Envelope {
    std::shared_ptr<const TenantDirectory> tenants;  // what tenant points into
    const Tenant* tenant = nullptr;                  // of the first recipient taken
    std::string sender;
    std::string service_address;
    std::string address_region;
    std::int64_t announced_bytes = 0;  // SIZE=
    ByteBudget::Share share;
  };

  Channel ChannelTo(std::string_view address) const;
  Answer RefuseEnded(const TenantDirectory::Hit& hit);
  std::optional<Answer> CheckRegion(const TenantDirectory::Hit& hit);
  Answer RefuseRegion(const TenantDirectory::Hit& hit);
  std::optional<Answer> CheckTransaction(const TenantDirectory::Hit& hit) const;
  Answer TakeRecipient(const TenantDirectory::Hit& hit, std::string_view address);
  Answer RefuseUnmet(const Tenant& tenant, const SourceCheck& unmet);
  void Count(FlowKind kind, const Tenant* tenant, std::string_view detail = {}) const;
  bool BeginContent();
  void Append(std::string_view bytes);
  void Refuse(Answer answer);

  Intake& intake_;
  const std::string client_address_, client_name_;
  const bool edits_headers_;
  Greeting greeting_;
  Envelope envelope_;
  std::optional<Content> content_;
  std::optional<Answer> refusal_;  // of the message, said at its end
};

}  // namespace clawback

#endif  // CLAWBACK_MILTER_SESSION_H_
