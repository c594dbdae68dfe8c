// SPDX-License-Identifier: Apache-2.0
// One line an event, key=value, on standard error: systemd's journal and a
// terminal read it alike. Three severities with a meaning: info is what
// happened, a warning is the world misbehaving while we go on, an error is
// something that a person has to see to.
#ifndef CLAWBACK_POLICY_BASE_LOG_H_
#define CLAWBACK_POLICY_BASE_LOG_H_

#include <initializer_list>
#include <string>
#include <string_view>

namespace clawback {

enum class Severity { kInfo, kWarning, kError };

struct LogField {
  std::string_view key;
  std::string_view value;
};

// The line without its end. Values from outside cannot break it: they are quoted
// where needed, control and bidirectional characters and invalid UTF-8 are
// escaped, and a value over 512 bytes is cut (its length is said).
std::string FormatLogLine(Severity severity, std::string_view event,
                          std::initializer_list<LogField> fields);

// Safe from any thread; a line is written whole. Never log a secret or a body.
void Log(Severity severity, std::string_view event, std::initializer_list<LogField> fields);

// Text from outside made safe for one line of a terminal or log, as above but
// without quotes and cutting.
std::string EscapeForTerminal(std::string_view text);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_LOG_H_
