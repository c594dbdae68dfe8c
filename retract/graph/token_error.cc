// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string>
#include <utility>

#include "retract/graph/mailbox_provider.h"
#include "retract/graph/retry_after.h"
#include "retract/graph/token_source.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxBody = 64UL * 1024;
constexpr std::size_t kMaxNumbers = 5;

// What an operator can do about the numbers seen most.
constexpr std::array<std::pair<std::int64_t, std::string_view>, 9> kAdvice = {{
    {7000215, "the client secret is wrong"},
    {7000222, "the client secret has expired"},
    {700027, "the certificate is not registered for the app"},
    {700024, "the assertion is outside its time: check this machine's clock"},
    {50012, "the assertion's signature was not accepted"},
    {700016, "the app is not in that tenant, or the client id is wrong"},
    {90002, "there is no such tenant"},
    {500011, "Graph is not in that tenant: check the cloud"},
    {70011, "the scope is not valid: check the cloud"},
}};

struct TokenError {
  std::string word;  // "invalid_client"; empty: not Entra ID's answer
  std::string numbers;
  std::string_view advice;
};

bool IsErrorWord(std::string_view word) {
  return !word.empty() && word.size() <= 64 && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
  });
}

std::string_view AdviceFor(std::int64_t number) {
  for (const auto& [known, advice] : kAdvice) {
    if (known == number) return advice;
  }
  return "";
}

void ReadNumbers(const json::array& numbers, TokenError& error) {
  for (std::size_t i = 0; i < std::min(numbers.size(), kMaxNumbers); ++i) {
    const std::int64_t* number = numbers[i].if_int64();
    if (number == nullptr) continue;
    error.numbers += " AADSTS" + std::to_string(*number);
    if (error.advice.empty()) error.advice = AdviceFor(*number);
  }
}

TokenError ReadTokenError(std::string_view body) {
  TokenError error;
  if (body.size() > kMaxBody) return error;
  boost::system::error_code failed;
  const json::value value = json::parse(body, failed);
  const json::object* top = failed ? nullptr : value.if_object();
  const json::value* word = top != nullptr ? top->if_contains("error") : nullptr;
  const json::string* text = word != nullptr ? word->if_string() : nullptr;
  if (text == nullptr || !IsErrorWord(*text)) return error;
  error.word = *text;
  const json::value* codes = top->if_contains("error_codes");
  const json::array* numbers = codes != nullptr ? codes->if_array() : nullptr;
  if (numbers != nullptr) ReadNumbers(*numbers, error);
  return error;
}

}  // namespace

Error TokenErrorOf(const HttpResponse& response, Time now) {
  const TokenError read = ReadTokenError(response.body);
  const bool final = response.status >= 400 && response.status < 500 && response.status != 429 &&
                     response.status != 408 && !read.word.empty() &&
                     read.word != "temporarily_unavailable";
  std::string what = "HTTP " + std::to_string(response.status);
  if (!read.word.empty()) what = read.word + read.numbers + " (" + what + ")";
  if (!read.advice.empty()) what += ": " + std::string(read.advice);
  if (final) return {ErrorKind::kRefused, std::string(kSignInRefused) + ": " + what};
  const auto wait = RetryAfterOf(response, now);
  const bool throttled = response.status == 429 || wait.has_value();
  return {throttled ? ErrorKind::kThrottled : ErrorKind::kTransient, "sign-in: " + what, wait};
}

}  // namespace clawback
