// SPDX-License-Identifier: Apache-2.0
// The anchor: what the newest entry of the audit is, said outside the database.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "retract/ledger/audit_chain.h"
#include "retract/ledger/private_files.h"

namespace clawback {
namespace {

// Whether the chain still holds the entry that the anchor names.
Result<bool> Holds(Database& database, const AuditHead& anchor) {
  if (anchor.sequence == 0) return true;
  Result<Statement> found = database.Prepare("SELECT 1 FROM audit WHERE sequence=? AND hash=?");
  if (!found) return found.error();
  return found->Bind(anchor.sequence, anchor.hash).Step();
}

Status WriteAnchor(const std::string& path, const AuditHead& head) {
  return ReplaceFile(path, std::to_string(head.sequence) + " " + ToHex(head.hash) + "\n", 0600);
}

}  // namespace

std::string AnchorIn(const std::string& ledger_folder) { return ledger_folder + "/audit.head"; }

Result<AuditHead> ReadAnchor(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) return SystemError(path, errno);
  std::array<char, 128> buffer{};
  const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
  if (size < 0) return SystemError(path, errno);
  const std::string_view line(buffer.data(), static_cast<std::size_t>(size));
  const Error invalid{ErrorKind::kInvalid, path + ": expected a number and a SHA-256"};
  AuditHead head;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), head.sequence);
  const auto digits = static_cast<std::size_t>(end - line.data());
  if (error != std::errc() || line.size() != digits + 66 || line[digits] != ' ') return invalid;
  const auto hash = DigestFromHex(line.substr(digits + 1, 64));
  if (!hash || line.back() != '\n' || head.sequence < 0) return invalid;
  head.hash = *hash;
  return head;
}

Status MoveAnchor(Database& database, const std::string& path) {
  const Result<AuditHead> head = HeadOf(database);
  if (!head) return head.error();
  const Result<AuditHead> anchor = ReadAnchor(path);
  if (!anchor) {
    const bool fresh = anchor.error().kind == ErrorKind::kNotFound && head->sequence == 0;
    return fresh ? WriteAnchor(path, *head) : anchor.error();
  }
  if (anchor->sequence == head->sequence && anchor->hash == head->hash) return {};
  const Result<bool> holds = Holds(database, *anchor);
  if (!holds) return holds.error();
  if (*holds) return WriteAnchor(path, *head);
  return Error{ErrorKind::kInvalid, "the audit has lost entry " + std::to_string(anchor->sequence) +
                                        ": see clawback audit verify"};
}

}  // namespace clawback
