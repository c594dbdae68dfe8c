// SPDX-License-Identifier: Apache-2.0
#include "milter/filter.h"

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "milter/session.h"
#include "policy/base/log.h"

namespace clawback {
namespace {

struct Filter {
  Intake& intake;
  Kick& kick;
};
// Never destroyed: callbacks may still run when the process ends.
Filter* the_filter = nullptr;

// Made when a connection is negotiated; its session begins when it says who it is.
struct Connection {
  bool edits_headers = false;
  std::optional<Session> session{};
  std::optional<Kick::OpenMessage> open_message{};
};

// Only what is needed: no DATA, no unknown commands; no answers to steps that are
// always answered with "go on"; header values with their leading white space, so that
// the report's bytes can be put together again.
constexpr unsigned long kSteps = SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_HDR_LEADSPC |
                                 SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_HDR | SMFIP_NR_EOH |
                                 SMFIP_NR_BODY;

void LogFailure(std::string_view what) noexcept {
  try {
    Log(Severity::kError, "session-failed", {{"why", what}});
  } catch (...) {  // no memory for a line: the answer says enough
  }
}

// Runs one step on the session of its connection. No exception may reach libmilter,
// which is C; whatever goes wrong, the answer is the one that makes the sender try
// again. Without a session (a connection that ended before it began) likewise.
template <typename Step>
sfsistat Dispatch(SMFICTX* context, sfsistat otherwise, Step step) noexcept {
  try {
    auto* connection = static_cast<Connection*>(smfi_getpriv(context));
    if (connection != nullptr && connection->session) return step(*connection);
  } catch (const std::exception& failure) {
    LogFailure(failure.what());
  } catch (...) {
    LogFailure("unknown exception");
  }
  return otherwise;
}

// Reply text: printable ASCII, "%" doubled for libmilter's format, within its limit.
std::string ReplyText(std::string_view text) {
  std::string safe;
  for (const char c : text.substr(0, 400)) {
    safe += c >= ' ' && c <= '~' ? c : '?';
    if (c == '%') safe += '%';
  }
  return safe;
}

// With its leading white space negotiated, a value is taken as it is.
bool Make(SMFICTX* context, HeaderEdit edit) {
  if (edit.index > 0) {
    return smfi_chgheader(context, edit.name.data(), edit.index, nullptr) == MI_SUCCESS;
  }
  std::string value = " " + edit.value;
  return smfi_insheader(context, 0, edit.name.data(), value.data()) == MI_SUCCESS;
}

// Unmarked, or with marks that are not ours, it must not go on: the sender's repeat makes
// it whole.
sfsistat PassOn(SMFICTX* context, std::vector<HeaderEdit> edits) {
  for (HeaderEdit& edit : edits) {
    if (Make(context, std::move(edit))) continue;
    LogFailure("the mail server did not take a change of the header");
    return SMFIS_TEMPFAIL;
  }
  return SMFIS_ACCEPT;
}

sfsistat ToMilter(SMFICTX* context, Answer answer) {
  std::string text = ReplyText(answer.text);
  switch (answer.kind) {
    case Answer::Kind::kContinue:
      return SMFIS_CONTINUE;
    case Answer::Kind::kAccept:
      return PassOn(context, std::move(answer.edits));
    case Answer::Kind::kDiscard:
      return SMFIS_DISCARD;
    case Answer::Kind::kReject:
    case Answer::Kind::kTempFail:
      break;
  }
  smfi_setreply(context, answer.code.data(), answer.enhanced.data(), text.data());
  return answer.kind == Answer::Kind::kReject ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

std::string Macro(SMFICTX* context, const char* name) {
  const char* value = smfi_getsymval(context, const_cast<char*>(name));
  return value != nullptr ? value : "";
}

std::string TextOf(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address == nullptr) return text;
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
  } else if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
  }
  return text;
}

// Only where a tenant's reports go on is there anything to change in mail.
bool AnyPassesOn(const TenantDirectory& tenants) {
  return std::any_of(tenants.tenants().begin(), tenants.tenants().end(), [](const Tenant& tenant) {
    return tenant.after_accepting == AfterAccepting::kPassOn;
  });
}

// Whether libmilter keeps a new connection for the callbacks to come.
bool Keep(SMFICTX* context, bool edits_headers) {
  auto connection = std::make_unique<Connection>();
  connection->edits_headers = edits_headers;
  if (smfi_setpriv(context, connection.get()) != MI_SUCCESS) return false;
  (void)connection.release();
  return true;
}

// Macros are asked for by name: nothing depends on main.cf's lists. The queue id does
// not exist before the first recipient is taken, so it is read at the end.
sfsistat OnNegotiate(SMFICTX* context, unsigned long actions, unsigned long steps, unsigned long,
                     unsigned long, unsigned long* wanted_actions, unsigned long* wanted_steps,
                     unsigned long* unused2, unsigned long* unused3) {
  constexpr unsigned long kEdits = SMFIF_ADDHDRS | SMFIF_CHGHDRS;
  if ((steps & SMFIP_HDR_LEADSPC) == 0) {
    LogFailure("the mail server does not offer header values as they are");
    return SMFIS_REJECT;
  }
  char greeting[] = "{tls_version} {cert_subject} {cert_issuer}";
  char end[] = "i";
  smfi_setsymlist(context, SMFIM_HELO, greeting);
  smfi_setsymlist(context, SMFIM_EOM, end);
  bool edits = false;
  try {
    edits = (actions & kEdits) == kEdits && AnyPassesOn(*the_filter->intake.tenants.Current());
    if (!Keep(context, edits)) return SMFIS_REJECT;
  } catch (const std::exception& failure) {
    LogFailure(failure.what());
    return SMFIS_REJECT;
  }
  *wanted_actions = SMFIF_SETSYMLIST | (edits ? kEdits : 0);
  *wanted_steps = kSteps;
  *unused2 = *unused3 = 0;
  return SMFIS_CONTINUE;
}

// Also for a connection that never said who it is: our own kicks, probes.
sfsistat OnClose(SMFICTX* context) {
  const std::unique_ptr<Connection> connection(static_cast<Connection*>(smfi_getpriv(context)));
  smfi_setpriv(context, nullptr);
  return SMFIS_CONTINUE;
}

sfsistat OnConnect(SMFICTX* context, char* name, sockaddr* address) {
  auto* connection = static_cast<Connection*>(smfi_getpriv(context));
  if (connection == nullptr) return SMFIS_NOREPLY;  // every later step is refused
  try {
    connection->open_message.reset();
    connection->session.emplace(the_filter->intake, TextOf(address), name != nullptr ? name : "",
                                connection->edits_headers);
  } catch (const std::exception& failure) {
    LogFailure(failure.what());  // without a session every later step is refused
  }
  return SMFIS_NOREPLY;
}

sfsistat OnHelo(SMFICTX* context, char*) {
  return Dispatch(context, SMFIS_NOREPLY, [&](Connection& connection) {
    connection.session->Helo({Macro(context, "{tls_version}"), Macro(context, "{cert_subject}"),
                              Macro(context, "{cert_issuer}"), Macro(context, "{clawback_replay}"),
                              Macro(context, "{clawback_stamps}") == "vouched-for"});
    return SMFIS_NOREPLY;
  });
}

sfsistat OnMail(SMFICTX* context, char** arguments) {
  return Dispatch(context, SMFIS_TEMPFAIL, [&](Connection& connection) {
    std::vector<std::string_view> parameters;
    for (char** next = arguments + 1; *next != nullptr; ++next) parameters.emplace_back(*next);
    const Answer answer = connection.session->Mail(arguments[0], parameters);
    if (answer.kind == Answer::Kind::kContinue) connection.open_message.emplace(the_filter->kick);
    return ToMilter(context, answer);
  });
}

sfsistat OnRcpt(SMFICTX* context, char** arguments) {
  return Dispatch(context, SMFIS_TEMPFAIL, [&](Connection& connection) {
    return ToMilter(context, connection.session->Rcpt(arguments[0]));
  });
}

sfsistat OnHeader(SMFICTX* context, char* name, char* value) {
  return Dispatch(context, SMFIS_NOREPLY, [&](Connection& connection) {
    connection.session->Header(name, value);
    return SMFIS_NOREPLY;
  });
}

sfsistat OnEndOfHeaders(SMFICTX* context) {
  return Dispatch(context, SMFIS_NOREPLY, [&](Connection& connection) {
    connection.session->EndOfHeaders();
    return SMFIS_NOREPLY;
  });
}

sfsistat OnBody(SMFICTX* context, unsigned char* bytes, size_t size) {
  return Dispatch(context, SMFIS_NOREPLY, [&](Connection& connection) {
    connection.session->Body({reinterpret_cast<const char*>(bytes), size});
    return SMFIS_NOREPLY;
  });
}

// The only step that waits (for a judge, for the disk): one kick for all its waits,
// since between them its worker takes no other session.
sfsistat OnEndOfMessage(SMFICTX* context) {
  return Dispatch(context, SMFIS_TEMPFAIL, [&](Connection& connection) {
    the_filter->kick.Now();
    const Answer answer = connection.session->EndOfMessage(Macro(context, "i"));
    connection.open_message.reset();
    return ToMilter(context, answer);
  });
}

sfsistat OnAbort(SMFICTX* context) {
  return Dispatch(context, SMFIS_CONTINUE, [&](Connection& connection) {
    connection.session->Abort();
    connection.open_message.reset();
    return SMFIS_CONTINUE;
  });
}

smfiDesc Description(char* name) {
  smfiDesc description{};
  description.xxfi_name = name;
  description.xxfi_version = SMFI_VERSION;
  description.xxfi_flags = SMFIF_SETSYMLIST | SMFIF_ADDHDRS | SMFIF_CHGHDRS;
  description.xxfi_connect = OnConnect;
  description.xxfi_helo = OnHelo;
  description.xxfi_envfrom = OnMail;
  description.xxfi_envrcpt = OnRcpt;
  description.xxfi_header = OnHeader;
  description.xxfi_eoh = OnEndOfHeaders;
  description.xxfi_body = OnBody;
  description.xxfi_eom = OnEndOfMessage;
  description.xxfi_abort = OnAbort;
  description.xxfi_close = OnClose;
  description.xxfi_negotiate = OnNegotiate;
  return description;
}

// The group is the folder's (2750, Postfix's group): nobody else may connect.
Status Listen() {
  const mode_t before = ::umask(007);
  const int opened = smfi_opensocket(true);
  const int why = errno;
  ::umask(before);
  if (opened == MI_SUCCESS) return {};
  return Error{ErrorKind::kInvalid, std::strerror(why)};
}

}  // namespace

Status OpenFilter(Intake& intake, Kick& kick, const std::string& path) {
  the_filter = new Filter{intake, kick};
  static char name[] = "clawback-milter";  // libmilter keeps the pointers
  static std::string address;
  address = "unix:" + path;
  // Postfix opens a connection for each SMTP session, and our kicks must not wait.
  constexpr int kBacklog = 1024;
  if (smfi_register(Description(name)) != MI_SUCCESS ||
      smfi_setconn(address.data()) != MI_SUCCESS || smfi_setbacklog(kBacklog) != MI_SUCCESS) {
    return Error{ErrorKind::kInvalid, "libmilter refuses " + address};
  }
  if (const Status listening = Listen(); !listening.ok()) return Within(path, listening.error());
  return {};
}

Status RunFilter() {
  if (smfi_main() == MI_SUCCESS) return {};
  return Error{ErrorKind::kTransient, "libmilter gave up"};
}

}  // namespace clawback
