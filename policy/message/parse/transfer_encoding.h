// SPDX-License-Identifier: Apache-2.0
// Content-Transfer-Encoding (RFC 2045 6) and RFC 2047 encoded words.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_TRANSFER_ENCODING_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_TRANSFER_ENCODING_H_

#include <string>
#include <string_view>

namespace clawback {

enum class TransferEncoding { kIdentity, kBase64, kQuotedPrintable, kUuencode };

// Case and blanks do not matter; an unknown name means identity.
TransferEncoding TransferEncodingFrom(std::string_view name);

// Lenient, as mail readers are: what is no code is skipped. Never longer than bytes.
std::string DecodeTransfer(std::string_view bytes, TransferEncoding encoding);

// A header's text with its encoded words decoded, as UTF-8. value is unfolded.
// Control characters stay: the caller must know whether a line end was hidden.
std::string DecodeWords(std::string_view value);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_TRANSFER_ENCODING_H_
