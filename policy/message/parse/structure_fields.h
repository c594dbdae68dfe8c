// SPDX-License-Identifier: Apache-2.0
// What of a message's header GMime has to see: it makes objects of every field, and of most
// nobody asks it anything, because fields are read from the bytes (header_block.h).
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_STRUCTURE_FIELDS_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_STRUCTURE_FIELDS_H_

#include <optional>
#include <string>
#include <string_view>

namespace clawback {

// A copy without the fields of the first header block that do not begin with "Content-", but
// for the first of all, so that a header remains one. nullopt where a line is anything but a
// plain field, because readers differ there and GMime is to decide; where the header does not
// end; and of a large message, where a copy costs more than it spares.
std::optional<std::string> WithoutOtherFields(std::string_view bytes);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_STRUCTURE_FIELDS_H_
