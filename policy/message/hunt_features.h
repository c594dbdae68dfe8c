// SPDX-License-Identifier: Apache-2.0
// What is kept of every message, so that it can be judged again by something learned later (a
// hunt): a host, an address of the web, a file, a subject or a text that turned out to be bad.
// The fingerprint is kept beside it: its digests tell files, and its sketch of word triples
// tells how much of two texts is the same.
#ifndef CLAWBACK_POLICY_MESSAGE_HUNT_FEATURES_H_
#define CLAWBACK_POLICY_MESSAGE_HUNT_FEATURES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/message/fingerprint.h"

namespace clawback {

// All lists are ascending, each entry once.
struct HuntFeatures {
  // Of links, as the resolver is asked for them ("xn--..."); behind the rewriters of mail
  // filters and open redirects too.
  std::vector<std::string> hosts;
  std::vector<std::string> domains;  // the organisational domains of those
  std::vector<std::uint64_t> urls;   // HuntKey of each NormalAddress
  // SHA-256 hex of files beside those of the fingerprint: text files as they stand, which it
  // has converted, and files inside documents and archives.
  std::vector<std::string> files;
  std::string subject_key;  // SubjectKey
  bool more = false;        // there were more than are kept
  bool empty() const { return *this == HuntFeatures{}; }
  bool operator==(const HuntFeatures&) const = default;
};

// Kept of one message.
inline constexpr std::size_t kMostHuntHosts = 200;
inline constexpr std::size_t kMostHuntUrls = 500;
inline constexpr std::size_t kMostHuntFiles = 100;

// Equal for subjects that differ in "Re:", tags, case, blanks and numbers: "re: [ext] aw:
// invoice  4711" → "invoice #"; at most 200 bytes. folded: without case. The key of a key is
// that key.
std::string SubjectKey(std::string_view folded);

enum class HuntKind { kHost, kUrl, kFile, kSubject, kText };
// What the ledger looks up: 8 bytes of a SHA-256 over both. value of kHost: a host or an
// organisational domain; of kText: the hash of a word triple, in hexadecimal.
std::uint64_t HuntKey(HuntKind kind, std::string_view value);

// Every key by which a message is found, each once, ascending. Of its text the smallest
// hashes of the sketch: of two texts that have half of their triples in common, one of these
// is in both in all but one of 250 cases.
std::vector<std::uint64_t> HuntKeysOf(const HuntFeatures& features, const Fingerprint& print);
// Those of the text alone.
std::vector<std::uint64_t> TextKeysOf(const Fingerprint& print);

// How much of two texts is the same, 0 to 1: the share of word triples that both have of all
// that either has, as the sketches tell it (bottom-k, Broder 1997). 0 where either has no text.
double SimilarityOf(const Fingerprint& a, const Fingerprint& b);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_HUNT_FEATURES_H_
