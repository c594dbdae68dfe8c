// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/journal_sender.h"

#include <fstream>
#include <iterator>

#include "tests/practice/journal_report_builder.h"
#include "tests/practice/json_fields.h"
#include "tests/practice/opened_report.h"
#include "tests/practice/smtp_client.h"
#include "tests/practice/stored_copy.h"

namespace clawback::practice {
namespace {

namespace json = boost::json;

Error Invalid(std::string what) { return {ErrorKind::kInvalid, std::move(what)}; }

Result<SmtpServer> SmtpFrom(const json::value* value) {
  if (!value) return Invalid("smtp: missing");
  JsonFields fields(*value);
  SmtpServer server;
  std::int64_t port = 25;
  fields.Text("host", &server.host);
  fields.Number("port", &port);
  fields.Text("caFile", &server.ca_file);
  fields.Text("clientCertificate", &server.client_certificate);
  fields.Text("serverName", &server.server_name);
  fields.Choice("transfer",
                std::map<std::string, SmtpTransfer>{{"data", SmtpTransfer::kData},
                                                    {"chunks", SmtpTransfer::kChunks}},
                &server.transfer);
  fields.Choice("security",
                std::map<std::string, SmtpSecurity>{{"starttls", SmtpSecurity::kStartTls},
                                                    {"plain", SmtpSecurity::kPlain}},
                &server.security);
  fields.Milliseconds("timeoutMs", &server.timeout);
  if (port < 1 || port > 65535) fields.Fault("port", "expected 1 to 65535");
  server.port = static_cast<std::uint16_t>(port);
  if (Status read = fields.Finish(); !read.ok()) return Within("smtp", read.error());
  return server;
}

Result<std::vector<std::string>> TextsFrom(std::string_view name, const json::value& value) {
  std::vector<std::string> texts;
  if (!value.is_array()) return Invalid(std::string(name) + ": expected a list");
  for (const json::value& text : value.as_array()) {
    if (!text.is_string()) return Invalid(std::string(name) + ": expected a list of texts");
    texts.emplace_back(text.as_string());
  }
  return texts;
}

Result<CopyChanges> ChangesFrom(const json::value* value) {
  if (!value) return UsualCopyChanges();
  Result<std::vector<std::string>> names = TextsFrom("changes", *value);
  if (!names.ok()) return names.error();
  return CopyChangesFrom(*names);
}

Result<JournalRecipient> RecipientFrom(const json::value& value) {
  JsonFields fields(value);
  JournalRecipient recipient;
  fields.Text("type", &recipient.type);
  fields.Text("address", &recipient.address);
  fields.Text("redirect", &recipient.redirect);
  fields.Text("original", &recipient.original);
  if (recipient.address.empty()) fields.Fault("address", "missing");
  if (Status read = fields.Finish(); !read.ok()) return Within("recipients", read.error());
  return recipient;
}

// {"authenticationResults": ..., "antispamReport": ..., "headers": [{name, value}]}
Result<Pairs> VerdictFrom(const json::value* value) {
  Pairs headers;
  if (!value) return headers;
  JsonFields fields(*value);
  std::optional<std::string> results;
  std::optional<std::string> antispam;
  fields.Text("authenticationResults", &results);
  fields.Text("antispamReport", &antispam);
  if (results) headers.emplace_back("Authentication-Results", *results);
  if (antispam) headers.emplace_back("X-Forefront-Antispam-Report", *antispam);
  if (const json::value* more = fields.Any("headers"); more && more->is_array()) {
    for (const json::value& each : more->as_array()) {
      JsonFields header(each);
      auto& [name, text] = headers.emplace_back();
      header.Text("name", &name);
      header.Text("value", &text);
      if (Status read = header.Finish(); !read.ok()) return Within("verdict.headers", read.error());
    }
  }
  if (Status read = fields.Finish(); !read.ok()) return Within("verdict", read.error());
  return headers;
}

// NAME, NAMEBase64 or NAMEPath: text, bytes, or a file's bytes.
Result<std::string> BytesFrom(JsonFields* fields, const std::string& name) {
  std::optional<std::string> text;
  std::optional<std::string> encoded;
  std::optional<std::string> path;
  fields->Text(name, &text);
  fields->Text(name + "Base64", &encoded);
  fields->Text(name + "Path", &path);
  if (text) return *text;
  if (encoded) {
    auto bytes = FromBase64(*encoded);
    if (!bytes) return Invalid(name + "Base64: not base64");
    return std::move(*bytes);
  }
  if (!path) return Invalid(name + ": missing");
  std::ifstream file(*path, std::ios::binary);
  if (!file) return Invalid(*path + ": cannot be read");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

struct Envelope {
  std::string service_address;
  SmtpServer smtp;
};

Result<Envelope> EnvelopeFrom(JsonFields* fields) {
  Envelope envelope;
  fields->Text("serviceAddress", &envelope.service_address);
  Result<SmtpServer> smtp = SmtpFrom(fields->Any("smtp"));
  if (!smtp.ok()) return smtp.error();
  envelope.smtp = std::move(*smtp);
  if (envelope.service_address.empty()) return Invalid("serviceAddress: missing");
  return envelope;
}

std::int64_t Milliseconds(Time time) { return time.time_since_epoch().count(); }

Result<json::object> Send(const Envelope& envelope, const std::string& mail_from,
                          const std::string& report) {
  const Result<SmtpReply> reply =
      SendBySmtp(envelope.smtp, mail_from, envelope.service_address, report);
  if (!reply.ok()) return reply.error();
  json::object out{{"smtpCode", reply->code}, {"smtpText", reply->text}, {"stage", reply->stage}};
  if (reply->message_sent) {
    out["endOfDataMs"] = Milliseconds(reply->end_of_data);
    out["repliedMs"] = Milliseconds(reply->replied);
  }
  return out;
}

// A file with bare LF only is one that a Unix editor wrote: mail has CRLF.
std::string AsMail(const std::string& bytes) {
  return bytes.find("\r\n") == bytes.npos ? WithCrLf(bytes) : bytes;
}

}  // namespace

Result<json::object> JournalSender::DeliverAndJournal(const json::value& request) {
  JsonFields fields(request);
  JournaledMail mail;
  std::string tenant_name;
  std::string journal_ndr_to;
  milliseconds delay{0};
  fields.Text("tenant", &tenant_name);
  fields.Text("mailFrom", &mail.mail_from);
  fields.Text("onBehalfOf", &mail.on_behalf_of);
  fields.Text("journalNdrTo", &journal_ndr_to);
  fields.Milliseconds("deliveryDelayMs", &delay);
  Result<std::string> message = BytesFrom(&fields, "message");
  if (!message.ok()) return message.error();
  Result<CopyChanges> changes = ChangesFrom(fields.Any("changes"));
  if (!changes.ok()) return changes.error();
  Result<Pairs> verdict = VerdictFrom(fields.Any("verdict"));
  if (!verdict.ok()) return verdict.error();
  Result<Envelope> envelope = EnvelopeFrom(&fields);
  if (!envelope.ok()) return envelope.error();
  std::vector<std::string> addresses;
  if (const json::value* list = fields.Any("recipients"); list && list->is_array()) {
    for (const json::value& each : list->as_array()) {
      Result<JournalRecipient> recipient = RecipientFrom(each);
      if (!recipient.ok()) return recipient.error();
      addresses.push_back(recipient->address);
      mail.recipients.push_back(std::move(*recipient));
    }
  }
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  {
    const Locked lock = Lock(world_);
    const Tenant* tenant = world_.FindTenantForControl(tenant_name);
    if (!tenant) return Invalid("tenant: \"" + tenant_name + "\" is not known");
    mail.tenant_id = tenant->config.id;
    mail.initial_domain = tenant->config.initial_domain;
  }
  mail.message = std::move(*message);
  mail.verdict_headers = std::move(*verdict);
  mail.now = clock_.Now();

  const std::string internal_form = InternalForm(mail);
  const size_t mailboxes =
      delivery_.Deliver(mail.tenant_id, addresses, StoredCopy(internal_form, *changes), delay);
  Result<json::object> sent =
      Send(*envelope, journal_ndr_to, BuildJournalReport(mail, internal_form));
  if (sent.ok()) (*sent)["mailboxes"] = mailboxes;
  return sent;
}

Result<json::object> JournalSender::SendReport(const json::value& request) {
  JsonFields fields(request);
  std::string mail_from;
  fields.Text("mailFrom", &mail_from);
  Result<std::string> report = BytesFrom(&fields, "report");
  if (!report.ok()) return report.error();
  Result<Envelope> envelope = EnvelopeFrom(&fields);
  if (!envelope.ok()) return envelope.error();
  const json::value* deliver = fields.Any("deliver");
  if (Status read = fields.Finish(); !read.ok()) return read.error();

  const std::string bytes = AsMail(*report);
  size_t mailboxes = 0;
  if (deliver) {
    JsonFields delivery(*deliver);
    std::string tenant_name;
    milliseconds delay{0};
    delivery.Text("tenant", &tenant_name);
    delivery.Milliseconds("deliveryDelayMs", &delay);
    Result<CopyChanges> changes = ChangesFrom(delivery.Any("changes"));
    if (!changes.ok()) return changes.error();
    if (Status read = delivery.Finish(); !read.ok()) return Within("deliver", read.error());
    std::string tenant_id;
    {
      const Locked lock = Lock(world_);
      const Tenant* tenant = world_.FindTenantForControl(tenant_name);
      if (!tenant) return Invalid("deliver: tenant: \"" + tenant_name + "\" is not known");
      tenant_id = tenant->config.id;
    }
    const OpenedReport opened = OpenReport(bytes);
    if (!opened.message.empty()) {
      mailboxes = delivery_.Deliver(tenant_id, opened.recipients,
                                    StoredCopy(opened.message, *changes), delay);
    }
  }
  Result<json::object> sent = Send(*envelope, mail_from, bytes);
  if (sent.ok()) (*sent)["mailboxes"] = mailboxes;
  return sent;
}

}  // namespace clawback::practice
