// SPDX-License-Identifier: Apache-2.0
// What both configuration files demand of a value beyond its type: forms of names,
// domains, addresses, identifiers and paths. Each answers whether text has the form.
#ifndef CLAWBACK_POLICY_CONFIG_CHECKS_H_
#define CLAWBACK_POLICY_CONFIG_CHECKS_H_

#include <string>
#include <string_view>

#include "policy/base/yaml.h"

namespace clawback {

bool IsShortName(std::string_view text);    // [a-z0-9] and inner "-", at most 63
bool IsGuid(std::string_view text);         // 8-4-4-4-12 hexadecimal digits
bool IsDomain(std::string_view text);       // two or more LDH labels (RFC 1123 2.1)
bool IsAddress(std::string_view text);      // local@domain, no quotes (RFC 5321 4.1.2)
bool IsHttpsOrigin(std::string_view text);  // https://host or https://host:port

// path as counted from the folder that file is in; absolute ones stay.
std::string ResolvePath(const std::string& file, const std::string& path);

// Reads key as a path and resolves it.
void ReadPath(YamlMap& map, std::string_view key, const std::string& file, std::string* out,
              Presence presence = Presence::kOptional);
// A Unix socket's path must fit into sockaddr_un.
void ReadSocketPath(YamlMap& map, std::string_view key, const std::string& file, std::string* out);
// Reads key as text that must have a form; expected says which, for the fault.
void ReadChecked(YamlMap& map, std::string_view key, std::string* out,
                 bool (*check)(std::string_view), std::string_view expected,
                 Presence presence = Presence::kOptional);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_CONFIG_CHECKS_H_
