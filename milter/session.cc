// SPDX-License-Identifier: Apache-2.0
#include "milter/session.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "milter/envelope_address.h"
#include "milter/settle.h"
#include "policy/base/log.h"
#include "policy/base/text.h"
#include "policy/source_checks.h"

namespace clawback {
namespace {

// RFC 1870; 0 where it is absent or no number.
std::int64_t AnnouncedSize(std::span<const std::string_view> parameters) {
  constexpr std::string_view kKey = "size=";
  for (const std::string_view parameter : parameters) {
    if (!EqualIgnoringCase(parameter.substr(0, kKey.size()), kKey)) continue;
    const std::string_view number = parameter.substr(kKey.size());
    std::int64_t size = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), size);
    if (error == std::errc() && end == number.data() + number.size() && size > 0) return size;
  }
  return 0;
}

TlsVersion TlsVersionOf(std::string_view name) {
  if (name == "TLSv1.2") return TlsVersion::kTls12;
  if (name == "TLSv1.3") return TlsVersion::kTls13;
  return TlsVersion::kNone;
}

std::string_view DomainOf(std::string_view address) {
  const size_t at = address.rfind('@');
  return at == std::string_view::npos ? address : address.substr(at + 1);
}

Answer Stopping() { return TempFail("4.3.2", "this relay is stopping, send again"); }
Answer TooLarge() { return TempFail("4.3.4", "larger than this relay takes"); }
Answer Busy() { return TempFail("4.3.1", "too many bytes on their way, send again later"); }

}  // namespace

Session::Session(Intake& intake, std::string client_address, std::string client_name,
                 bool edits_headers)
    : intake_(intake),
      client_address_(std::move(client_address)),
      client_name_(std::move(client_name)),
      edits_headers_(edits_headers) {}

void Session::Helo(const Greeting& greeting) { greeting_ = greeting; }

Answer Session::Mail(std::string_view sender, std::span<const std::string_view> parameters) {
  Abort();
  if (intake_.drain.draining()) return Stopping();
  envelope_.announced_bytes = AnnouncedSize(parameters);
  if (envelope_.announced_bytes > intake_.settings.max_report_bytes) return TooLarge();
  envelope_.tenants = intake_.tenants.Current();
  envelope_.sender = WithoutBrackets(sender);
  return Continue();
}

Answer Session::Rcpt(std::string_view recipient) {
  if (!envelope_.tenants) return TempFail("4.5.1", "no sender was taken");
  const std::string address = RecipientNamed(recipient);
  const auto hit = envelope_.tenants->FindByServiceAddress(address);
  if (!hit) {
    ++intake_.counts.unknown_address;
    Count(FlowKind::kUnknownAddress, nullptr);
    Log(Severity::kWarning, "unknown-address",
        {{"client", client_address_}, {"recipient", address}});
    // It may be one that the settings name: in doubt the report waits at Exchange.
    // Without any tenant it is the folder that is missing something, not the sender.
    const bool nobody = envelope_.tenants->tenants().empty();
    if (!intake_.settings_seen || nobody)
      return TempFail("4.3.5", "not all addresses are known yet");
    return Reject("5.1.1", "no such address here");
  }
  if (!hit->address->IsValid(intake_.clock.Now())) return RefuseEnded(*hit);
  if (auto refused = CheckRegion(*hit)) return *std::move(refused);
  if (auto refused = CheckTransaction(*hit)) return *std::move(refused);
  return TakeRecipient(*hit, address);
}

// What one record of a decision can say: one tenant, and one region.
std::optional<Answer> Session::CheckTransaction(const TenantDirectory::Hit& hit) const {
  const auto alone = [](std::string text) {
    return Answer{Answer::Kind::kTempFail, "452", "4.5.3", std::move(text)};
  };
  // A session may be older than the tenant's wish for an archive. Postfix opens a new one
  // with each of the client's.
  const bool passes_on = hit.tenant->after_accepting == AfterAccepting::kPassOn;
  if (passes_on && !edits_headers_ && greeting_.replayed_by.empty()) {
    return TempFail("4.3.5", "this session cannot mark mail for the archive: connect again");
  }
  if (envelope_.tenant == nullptr) return std::nullopt;
  if (envelope_.tenant != hit.tenant) {
    Count(FlowKind::kSecondTenant, hit.tenant);
    Log(Severity::kWarning, "second-tenant",
        {{"tenant", envelope_.tenant->name},
         {"second", hit.tenant->name},
         {"client", client_address_}});
    return alone("one tenant at a time: send to this one alone");
  }
  if (envelope_.address_region == hit.address->region) return std::nullopt;
  return alone("one region at a time: send to this address alone");
}

std::optional<Answer> Session::CheckRegion(const TenantDirectory::Hit& hit) {
  const RelayIdentity& relay = intake_.relay;
  switch (StandingOf(relay.name, relay.region, hit.address->region, hit.tenant->region_rule)) {
    case RegionStanding::kInRegion:
      return std::nullopt;
    case RegionStanding::kFallback: {
      // Rightly here, but somebody should know that the primary relays do not get it.
      const std::uint64_t total = ++intake_.counts.fallback_region;
      Log(Severity::kWarning, "fallback-region",
          {{"tenant", hit.tenant->name},
           {"region", hit.address->region},
           {"primary", HostsOf(intake_.relays, hit.address->region)},
           {"client", client_address_},
           {"total", std::to_string(total)}});
      return std::nullopt;
    }
    case RegionStanding::kViolation:
    case RegionStanding::kUnproven:
      break;
  }
  return RefuseRegion(hit);
}

// As if it had never been issued: who knows it may have learned it from a leak.
Answer Session::RefuseEnded(const TenantDirectory::Hit& hit) {
  ++intake_.counts.unknown_address;
  Count(FlowKind::kUnknownAddress, hit.tenant);
  Log(Severity::kWarning, "ended-address",
      {{"tenant", hit.tenant->name},
       {"ended", FormatTime(*hit.address->ends)},
       {"client", client_address_},
       {"recipient", hit.address->address}});
  // It may be the clock that is wrong, not the sender.
  const milliseconds set_ahead = std::max(milliseconds(0), intake_.clock_steps.Sum());
  if (hit.address->IsValid(intake_.clock.Now() - set_ahead)) {
    return TempFail("4.3.5", "this relay's clock was set ahead, send again");
  }
  return Reject("5.1.1", "no such address here");
}

// Before any content: mail of one region must not be read in another. Exchange keeps
// the report and tries the connector's other hosts.
Answer Session::RefuseRegion(const TenantDirectory::Hit& hit) {
  const std::uint64_t total = ++intake_.counts.other_region;
  Count(FlowKind::kOtherRegion, hit.tenant);
  std::string right = HostsOf(intake_.relays, hit.address->region);
  if (right.empty()) right = DomainOf(hit.address->address);
  // An error, not a warning: a connector leads to the wrong relays until a person mends it.
  Log(Severity::kError, "other-region",
      {{"tenant", hit.tenant->name},
       {"region", hit.address->region},
       {"right_relay", right},
       {"client", client_address_},
       {"total", std::to_string(total)}});
  return TempFail("4.7.1", "this address belongs to region " + hit.address->region + ", send to " +
                               right + ": " + intake_.relay.name + " stands in region " +
                               intake_.relay.region);
}

Answer Session::TakeRecipient(const TenantDirectory::Hit& hit, std::string_view address) {
  // What an operator puts in was proven, or not, when Exchange first sent it; the tenant's
  // marks in the report are demanded all the same.
  const bool replayed = !greeting_.replayed_by.empty();
  const auto checks = CheckChannel(hit.tenant->demands, ChannelTo(address));
  const SourceCheck* unmet = replayed ? nullptr : FirstUnmet(checks);
  if (unmet != nullptr) return RefuseUnmet(*hit.tenant, *unmet);
  // Only now: who has proven nothing shall not hold memory either.
  if (envelope_.tenant == nullptr) {
    ByteBudget::Share share = intake_.budget.Open();
    if (!share.GrowTo(envelope_.announced_bytes)) return Busy();
    envelope_.share = std::move(share);
    envelope_.tenant = hit.tenant;
    envelope_.service_address = address;
    envelope_.address_region = hit.address->region;
  }
  return Continue();
}

Answer Session::RefuseUnmet(const Tenant& tenant, const SourceCheck& unmet) {
  const std::uint64_t total = ++intake_.counts.unmet_demand;
  const std::string demand = Describe(unmet);
  Count(FlowKind::kUnmetDemand, &tenant, ToString(unmet.proof));
  Log(Severity::kWarning, "unmet-demand",
      {{"tenant", tenant.name},
       {"demand", demand},
       {"client", client_address_},
       {"total", std::to_string(total)}});
  return TempFail("4.7.0", "the connection does not prove whose it is: " + demand);
}

void Session::Count(FlowKind kind, const Tenant* tenant, std::string_view detail) const {
  intake_.queue.Count({tenant != nullptr ? tenant->name : "", kind, std::string(detail)},
                      intake_.clock.Now());
}

Channel Session::ChannelTo(std::string_view address) const {
  Channel channel;
  channel.client_address = client_address_;
  channel.client_name = client_name_;
  channel.tls = TlsVersionOf(greeting_.tls_version);
  channel.tls_version = greeting_.tls_version;
  channel.certificate_subject = greeting_.certificate_subject;
  channel.certificate_issuer = greeting_.certificate_issuer;
  channel.mail_from = envelope_.sender;
  channel.service_address = address;
  channel.replayed_by = greeting_.replayed_by;
  channel.stamps_vouched_for = greeting_.stamps_vouched_for;
  return channel;
}

// The report's own bytes again: Postfix gives name and value apart and folds with LF.
void Session::Header(std::string_view name, std::string_view value) {
  std::string line;
  line.reserve(name.size() + value.size() + 8);
  line.append(name).push_back(':');
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\n' && (i == 0 || value[i - 1] != '\r')) line.push_back('\r');
    line.push_back(value[i]);
  }
  Append(line.append("\r\n"));
  if (content_) content_->reserved.See(name);
}

void Session::EndOfHeaders() { Append("\r\n"); }

void Session::Body(std::string_view bytes) { Append(bytes); }

bool Session::BeginContent() {
  if (content_) return true;
  if (envelope_.tenant == nullptr) {
    Refuse(TempFail("4.5.1", "no recipient was taken"));
    return false;
  }
  auto stay = intake_.drain.Enter();
  if (!stay) {
    Refuse(Stopping());
    return false;
  }
  content_.emplace(Content{std::move(*stay), {}});
  return true;
}

void Session::Append(std::string_view bytes) {
  if (refusal_ || !BeginContent()) return;
  const auto size = static_cast<std::int64_t>(content_->bytes.size() + bytes.size());
  if (size > intake_.settings.max_report_bytes) return Refuse(TooLarge());
  if (!envelope_.share.GrowTo(size)) return Refuse(Busy());
  if (const Status appended = content_->bytes.Append(bytes); !appended.ok()) {
    Log(Severity::kError, "no-report-bytes", {{"why", appended.error().what}});
    Refuse(TempFail("4.3.0", "no room for the report"));
  }
}

// What there is of the report goes at once, not when the sender has ended.
void Session::Refuse(Answer answer) {
  refusal_ = std::move(answer);
  content_.reset();
  envelope_.share = {};
}

Answer Session::EndOfMessage(std::string_view queue_id) {
  if (!refusal_) BeginContent();
  if (refusal_) {
    Answer answer = *refusal_;
    const std::string tenant = envelope_.tenant != nullptr ? envelope_.tenant->name : "";
    Abort();
    ++intake_.counts.deferred;
    Log(Severity::kWarning, "deferred",
        {{"queue_id", queue_id}, {"tenant", tenant}, {"why", answer.text}});
    return answer;
  }
  // Taken out of the session first: whatever happens, it is gone when this ends.
  Envelope envelope = std::exchange(envelope_, {});
  Content content = std::move(*content_);
  content_.reset();
  Arrival arrival{*envelope.tenant, ChannelTo(envelope.service_address), std::move(content.bytes),
                  std::move(content.reserved)};
  arrival.channel.mail_from = envelope.sender;
  arrival.channel.address_region = envelope.address_region;
  arrival.channel.queue_id = queue_id;
  return Settle(intake_, std::move(arrival));
}

void Session::Abort() {
  content_.reset();
  refusal_.reset();
  envelope_ = {};
}

}  // namespace clawback
