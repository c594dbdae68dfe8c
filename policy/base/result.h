// SPDX-License-Identifier: Apache-2.0
// Errors are values. A function that can fail returns Result<T> or Status; the
// kind of an Error is what its caller can do about it, the text is the cause.
#ifndef CLAWBACK_POLICY_BASE_RESULT_H_
#define CLAWBACK_POLICY_BASE_RESULT_H_

#include <cassert>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace clawback {

enum class ErrorKind {
  kTransient,  // the world misbehaves: the same call may succeed later
  kThrottled,  // as kTransient, but wait for retry_after first
  kConflict,   // another change is in the way: worth a few more tries
  kNotFound,   // the thing asked for is not there
  kRefused,    // the other side, or our own rules, say no: final
  kInvalid,    // bad input or bad configuration: final until it changes
  kFull,       // no room on the other side: final until somebody makes some
};

struct Error {
  ErrorKind kind = ErrorKind::kInvalid;
  std::string what;
  // How long the other side asked us to wait, where it did: always kThrottled or
  // kConflict.
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
};

// The same error with "context: " before its text, for the way up.
inline Error Within(std::string_view context, Error error) {
  error.what = std::string(context) + ": " + error.what;
  return error;
}

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<0>, std::move(value)) {
  }                    // implicit: a function returns its value as it is
  Result(Error error)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<1>, std::move(error)) {
  }  // implicit: and so it does its error, as in `return error`

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Only when ok().
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& value() {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const {
    assert(ok());
    return *std::get_if<0>(&state_);
  }

  // Only when !ok().
  const Error& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error)  // NOLINT(google-explicit-constructor): an error is a result
      : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    assert(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_RESULT_H_
