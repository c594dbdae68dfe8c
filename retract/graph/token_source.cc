// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/token_source.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "policy/base/text.h"
#include "retract/graph/guid.h"
#include "retract/graph/mailbox_provider.h"
#include "retract/graph/token_claims.h"

namespace clawback {
namespace {

namespace json = boost::json;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kMaxAnswer = 256UL * 1024;
constexpr std::size_t kMaxToken = 64UL * 1024;
constexpr auto kRenewBefore = minutes(5);
constexpr auto kSpareTime = seconds(10);  // a request started now must arrive in time
constexpr auto kPauseAfterRefusal = seconds(30);
constexpr auto kPauseAfterFailure = seconds(3);
constexpr auto kPauseAfterDiscard = seconds(5);
// One worker waits for a sign-in that takes long; the others have other tenants to see to.
constexpr auto kWaitForRenewal = seconds(3);
constexpr seconds kLongestLife = std::chrono::hours(48);

Error StillSigningIn() {
  return {ErrorKind::kTransient, "sign-in: it takes long, somebody waits for it",
          kPauseAfterDiscard};
}

Error AboutSignIn(const Error& error) {
  return {error.kind, std::string(kSignInRefused) + ": " + error.what, error.retry_after};
}

// Some of Microsoft's endpoints say "3599" in quotes. nullopt: no life at all.
std::optional<seconds> LifeOf(const json::object& answer) {
  const json::value* value = answer.if_contains("expires_in");
  if (value == nullptr) return std::nullopt;
  double life = 0;
  if (value->is_number()) {
    life = value->to_number<double>();
  } else if (const json::string* text = value->if_string()) {
    const char* end = text->data() + text->size();
    if (std::from_chars(text->data(), end, life).ptr != end) return std::nullopt;
  }
  if (!(life >= 1)) return std::nullopt;
  return seconds(static_cast<std::int64_t>(std::min<double>(life, kLongestLife.count())));
}

// A token is opaque to its bearer but for this: what it says of its tenant must be true. A
// tenant that is named by a domain cannot be compared.
std::optional<std::string> OtherTenantOf(const Secret& token, const std::string& tenant_id) {
  if (tenant_id.find('.') != std::string::npos) return std::nullopt;
  const auto claims = ReadTokenClaims(token);
  if (!claims || claims->tenant_id.empty() || claims->tenant_id == LowerAscii(tenant_id)) {
    return std::nullopt;
  }
  return claims->tenant_id;
}

bool IsToken(std::string_view text) {
  return !text.empty() && text.size() <= kMaxToken &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool IsBearer(const json::object& answer) {
  const json::value* type = answer.if_contains("token_type");
  const json::string* text = type != nullptr ? type->if_string() : nullptr;
  return text != nullptr && (*text == "Bearer" || *text == "bearer");
}

struct TokenAnswer {
  Secret token;
  seconds life{};
};

std::optional<TokenAnswer> ReadTokenAnswer(std::string_view body) {
  // The parser's memory holds the token too: kept here so that it can be wiped.
  std::array<unsigned char, 2 * kMaxToken> memory{};
  std::optional<TokenAnswer> read;
  {
    json::monotonic_resource resource(memory.data(), memory.size());
    boost::system::error_code failed;
    const json::value value = json::parse(body, failed, &resource);
    const json::object* answer = failed ? nullptr : value.if_object();
    const json::value* token = answer != nullptr ? answer->if_contains("access_token") : nullptr;
    const json::string* text = token != nullptr ? token->if_string() : nullptr;
    if (text != nullptr && IsToken(*text) && IsBearer(*answer)) {
      if (const auto life = LifeOf(*answer)) read = TokenAnswer{Secret(std::string(*text)), *life};
    }
  }
  OPENSSL_cleanse(memory.data(), memory.size());
  return read;
}

}  // namespace

TokenSource::TokenSource(SignIn sign_in, HttpClient& http, const Clock& clock)
    : sign_in_(std::move(sign_in)), http_(http), clock_(clock) {}

bool TokenSource::IsValid() const {
  return current_.token && clock_.Monotonic() < current_.valid_until;
}

Result<AccessToken> TokenSource::Get() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const Instant now = clock_.Monotonic();
    const bool valid = IsValid();
    const bool may_ask = now >= next_attempt_;
    if (valid && (now < current_.renew_at || renewing_ || !may_ask)) return current_.token;
    if (renewing_) {
      const bool renewed = renewed_.wait_for(lock, kWaitForRenewal, [this] { return !renewing_; });
      if (!renewed) return StillSigningIn();
    } else if (may_ask) {
      Renew(lock);
    } else {
      return *last_error_;
    }
  }
}

// Sets either current_ or last_error_ with next_attempt_ in the future, so that Get,
// and everyone who waits in it, finds an answer.
void TokenSource::Renew(std::unique_lock<std::mutex>& lock) {
  renewing_ = true;
  const std::string claims = claims_;
  lock.unlock();
  auto issued = AskSafely(claims);
  lock.lock();
  renewing_ = false;
  if (issued.ok()) {
    current_ = *std::move(issued);
    next_attempt_ = {};
    last_error_.reset();
    claims_.clear();
  } else {
    last_error_ = issued.error();
    const bool final =
        last_error_->kind == ErrorKind::kRefused || last_error_->kind == ErrorKind::kInvalid;
    const milliseconds pause = final ? milliseconds(kPauseAfterRefusal)
                                     : last_error_->retry_after.value_or(kPauseAfterFailure);
    next_attempt_ = clock_.Monotonic() + std::max(pause, milliseconds(1000));
  }
  renewed_.notify_all();
}

// An exception that escaped would leave everyone waiting for a renewal for ever.
Result<TokenSource::Issued> TokenSource::AskSafely(const std::string& claims) try {
  return Ask(claims);
} catch (const std::exception& e) {
  return Error{ErrorKind::kTransient, std::string("sign-in: ") + e.what()};
}

Result<TokenSource::Issued> TokenSource::Ask(const std::string& claims) {
  auto form = TokenForm(sign_in_, claims, clock_.Now());
  if (!form.ok()) return AboutSignIn(form.error());
  HttpRequest request;
  request.method = HttpMethod::kPost;
  request.peer = sign_in_.login;
  request.target = TokenTarget(sign_in_);
  request.headers = {{"Accept", "application/json"}, {"client-request-id", NewGuid()}};
  request.content_type = "application/x-www-form-urlencoded";
  request.body = *std::move(form);
  request.max_response_bytes = kMaxAnswer;
  const Instant asked = clock_.Monotonic();
  auto response = http_.Send(std::move(request));
  if (!response.ok()) return Within("sign-in", response.error());
  return Read(*std::move(response), asked);
}

Result<TokenSource::Issued> TokenSource::Read(HttpResponse response, Instant asked) {
  if (response.status != 200) return TokenErrorOf(response, clock_.Now());
  const Secret body(std::move(response.body));
  auto answer = ReadTokenAnswer(body.Reveal());
  if (!answer) {
    return Error{ErrorKind::kTransient, "sign-in: the answer holds no token that can be used"};
  }
  if (const auto other = OtherTenantOf(answer->token, sign_in_.tenant_id)) {
    return Error{ErrorKind::kRefused,
                 std::string(kSignInRefused) + ": the token is for tenant " + *other};
  }
  Issued issued;
  issued.token = std::make_shared<const Secret>(std::move(answer->token));
  issued.valid_until = asked + answer->life - std::min<seconds>(kSpareTime, answer->life / 10);
  issued.renew_at = asked + answer->life - std::min<seconds>(kRenewBefore, answer->life / 2);
  // Kept all the same, it would be asked for again at once, and so without end.
  if (clock_.Monotonic() >= issued.valid_until) {
    return Error{ErrorKind::kTransient, "sign-in: the token had ended when it came"};
  }
  return issued;
}

void TokenSource::Discard(const AccessToken& token, std::string claims) {
  const std::lock_guard lock(mutex_);
  if (current_.token != token) return;
  current_ = {};
  claims_ = std::move(claims);
  // A Graph that refuses fresh tokens as well must not make us hammer the sign-in.
  const Instant now = clock_.Monotonic();
  if (last_discard_ && now - *last_discard_ < kPauseAfterDiscard) {
    next_attempt_ = now + kPauseAfterDiscard;
    last_error_ = Error{ErrorKind::kTransient,
                        std::string(kSignInRefused) + ": Graph refused two tokens in a row"};
  }
  last_discard_ = now;
}

}  // namespace clawback
