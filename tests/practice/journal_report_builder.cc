// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/journal_report_builder.h"

#include <fmt/core.h>

#include <algorithm>

#include "tests/practice/message_summary.h"
#include "tests/practice/raw_headers.h"

namespace clawback::practice {
namespace {

constexpr std::string_view kFrontDoor = "BN8NAM11FT062.eop-nam11.prod.protection.outlook.com";
// The same server as it calls itself to the outside: what tells a reader where
// Exchange's own results end.
constexpr std::string_view kFrontDoorOutside = "BN8NAM11FT062.mail.protection.outlook.com";
constexpr std::string_view kHub = "DM6PR20MB0522.namprd20.prod.outlook.com";
constexpr std::string_view kServer = "DM6PR20MB0522";
constexpr std::string_view kConnectingAddress = "192.0.2.7";

std::string Field(std::string_view name, std::string_view value) {
  return fmt::format("{}:{}{}\r\n", name, value.empty() ? "" : " ", value);
}

std::string DomainOf(std::string_view address) {
  const size_t at = address.rfind('@');
  return at == address.npos ? "unknown.invalid" : std::string(address.substr(at + 1));
}

// A stamped header: the caller's value where there is one (taken out of *given).
std::string Stamp(std::string_view name, const std::string& value, Pairs* given) {
  std::string out;
  for (auto at = given->begin(); at != given->end();) {
    if (!EqualIgnoringCase(at->first, name)) {
      ++at;
      continue;
    }
    out += Field(at->first, at->second);
    at = given->erase(at);
  }
  return out.empty() ? Field(name, value) : out;
}

// Above the message's own headers: Exchange's hops and what the front door found.
std::string TransportHeaders(const JournaledMail& mail, Pairs* given) {
  const std::string domain = DomainOf(mail.mail_from);
  const std::string when = MailDate(mail.now);
  std::string out =
      Field("Received",
            fmt::format("from {} (2603:10b6:408::27) by\r\n {} (2603:10b6:5::22) with Microsoft "
                        "SMTP\r\n Server (version=TLS1_2, "
                        "cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id\r\n 15.20.952.18 via "
                        "Frontend Transport; {}",
                        kFrontDoor, kHub, when));
  out +=
      Stamp("Authentication-Results",
            fmt::format("spf=pass (sender IP is {0})\r\n smtp.mailfrom={1}; dkim=pass (signature "
                        "was verified)\r\n header.d={1};dmarc=pass action=none\r\n "
                        "header.from={1};compauth=pass reason=100",
                        kConnectingAddress, domain),
            given);
  out += Stamp("Received-SPF",
               fmt::format("Pass (protection.outlook.com: domain of {0} designates\r\n {1} as "
                           "permitted sender) receiver=protection.outlook.com;\r\n client-ip={1}; "
                           "helo=mail.{0}; pr=C",
                           domain, kConnectingAddress),
               given);
  out += Field("Received", fmt::format("from mail.{} ({}) by\r\n {} (10.13.177.28) with Microsoft "
                                       "SMTP\r\n Server (version=TLS1_2, "
                                       "cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id\r\n "
                                       "15.20.952.17 via Frontend Transport; {}",
                                       domain, kConnectingAddress, kFrontDoorOutside, when));
  return out;
}

// Below them: the organization's headers, which never leave it.
std::string OrganizationHeaders(const JournaledMail& mail, Pairs* given) {
  const std::string network_id = NewGuid();
  std::string envelope;
  for (const JournalRecipient& recipient : mail.recipients) {
    envelope += (envelope.empty() ? "" : ";") + recipient.address;
  }
  const std::pair<std::string_view, std::string> stamps[] = {
      {"Return-Path", mail.mail_from.empty() ? "<>" : mail.mail_from},
      {"X-MS-Exchange-Organization-ExpirationStartTime", MailDate(mail.now)},
      {"X-MS-Exchange-Organization-Network-Message-Id", network_id},
      {"X-MS-Exchange-Organization-OriginalClientIPAddress", std::string(kConnectingAddress)},
      {"X-EOPAttributedMessage", "0"},
      {"X-EOPTenantAttributedMessage", mail.tenant_id + ":0"},
      {"X-MS-Exchange-Organization-MessageDirectionality", "Incoming"},
      {"X-MS-Exchange-Organization-Id", mail.tenant_id},
      {"X-MS-Exchange-Organization-ConnectingIP", std::string(kConnectingAddress)},
      {"X-Forefront-Antispam-Report",
       fmt::format("CIP:{0};CTRY:US;LANG:en;SCL:1;SRV:;IPV:NLI;SFV:NSPM;H:mail.{1};PTR:mail.{1};"
                   "CAT:NONE;SFS:;DIR:INB;",
                   kConnectingAddress, DomainOf(mail.mail_from))},
      {"X-MS-Exchange-Organization-SCL", "1"},
      {"X-MS-Exchange-Organization-OriginalEnvelopeRecipients", envelope},
      {"X-MS-Exchange-Organization-AuthSource", std::string(kFrontDoor)},
      {"X-MS-Exchange-Organization-AuthAs", "Anonymous"},
      {"X-MS-Exchange-Organization-FromEntityHeader", "Internet"},
      {"X-MS-PublicTrafficType", "Email"},
      {"X-MS-Office365-Filtering-Correlation-Id", network_id},
      {"X-Microsoft-Antispam", "BCL:0;"},
      {"X-MS-Exchange-Organization-OriginalSize", std::to_string(mail.message.size())},
      {"X-MS-TrafficTypeDiagnostic", fmt::format("{}:", kServer)},
      {"X-MS-Exchange-Forest-Language", "en"},
      {"X-MS-Exchange-Forest-IndexAgent", fmt::format("1 {}", mail.message.size() % 4096)},
      {"X-MS-Exchange-Organization-TotalRecipientCount", std::to_string(mail.recipients.size())},
      {"X-MS-Exchange-Organization-Processed-By-Gcc-Journaling", "Journal Agent"}};
  std::string out;
  for (const auto& [name, value] : stamps) out += Stamp(name, value, given);
  for (const auto& [name, value] : *given) out += Field(name, value);
  return out;
}

bool IsInternalName(const RawField& field) {
  return BeginsWith(field.name, "X-MS-Exchange-Organization-") ||
         BeginsWith(field.name, "X-MS-Exchange-Forest-");
}

// What a sender may not claim: the header firewall removes organization headers and
// renames verdicts that come from outside.
void PassFirewall(std::vector<RawField>* fields) {
  std::erase_if(*fields, IsInternalName);
  for (RawField& field : *fields) {
    const bool untrusted = EqualIgnoringCase(field.name, "X-Forefront-Antispam-Report") ||
                           EqualIgnoringCase(field.name, "X-Microsoft-Antispam");
    const bool original = EqualIgnoringCase(field.name, "Authentication-Results");
    if (!untrusted && !original) continue;
    const std::string value = field.bytes.substr(field.bytes.find(':'));
    field.name += untrusted ? "-Untrusted" : "-Original";
    field.bytes = field.name + value;
  }
}

// A header field copied from the message, as the report's own of that name.
std::string Copied(const RawMessage& message, std::string_view name) {
  const RawField* field = FindField(message, name);
  return field ? field->bytes : std::string();
}

std::string FieldPart(const JournaledMail& mail, const MessageSummary& summary) {
  std::string out = "Sender: " + (mail.mail_from.empty() ? "<>" : mail.mail_from) + "\r\n";
  if (!mail.on_behalf_of.empty()) out += "On-Behalf-Of: " + mail.on_behalf_of + "\r\n";
  out += "Subject: " + summary.subject + "\r\n";
  out += "Message-Id: " + summary.internet_message_id + "\r\n";
  for (const JournalRecipient& recipient : mail.recipients) {
    out += recipient.type + ": " + recipient.address;
    if (!recipient.redirect.empty()) out += ", " + recipient.redirect + ": " + recipient.original;
    out += "\r\n";
  }
  return out;
}

// The field part as a MIME entity: us-ascii where it can be.
std::string FieldEntity(const std::string& text) {
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) {
    return "Content-Type: text/plain; charset=\"us-ascii\"\r\nContent-Transfer-Encoding: "
           "7bit\r\n\r\n" +
           text;
  }
  std::string lines;
  const std::string encoded = Base64(text);
  for (size_t at = 0; at < encoded.size(); at += 76) lines += encoded.substr(at, 76) + "\r\n";
  return "Content-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: "
         "base64\r\n\r\n" +
         lines;
}

}  // namespace

std::string InternalForm(const JournaledMail& mail) {
  RawMessage message = SplitHeaders(WithCrLf(mail.message));
  PassFirewall(&message.fields);
  Pairs given = mail.verdict_headers;
  std::string out = TransportHeaders(mail, &given);
  for (const RawField& field : message.fields) out += field.bytes;
  if (!out.ends_with("\r\n")) out += "\r\n";
  if (!FindField(message, "Message-ID")) {
    out += Field("Message-ID", fmt::format("<{}@{}>", NewGuid(), kHub));
  }
  out += OrganizationHeaders(mail, &given);
  if (!message.rest.starts_with("\r\n")) out += "\r\n";
  return out + message.rest;
}

std::string BuildJournalReport(const JournaledMail& mail, const std::string& internal_form) {
  const RawMessage message = SplitHeaders(internal_form);
  const MessageSummary summary = Summarise(internal_form);
  const std::string boundary = "_" + NewGuid() + "_";
  const std::string system_mailbox =
      "<MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@" + mail.initial_domain + ">";
  std::string out = "Content-Type: multipart/mixed;\r\n\tboundary=\"" + boundary + "\"\r\n";
  for (const char* name : {"Subject", "CC", "To", "From"}) out += Copied(message, name);
  out += Field("MIME-Version", "1.0");
  out += "Sender:\r\n\t" + system_mailbox + "\r\n";
  out += Field("Message-ID", "<" + NewGuid() + "@journal.report.generator>");
  out += Field("Date", MailDate(mail.now));
  out += Field("X-MS-PublicTrafficType", "Email");
  out += Field("X-MS-Journal-Report", "");
  out += "X-MS-Exchange-Parent-Message-Id:\r\n\t" + summary.internet_message_id + "\r\n";
  out += Field("Auto-Submitted", "auto-generated");
  out += Field("X-MS-Exchange-Generated-Message-Source", "Journal Agent");
  out += Field("X-MS-TrafficTypeDiagnostic", fmt::format("{}:JournalingReport", kServer));
  out += Field("X-LD-Processed", mail.tenant_id + ",ExtAddr");
  out += Field("X-OriginatorOrg", mail.initial_domain);
  out += "X-MS-Exchange-CrossTenant-Network-Message-Id:\r\n\t" + NewGuid() + "\r\n";
  out += Field("X-MS-Exchange-CrossTenant-FromEntityHeader", "Hosted");
  out += Field("X-MS-Exchange-Transport-CrossTenantHeadersStamped", kServer);
  out += "\r\n--" + boundary + "\r\n" + FieldEntity(FieldPart(mail, summary));
  out += "\r\n--" + boundary + "\r\nContent-Type: message/rfc822\r\n\r\n" + internal_form;
  out += "\r\n--" + boundary + "--\r\n";
  return out;
}

}  // namespace clawback::practice
