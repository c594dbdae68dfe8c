// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/http_client.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_set>
#include <utility>

#include "policy/base/c_handle.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxHeaderBytes = std::size_t{128} * 1024;
constexpr std::size_t kMaxTarget = std::size_t{32} * 1024;
constexpr long kMaxConnectionsPerHost = 16;

// The list's own copies of header lines hold the token: wiped before they are freed.
void FreeHeaderLines(curl_slist* lines) {
  for (const curl_slist* line = lines; line != nullptr; line = line->next) {
    OPENSSL_cleanse(line->data, std::strlen(line->data));
  }
  curl_slist_free_all(lines);
}

using EasyHandle = CHandle<CURL, curl_easy_cleanup>;
using MultiHandle = CHandle<CURLM, curl_multi_cleanup>;
using HeaderLines = CHandle<curl_slist, FreeHeaderLines>;

// One request on its way. Lives on its caller's stack; while in the loop's hands it is
// touched by the loop's thread only.
struct Transfer {
  HttpRequest request;
  HttpResponse response;
  EasyHandle easy;
  HeaderLines headers;
  std::array<char, CURL_ERROR_SIZE> error_text{};
  std::size_t header_bytes = 0;
  std::size_t body_sent = 0;
  bool too_large = false;
  bool too_late = false;
  bool headers_ended = false;
  std::optional<CURLcode> ended;  // guarded by the loop's mutex, as is what follows
  std::condition_variable woken;
};

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::size_t OnBody(const char* bytes, std::size_t, std::size_t size, void* user) noexcept try {
  auto* transfer = static_cast<Transfer*>(user);
  std::string& body = transfer->response.body;
  if (size > transfer->request.max_response_bytes - body.size()) {
    transfer->too_large = true;
    return 0;
  }
  body.append(bytes, size);
  return size;
} catch (const std::exception&) {
  return 0;
}

std::size_t OnSend(char* to, std::size_t size, std::size_t count, void* user) noexcept {
  auto* transfer = static_cast<Transfer*>(user);
  const std::string_view left = transfer->request.body.Reveal().substr(transfer->body_sent);
  const std::size_t sent = left.copy(to, size * count);
  transfer->body_sent += sent;
  return sent;
}

// The last thing before the request goes out, whatever was waited for until then.
int OnBegin(void* user, char*, char*, int, int) noexcept {
  auto* transfer = static_cast<Transfer*>(user);
  transfer->too_late = std::chrono::steady_clock::now() > transfer->request.begin_by;
  return transfer->too_late ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

// libcurl sends a request again by itself when a connection that it used before closes
// without an answer, and a move would then be made twice. It has to rewind the body for
// that, and it may not: the caller looks before it acts again.
int OnRewind(void*, curl_off_t, int) noexcept { return CURL_SEEKFUNC_FAIL; }

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == text.npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::size_t OnHeader(const char* bytes, std::size_t, std::size_t size, void* user) noexcept try {
  auto* transfer = static_cast<Transfer*>(user);
  transfer->header_bytes += size;
  if (transfer->header_bytes > kMaxHeaderBytes) {
    transfer->too_large = true;
    return 0;
  }
  const std::string_view line(bytes, size);
  // A new status line: what came before was an interim answer (RFC 9110 15.2).
  if (line.starts_with("HTTP/")) transfer->response.headers.clear();
  transfer->headers_ended = line == "\r\n" || line == "\n";
  const std::size_t colon = line.find(':');
  if (colon == line.npos || line.starts_with("HTTP/")) return size;
  transfer->response.headers.push_back(
      {std::string(Trimmed(line.substr(0, colon))), std::string(Trimmed(line.substr(colon + 1)))});
  return size;
} catch (const std::exception&) {
  return 0;
}

// Options are set by literals and our own values; libcurl refuses one only when it was
// built without the feature, and then nothing here would be safe.
template <typename Value>
void Set(CURL* easy, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK) {
    throw std::runtime_error("libcurl refuses option " + std::to_string(option) + ": " +
                             curl_easy_strerror(code));
  }
}

void SetTrust(CURL* easy, const HttpPeer& peer) {
  Set(easy, CURLOPT_PROTOCOLS_STR, "https");
  Set(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  Set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  Set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  // The empty proxy overrides the variables of the environment (CURLOPT_PROXY(3)).
  Set(easy, CURLOPT_PROXY, "");
  Set(easy, CURLOPT_NOPROXY, "*");
  Set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  Set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  // The system's anchors stay trusted through the folder that libcurl was built with.
  if (!peer.ca_file.empty()) Set(easy, CURLOPT_CAINFO, peer.ca_file.c_str());
}

void SetLimits(CURL* easy, const HttpTimeouts& timeouts) {
  Set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeouts.connect.count()));
  Set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeouts.total.count()));
  Set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  Set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(timeouts.stall.count()));
  Set(easy, CURLOPT_NOSIGNAL, 1L);
}

void Append(HeaderLines& headers, const char* line) {
  curl_slist* longer = curl_slist_append(headers.get(), line);
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(headers.release());
  headers.reset(longer);
}

void SetHeaders(Transfer& transfer) {
  const HttpRequest& request = transfer.request;
  for (const HttpHeader& header : request.headers) {
    Append(transfer.headers, (header.name + ": " + header.value).c_str());
  }
  // Who names no encoding takes any (RFC 9110 12.5.3).
  Append(transfer.headers, "Accept-Encoding: identity");
  if (request.method == HttpMethod::kPost) {
    Append(transfer.headers, ("Content-Type: " + request.content_type).c_str());
    Append(transfer.headers, "Expect:");
  }
  if (request.bearer) {
    std::string line = "Authorization: Bearer ";
    line.reserve(line.size() + request.bearer->Reveal().size());
    line += request.bearer->Reveal();
    Append(transfer.headers, line.c_str());
    OPENSSL_cleanse(line.data(), line.size());
  }
  Set(transfer.easy.get(), CURLOPT_HTTPHEADER, transfer.headers.get());
}

void Prepare(Transfer& transfer, const HttpTimeouts& timeouts) {
  transfer.easy.reset(curl_easy_init());
  CURL* easy = transfer.easy.get();
  if (easy == nullptr) throw std::bad_alloc();
  const HttpRequest& request = transfer.request;
  SetTrust(easy, request.peer);
  SetLimits(easy, timeouts);
  Set(easy, CURLOPT_URL, (request.peer.origin.Url() + request.target).c_str());
  Set(easy, CURLOPT_PATH_AS_IS, 1L);
  Set(easy, CURLOPT_USERAGENT, "Clawback");
  Set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  Set(easy, CURLOPT_PIPEWAIT, 1L);  // rather a stream of a connection than another one
  if (request.method == HttpMethod::kPost) {
    const std::string_view body = request.body.Reveal();
    Set(easy, CURLOPT_POST, 1L);
    Set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    if (body.empty()) {
      Set(easy, CURLOPT_POSTFIELDS, "");
    } else {
      Set(easy, CURLOPT_READFUNCTION, &OnSend);
      Set(easy, CURLOPT_READDATA, &transfer);
      Set(easy, CURLOPT_SEEKFUNCTION, &OnRewind);
    }
  }
  SetHeaders(transfer);
  Set(easy, CURLOPT_PREREQFUNCTION, &OnBegin);
  Set(easy, CURLOPT_PREREQDATA, &transfer);
  Set(easy, CURLOPT_WRITEFUNCTION, &OnBody);
  Set(easy, CURLOPT_WRITEDATA, &transfer);
  Set(easy, CURLOPT_HEADERFUNCTION, &OnHeader);
  Set(easy, CURLOPT_HEADERDATA, &transfer);
  Set(easy, CURLOPT_ERRORBUFFER, transfer.error_text.data());
  Set(easy, CURLOPT_PRIVATE, &transfer);
}

Status CheckRequest(const HttpRequest& request) {
  const std::string_view target = request.target;
  const bool plain = IsPlain(target) && target.find_first_of(" \\#") == target.npos;
  if (!target.starts_with('/') || target.size() > kMaxTarget || !plain) {
    return Error{ErrorKind::kInvalid, "not a request target: " + request.target.substr(0, 200)};
  }
  for (const HttpHeader& header : request.headers) {
    if (!IsPlain(header.name) || !IsPlain(header.value)) {
      return Error{ErrorKind::kInvalid, "header '" + header.name + "' is not printable ASCII"};
    }
  }
  if (request.bearer && !IsPlain(request.bearer->Reveal())) {
    return Error{ErrorKind::kInvalid, "the access token is not printable ASCII"};
  }
  return {};
}

Error ErrorOf(const Transfer& transfer, CURLcode code) {
  const std::string& host = transfer.request.peer.origin.host;
  if (transfer.too_large) {
    return {ErrorKind::kInvalid, host + ": the answer is larger than " +
                                     std::to_string(transfer.request.max_response_bytes) +
                                     " bytes"};
  }
  const char* text =
      transfer.error_text[0] != '\0' ? transfer.error_text.data() : curl_easy_strerror(code);
  std::string what = host + ": " + text;
  if (code == CURLE_SSL_CACERT_BADFILE) what += " (" + transfer.request.peer.ca_file + ")";
  return {code == CURLE_SSL_CACERT_BADFILE ? ErrorKind::kInvalid : ErrorKind::kTransient,
          std::move(what)};
}

// A write to a connection that the other side has closed raises SIGPIPE in the thread
// that writes; all others are for the program's own threads.
void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

void StartLibraryOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    // libcurl would write every session's keys to the file that this names.
    ::unsetenv("SSLKEYLOGFILE");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      throw std::runtime_error("libcurl cannot be started");
    }
  });
}

}  // namespace

// The thread that moves all transfers. A curl multi handle belongs to one thread, and
// only one that sees every request can share connections among them.
class HttpClient::Loop {
 public:
  Loop() : multi_(curl_multi_init()) {
    if (!multi_) throw std::bad_alloc();
    curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, kMaxConnectionsPerHost);
    thread_ = std::thread([this] { Run(); });
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    Stop();
    thread_.join();
  }

  // Blocks until transfer has ended.
  CURLcode Carry(Transfer& transfer) {
    std::unique_lock lock(mutex_);
    if (stopping_) return CURLE_ABORTED_BY_CALLBACK;
    waiting_.push_back(&transfer);
    curl_multi_wakeup(multi_.get());
    transfer.woken.wait(lock, [&] { return transfer.ended.has_value(); });
    return *transfer.ended;
  }

  void Stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    curl_multi_wakeup(multi_.get());
  }

 private:
  void Run() {
    BlockSignals();
    while (TakeWaiting()) {
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      EndFinished();
      curl_multi_poll(multi_.get(), nullptr, 0, 1000, nullptr);
    }
    for (Transfer* transfer : std::exchange(under_way_, {})) {
      End(*transfer, CURLE_ABORTED_BY_CALLBACK);
    }
  }

  // False when it is time to stop.
  bool TakeWaiting() {
    std::vector<Transfer*> taken;
    bool stopping = false;
    {
      const std::lock_guard lock(mutex_);
      taken.swap(waiting_);
      stopping = stopping_;
    }
    for (Transfer* transfer : taken) {
      under_way_.insert(transfer);
      if (curl_multi_add_handle(multi_.get(), transfer->easy.get()) != CURLM_OK) {
        under_way_.erase(transfer);
        End(*transfer, CURLE_FAILED_INIT);
      }
    }
    return !stopping;
  }

  void EndFinished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      char* user = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
      auto* transfer = reinterpret_cast<Transfer*>(user);
      under_way_.erase(transfer);
      End(*transfer, code);
    }
  }

  // Its caller may go on, and transfer be gone, as soon as the lock is given back.
  void End(Transfer& transfer, CURLcode code) {
    curl_multi_remove_handle(multi_.get(), transfer.easy.get());
    const std::lock_guard lock(mutex_);
    transfer.ended = code;
    transfer.woken.notify_one();
  }

  MultiHandle multi_;
  std::mutex mutex_;
  std::vector<Transfer*> waiting_;           // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::unordered_set<Transfer*> under_way_;  // the thread's own
  std::thread thread_;
};

std::string_view HttpResponse::Header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (header.name.size() == name.size() &&
        ::strncasecmp(header.name.data(), name.data(), name.size()) == 0) {
      return header.value;
    }
  }
  return "";
}

HttpClient::HttpClient(HttpTimeouts timeouts) : timeouts_(timeouts) {
  StartLibraryOnce();
  loop_ = std::make_unique<Loop>();
}

HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::Send(HttpRequest request) {
  if (Status checked = CheckRequest(request); !checked.ok()) return checked.error();
  Transfer transfer;
  transfer.request = std::move(request);
  Prepare(transfer, timeouts_);
  const CURLcode code = loop_->Carry(transfer);
  if (transfer.too_late) {
    return Error{ErrorKind::kTransient, "its time was over before it could be sent: not sent"};
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) {
    return Error{ErrorKind::kTransient, "the HTTP client is stopping"};
  }
  if (code != CURLE_OK) return ErrorOf(transfer, code);
  // libcurl takes a connection that ends among the headers for an empty answer.
  if (!transfer.headers_ended) return ErrorOf(transfer, CURLE_PARTIAL_FILE);
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  const std::string_view encoding = transfer.response.Header("Content-Encoding");
  if (!encoding.empty() && encoding != "identity") {
    return Error{ErrorKind::kTransient,
                 transfer.request.peer.origin.host + ": the answer is encoded, unasked"};
  }
  return std::move(transfer.response);
}

void HttpClient::Stop() { loop_->Stop(); }

}  // namespace clawback
