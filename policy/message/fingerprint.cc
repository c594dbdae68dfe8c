// SPDX-License-Identifier: Apache-2.0
//
// What a copy must show, in this order; the first that fails decides:
//   message id, sender, date   equal (white space within an id is folding, and does
//                              not count); absent on one side: ambiguous. Both without a
//                              date: enough for a move to a folder only
//   subject                    equal
//   Network-Message-Id         equal where both have one (it is stripped from copies)
//   attachments                each of the report's in the copy, as often
//   text                       the report's word triples contained in the copy's:
//                              0.9 of them for a move, 0.95 beyond; half of them
//                              but fewer than that is ambiguous, less a mismatch.
//                              One triple or two, in a copy with more: ambiguous.
//                              Where the report has none, the copy may have a banner's
// A message without text or attachments shows nothing but its headers: that is
// enough for a move to a folder, if subject and date are there, and never beyond.
#include "policy/message/fingerprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "policy/base/digest.h"
#include "policy/base/names.h"
#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr Name<Agreement> kAgreements[] = {{Agreement::kMatch, "match"},
                                           {Agreement::kMismatch, "mismatch"},
                                           {Agreement::kAmbiguous, "ambiguous"}};

// Fewer samples than this say nothing of a text of which only a sample is known.
constexpr std::size_t kMinSamples = 16;
// A banner and a disclaimer are shorter than this many words; a copy with more
// text than that beyond the report's may be another message that quotes it.
constexpr std::uint32_t kAddedTriples = 500;
// A text of a word or two has a triple of its own that is gone when anything is added
// to it.
constexpr std::uint32_t kTooShort = 2;
// Of a message that has no text itself, only a banner is expected around it.
constexpr std::uint32_t kBannerTriples = 150;

using Objection = std::optional<Comparison>;  // nullopt: nothing against it so far

Comparison Mismatch(std::string why) { return {Agreement::kMismatch, std::move(why)}; }
Comparison Ambiguous(std::string why) { return {Agreement::kAmbiguous, std::move(why)}; }

std::string Quoted(std::string_view text) {
  return fmt::format("\"{}\"", RepairUtf8(CutUtf8(text, 200)));
}

// RFC 5322 3.2.2: where a header field is folded, white space comes, goes and changes.
std::string WithoutBlanks(std::string_view id) {
  std::string kept;
  for (const char c : id) {
    if (c != ' ' && c != '\t') kept += c;
  }
  return kept;
}

Objection CompareNeeded(std::string_view what, std::string_view report, std::string_view copy) {
  if (report.empty() || copy.empty()) {
    return Ambiguous(
        fmt::format("{} is absent in {}", what, report.empty() ? "the report" : "the copy"));
  }
  if (report == copy) return std::nullopt;
  return Mismatch(
      fmt::format("{} differs: report {}, copy {}", what, Quoted(report), Quoted(copy)));
}

Objection CompareDates(std::int64_t report, std::int64_t copy, Finality finality) {
  if (report == copy && report != 0) return std::nullopt;
  if (report == 0 && copy == 0) {
    if (finality == Finality::kMovable) return std::nullopt;
    return Ambiguous("date is absent in both, too little for this action");
  }
  if (report == 0 || copy == 0) {
    return Ambiguous(fmt::format("date is absent in {}", report == 0 ? "the report" : "the copy"));
  }
  return Mismatch(
      fmt::format("date differs: report {}, copy {} (seconds since 1970)", report, copy));
}

Objection CompareHeaders(const Fingerprint& report, const Fingerprint& copy, Finality finality) {
  const std::string reported = WithoutBlanks(report.message_id);
  const std::string stored = WithoutBlanks(copy.message_id);
  if (auto found = CompareNeeded("message id", reported, stored)) return found;
  if (auto found = CompareNeeded("sender", report.from, copy.from)) return found;
  if (auto found = CompareDates(report.date, copy.date, finality)) return found;
  if (report.subject != copy.subject) {
    return Mismatch(fmt::format("subject differs: report {}, copy {}", Quoted(report.subject),
                                Quoted(copy.subject)));
  }
  if (!report.network_message_id.empty() && !copy.network_message_id.empty() &&
      !EqualIgnoringCase(report.network_message_id, copy.network_message_id)) {
    return Mismatch(fmt::format("Network-Message-Id differs: report {}, copy {}",
                                Quoted(report.network_message_id),
                                Quoted(copy.network_message_id)));
  }
  return std::nullopt;
}

Objection CompareAttachments(std::vector<std::string> report, std::vector<std::string> copy) {
  std::sort(report.begin(), report.end());
  std::sort(copy.begin(), copy.end());
  if (std::includes(copy.begin(), copy.end(), report.begin(), report.end())) return std::nullopt;
  std::vector<std::string> missing;
  std::set_difference(report.begin(), report.end(), copy.begin(), copy.end(),
                      std::back_inserter(missing));
  return Mismatch(
      fmt::format("{} of {} attachments are not in the copy", missing.size(), report.size()));
}

// How much of the report's text the copy holds, from two bottom-k samples. A
// truncated sample knows its text only up to its greatest hash; up to the smaller
// of both bounds each sample is all there is, so there the shares can be compared.
struct Containment {
  std::size_t sampled = 0;    // of the report's triples, below both bounds
  std::size_t contained = 0;  // of those, in the copy
  bool whole = false;         // not a sample: all of the report's triples
};

bool IsTruncated(const Fingerprint& fingerprint) {
  return fingerprint.text.size() < fingerprint.text_triples;
}

std::uint64_t KnownUpTo(const Fingerprint& fingerprint) {
  if (!IsTruncated(fingerprint)) return std::numeric_limits<std::uint64_t>::max();
  return fingerprint.text.empty()
             ? 0
             : *std::max_element(fingerprint.text.begin(), fingerprint.text.end());
}

std::vector<std::uint64_t> SampleUpTo(const Fingerprint& fingerprint, std::uint64_t bound) {
  std::vector<std::uint64_t> sample;
  std::copy_if(fingerprint.text.begin(), fingerprint.text.end(), std::back_inserter(sample),
               [bound](std::uint64_t hash) { return hash <= bound; });
  std::sort(sample.begin(), sample.end());
  sample.erase(std::unique(sample.begin(), sample.end()), sample.end());
  return sample;
}

Containment ContainmentOf(const Fingerprint& report, const Fingerprint& copy) {
  const std::uint64_t bound = std::min(KnownUpTo(report), KnownUpTo(copy));
  const auto wanted = SampleUpTo(report, bound);
  const auto there = SampleUpTo(copy, bound);
  std::vector<std::uint64_t> common;
  std::set_intersection(wanted.begin(), wanted.end(), there.begin(), there.end(),
                        std::back_inserter(common));
  return {wanted.size(), common.size(), wanted.size() >= report.text_triples};
}

// How many of the sampled triples may be missing. In a short text, a banner or a
// disclaimer grown together with its first or last word already costs more than
// the share allows: whatever is put within a text tears two triples.
std::size_t AllowedMissing(std::size_t sampled, Finality finality) {
  switch (finality) {
    case Finality::kMovable:
      return std::max(sampled / 10, std::min<std::size_t>(2, sampled / 4));
    case Finality::kRecoverable:
      return std::max(sampled / 20, std::min<std::size_t>(2, sampled / 8));
    case Finality::kFinal:
      return sampled / 20;
  }
  return 0;
}

std::uint32_t AddedTriples(const Fingerprint& report, const Fingerprint& copy) {
  return copy.text_triples > report.text_triples ? copy.text_triples - report.text_triples : 0;
}

Objection CompareTexts(const Fingerprint& report, const Fingerprint& copy, Finality finality) {
  if (report.text_triples == 0 && report.text.empty()) {
    // One attachment in common, a logo say, does not make another message of it.
    if (copy.text_triples <= kBannerTriples) return std::nullopt;
    return Ambiguous(
        fmt::format("no text in the report, {} word triples in the copy", copy.text_triples));
  }
  const Containment found = ContainmentOf(report, copy);
  const std::string share =
      fmt::format("{} of {} sampled word triples are in the copy", found.contained, found.sampled);
  if (found.sampled == 0 || (!found.whole && found.sampled < kMinSamples)) {
    return Ambiguous(share + ", too few to tell");
  }
  if (found.sampled - found.contained > AllowedMissing(found.sampled, finality)) {
    if (found.contained * 2 >= found.sampled) return Ambiguous(share);
    const bool grown = copy.text_triples > report.text_triples;
    if (grown && report.text_triples <= kTooShort) return Ambiguous(share + ", too short to tell");
    return Mismatch(share);
  }
  const std::uint32_t added = AddedTriples(report, copy);
  if (finality != Finality::kMovable && added > kAddedTriples &&
      added - kAddedTriples > report.text_triples) {
    return Ambiguous(fmt::format("the copy has {} more word triples than the report's {}", added,
                                 report.text_triples));
  }
  return std::nullopt;
}

// A message that shows nothing but its headers.
Comparison CompareBare(const Fingerprint& report, const Fingerprint& copy, Finality finality) {
  if (finality != Finality::kMovable) {
    return Ambiguous("no text and no attachments, too little for this action");
  }
  if (report.subject.empty() || report.date == 0) {
    return Ambiguous("no text, no attachments, and no subject or date");
  }
  if (!copy.attachments.empty() || copy.text_triples > kBannerTriples) {
    return Ambiguous("no text and no attachments in the report, but in the copy");
  }
  return {Agreement::kMatch,
          "message id, sender, date and subject agree; there is no text and no attachment"};
}

std::string WhatAgrees(const Fingerprint& report, const Fingerprint& copy) {
  std::string why = "message id, sender, ";
  if (report.date != 0) why += "date, ";
  why += "subject";
  if (!report.network_message_id.empty() && !copy.network_message_id.empty()) {
    why += ", Network-Message-Id";
  }
  if (report.text_triples != 0) {
    const Containment found = ContainmentOf(report, copy);
    why += fmt::format(", {} of {} sampled word triples", found.contained, found.sampled);
  }
  if (!report.attachments.empty()) {
    why += fmt::format(", {} attachments", report.attachments.size());
  }
  return why + " agree";
}

// Each text with its length before it, so that no two fingerprints run together.
void Add(Sha256* sha, std::string_view text) {
  sha->Update(fmt::format("{}:", text.size()));
  sha->Update(text);
}

}  // namespace

std::string_view ToString(Agreement agreement) { return NameOf(kAgreements, agreement); }

Comparison Compare(const Fingerprint& report, const Fingerprint& copy, Finality finality) {
  if (auto found = CompareHeaders(report, copy, finality)) return *found;
  if (auto found = CompareAttachments(report.attachments, copy.attachments)) return *found;
  const bool has_text = report.text_triples != 0 || !report.text.empty();
  if (!has_text && report.attachments.empty()) return CompareBare(report, copy, finality);
  if (auto found = CompareTexts(report, copy, finality)) return *found;
  return {Agreement::kMatch, WhatAgrees(report, copy)};
}

std::string KeyOf(const Fingerprint& fingerprint) {
  Sha256 sha;
  Add(&sha, fingerprint.message_id);
  Add(&sha, fingerprint.from);
  Add(&sha, fingerprint.subject);
  Add(&sha, fmt::format("{}", fingerprint.date));
  Add(&sha, fingerprint.network_message_id);
  Add(&sha, fmt::format("{}", fingerprint.text.size()));
  for (const std::uint64_t hash : fingerprint.text) Add(&sha, fmt::format("{:016x}", hash));
  Add(&sha, fmt::format("{}", fingerprint.text_triples));
  for (const std::string& attachment : fingerprint.attachments) Add(&sha, attachment);
  return ToHex(sha.Finish());
}

}  // namespace clawback
