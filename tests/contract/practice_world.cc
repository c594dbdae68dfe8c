// SPDX-License-Identifier: Apache-2.0
// Microsoft Graph's provider over the practice tenant: everything real but the cloud.
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "policy/base/c_handle.h"
#include "retract/graph/graph_provider.h"
#include "retract/graph/graph_url.h"
#include "tests/contract/mailbox_provider_contract.h"
#include "tests/practice/certificates.h"
#include "tests/practice/practice_tenant.h"

namespace clawback {
namespace {

constexpr std::string_view kTenantId = "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1";
constexpr std::string_view kClientId = "0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e";
constexpr std::string_view kAppSecret = "a secret+of&practice=";

enum class Proof { kSecret, kCertificate };

class Folder700 {
 public:
  Folder700() {
    std::string form =
        (std::filesystem::temp_directory_path() / "clawback-contract-XXXXXX").string();
    if (::mkdtemp(form.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = form;
  }
  ~Folder700() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder700(const Folder700&) = delete;
  Folder700& operator=(const Folder700&) = delete;
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// One request over plain HTTP to the control port; throws unless it is answered 2xx.
void PostControl(const std::string& control_url, const std::string& target,
                 const std::string& body) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string port = control_url.substr(control_url.rfind(':') + 1);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("the control port cannot be reached");
  }
  const std::string request = "POST " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + port +
                              "\r\nContent-Type: application/json\r\nConnection: close"
                              "\r\nContent-Length: " +
                              std::to_string(body.size()) + "\r\n\r\n" + body;
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    throw std::runtime_error("the control port does not take the request");
  }
  std::string answer;
  std::array<char, 4096> bytes{};
  for (ssize_t got = 1; got > 0;) {
    got = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
    if (got > 0) answer.append(bytes.data(), static_cast<std::size_t>(got));
  }
  if (!answer.starts_with("HTTP/1.1 2")) throw std::runtime_error("control: " + answer);
}

class PracticeWorld final : public MailboxWorld {
 public:
  explicit PracticeWorld(Proof proof) {
    ::signal(SIGPIPE, SIG_IGN);  // as clawback-practice does
    if (!practice::WriteCertificates(folder_ / "").ok()) throw std::runtime_error("certificates");
    auto started = practice::PracticeTenant::Start(Config(), clock_);
    if (!started.ok()) throw std::runtime_error(started.error().what);
    practice_ = *std::move(started);
    auto opened = OpenGraphProvider(TenantOf(proof), http_, limits_, clock_);
    if (!opened.ok()) throw std::runtime_error(opened.error().what);
    provider_ = *std::move(opened);
  }

  MailboxProvider& provider() override { return *provider_; }
  void Deliver(std::string_view address, KnownFolder folder, std::string_view message_id) override {
    const std::string mime =
        "From: sender@sender.example\r\nMessage-ID: " + std::string(message_id) +
        "\r\nSubject: hello\r\n\r\nbody\r\n";
    const boost::json::object body{{"message", mime}, {"folder", WellKnownName(folder)}};
    PostControl(practice_->urls().control, "/users/" + std::string(address) + "/items",
                boost::json::serialize(body));
  }

 private:
  practice::PracticeConfig Config() const {
    practice::PracticeConfig config;
    config.certificate = folder_ / "server.pem";
    practice::TenantConfig tenant;
    tenant.name = "contoso";
    tenant.id = kTenantId;
    tenant.initial_domain = "contosotest.onmicrosoft.com";
    tenant.domains = {"contoso.example"};
    practice::AppConfig app;
    app.client_id = kClientId;
    app.secrets = {std::string(kAppSecret)};
    app.certificates = {folder_ / "app.crt"};
    tenant.apps = {app};
    practice::UserConfig anna, ben, guest, on_premises;
    anna.id = "5b1f0a52-0000-4000-8000-000000000001";
    ben.id = "5b1f0a52-0000-4000-8000-000000000002";
    guest.id = "5b1f0a52-0000-4000-8000-000000000003";
    on_premises.id = "5b1f0a52-0000-4000-8000-000000000004";
    anna.address = kAnna;
    anna.aliases = {std::string(kAnnasAlias)};
    ben.address = kBen;
    guest.address = kGuest;
    guest.guest = true;
    on_premises.address = kOnPremises;
    on_premises.mailbox = practice::MailboxKind::kOnPremises;
    tenant.users = {anna, ben, guest, on_premises};
    config.tenants = {tenant};
    return config;
  }

  std::string SecretReference() const {
    const std::string path = folder_ / "secret";
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (::write(file.get(), kAppSecret.data(), kAppSecret.size()) < 0) {
      throw std::runtime_error("the secret cannot be written");
    }
    return "file:" + path;
  }

  Tenant TenantOf(Proof proof) const {
    Tenant tenant;
    tenant.name = "contoso";
    tenant.tenant_id = kTenantId;
    tenant.graph.login_url = practice_->urls().login;
    tenant.graph.graph_url = practice_->urls().graph;
    tenant.graph.ca_file = folder_ / "ca.pem";
    tenant.graph.client_id = kClientId;
    if (proof == Proof::kSecret) {
      tenant.graph.client_secret = SecretReference();
    } else {
      tenant.graph.certificate = folder_ / "app.crt";
      tenant.graph.certificate_key = "file:" + (folder_ / "app.key");
    }
    return tenant;
  }

  Folder700 folder_;
  SystemClock clock_;
  std::unique_ptr<practice::PracticeTenant> practice_;
  HttpClient http_;
  RequestLimits limits_{clock_};
  std::unique_ptr<MailboxProvider> provider_;
};

}  // namespace

std::unique_ptr<MailboxWorld> MakePracticeWorldBySecret() {
  return std::make_unique<PracticeWorld>(Proof::kSecret);
}

std::unique_ptr<MailboxWorld> MakePracticeWorldByCertificate() {
  return std::make_unique<PracticeWorld>(Proof::kCertificate);
}

}  // namespace clawback
