// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/audit.h"

#include "policy/base/names.h"

namespace clawback {
namespace {

constexpr Name<ActorKind> kActorKinds[] = {
    {ActorKind::kService, "service"}, {ActorKind::kUser, "user"}, {ActorKind::kAccount, "account"}};

// With its length before it, so that no two entries read the same.
void Add(Sha256* hash, std::string_view field) {
  hash->Update(std::to_string(field.size()) + ":");
  hash->Update(field);
  hash->Update(",");
}

}  // namespace

std::string_view ToString(ActorKind kind) { return NameOf(kActorKinds, kind); }
std::optional<ActorKind> ActorKindFrom(std::string_view text) { return ValueOf(kActorKinds, text); }

std::string ToString(const Actor& actor) {
  switch (actor.kind) {
    case ActorKind::kService:
      return actor.name;
    case ActorKind::kUser:
      return actor.name + " (uid " + std::to_string(actor.uid) + ")";
    case ActorKind::kAccount:
      return "account " + actor.name;
  }
  return actor.name;
}

Digest HashOf(const AuditEntry& entry) {
  const AuditNote& note = entry.note;
  Sha256 hash;
  hash.Update({reinterpret_cast<const char*>(entry.previous.data()), entry.previous.size()});
  Add(&hash, std::to_string(entry.sequence));
  Add(&hash, std::to_string(entry.at.time_since_epoch().count()));
  Add(&hash, ToString(note.who.kind));
  Add(&hash, std::to_string(note.who.uid));
  for (const std::string* field :
       {&note.who.name, &note.what, &note.tenant, &note.target, &note.why, &note.evidence}) {
    Add(&hash, *field);
  }
  return hash.Finish();
}

}  // namespace clawback
