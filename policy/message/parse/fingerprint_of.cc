// SPDX-License-Identifier: Apache-2.0
#include "policy/message/fingerprint_of.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

#include "policy/base/digest.h"
#include "policy/base/text.h"
#include "policy/message/parse/charset.h"
#include "policy/message/parse/html_text.h"

namespace clawback {
namespace {

constexpr std::size_t kSketch = 256;
// So many words tell two messages apart; a book is not read to its end.
constexpr std::size_t kMaxWords = 200'000;
// Folding takes several times its text in memory.
constexpr std::size_t kMaxVisible = 2UL << 20;
// Larger text attachments are digested as they stand.
constexpr std::size_t kMaxConverted = 8UL << 20;

std::uint64_t Mix(std::uint64_t h) {  // the finalizer of MurmurHash3
  h ^= h >> 33U;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33U;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ (h >> 33U);
}

std::uint64_t HashWord(std::string_view word) {
  std::uint64_t h = 0xcbf29ce484222325ULL;  // FNV-1a, then mixed
  for (const char c : word) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return Mix(h + word.size());
}

// Scripts written without blanks: each character is a word.
bool StandsAlone(char32_t code) {
  const auto c = static_cast<UChar32>(code);
  return u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC) != 0 || (code >= 0x3040 && code <= 0x30FF) ||
         (code >= 0x0E00 && code <= 0x0E7F);
}

// Where links and mail addresses in plain text end. Exchange rewrites links, and their
// visible text with them. What was found out about the text behind is kept: words that only
// begin like links may stand in it one behind the other.
class Links {
 public:
  explicit Links(std::string_view text) : text_(text) {}

  // The length of the one that begins at a place, 0: none. Places are asked for in order.
  std::size_t SizeAt(std::size_t at) {
    static constexpr ByteSet kBegin("hHwWmM");
    static constexpr ByteSet kEnd(" \t\r\n<>\"()[]");
    const std::string_view rest = text_.substr(at);
    if (!kBegin.Has(rest[0])) return 0;
    const bool whole = EqualIgnoringCase(rest.substr(0, 4), "www.") ||
                       EqualIgnoringCase(rest.substr(0, 7), "mailto:");
    if (!whole && !EqualIgnoringCase(rest.substr(0, 4), "http")) return 0;
    if (end_ <= at) end_ = kEnd.FirstIn(text_, at);
    if (scheme_ <= at) scheme_ = std::min(text_.find("://", at), text_.size());
    return whole || scheme_ < end_ ? end_ - at : 0;
  }

 private:
  const std::string_view text_;
  std::size_t end_ = 0;     // the next place where one ends,
  std::size_t scheme_ = 0;  // and the next "://"
};

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string WithoutLinks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool at_word = true;
  std::size_t kept = 0;  // what stands before is in out
  Links links(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t link = at_word ? links.SizeAt(at) : 0;
    if (link != 0) {
      out.append(text.substr(kept, at - kept)).append(1, ' ');
      at += link;
      kept = at;
      continue;
    }
    const char c = text[at++];
    at_word = static_cast<unsigned char>(c) < 0x80 && !IsWordByte(c);
  }
  out.append(text.substr(kept));
  return out;
}

// Adds the hashes of the words of a folded text, in order, until there are so many.
void HashWords(std::string_view all, std::size_t most, std::vector<std::uint64_t>* words) {
  std::size_t begin = 0;  // of the word that at stands in or behind
  std::size_t at = 0;
  const auto end_word = [&] {
    if (begin < at) words->push_back(HashWord(all.substr(begin, at - begin)));
  };
  while (at < all.size() && words->size() < most) {
    if (IsWordByte(all[at])) {
      ++at;
      continue;
    }
    const Character character = FirstCharacter(all.substr(at));
    const std::size_t size = std::max<std::size_t>(character.bytes, 1);
    const bool letter = character.bytes != 0 && character.code >= 0x80 &&
                        u_isalnum(static_cast<UChar32>(character.code)) != 0;
    const bool alone = letter && StandsAlone(character.code);
    if (!letter || alone) {
      end_word();
      begin = at;
    }
    at += size;
    if (alone) end_word();
    if (!letter || alone) begin = at;
  }
  end_word();
}

// The front of *rest, at most so long: folding takes many times its text in memory. Before an
// ASCII character that is of no word, what stands there is folded the same without the rest.
std::string_view TakePiece(std::string_view* rest) {
  constexpr std::size_t kPiece = 64UL << 10;
  std::string_view piece = *rest;
  if (piece.size() > kPiece) {
    std::size_t end = kPiece;
    while (end > 0 && (static_cast<unsigned char>(piece[end]) >= 0x80 || IsWordByte(piece[end]))) {
      --end;
    }
    piece = end != 0 ? piece.substr(0, end) : CutUtf8(piece, kPiece);
  }
  rest->remove_prefix(piece.size());
  return piece;
}

std::vector<std::uint64_t> HashedWords(std::string_view text, std::size_t most) {
  const std::string without_links = WithoutLinks(text);
  std::vector<std::uint64_t> words;
  for (std::string_view rest = without_links; !rest.empty() && words.size() < most;) {
    HashWords(FoldForComparison(TakePiece(&rest)), most, &words);
  }
  return words;
}

void AddTriples(const std::vector<std::uint64_t>& words, std::vector<std::uint64_t>* triples) {
  if (words.empty()) return;
  const std::size_t width = std::min<std::size_t>(words.size(), 3);
  for (std::size_t i = 0; i + width <= words.size(); ++i) {
    std::uint64_t h = width;
    for (std::size_t j = 0; j < width; ++j) h = Mix(h * 0x9e3779b97f4a7c15ULL + words[i + j]);
    triples->push_back(h);
  }
}

// Hashes are spread evenly: by their front bits most come to their place, and the rest is
// near its own.
void SortHashes(std::vector<std::uint64_t>* hashes) {
  constexpr std::size_t kFew = 32;
  if (hashes->size() < kFew) return std::sort(hashes->begin(), hashes->end());
  const unsigned shift = 64U - static_cast<unsigned>(std::bit_width(hashes->size() / 2));
  std::vector<std::uint32_t> places(std::size_t{1} << (64U - shift));
  for (const std::uint64_t hash : *hashes) ++places[hash >> shift];
  std::exclusive_scan(places.begin(), places.end(), places.begin(), 0U);
  std::vector<std::uint64_t> sorted(hashes->size());
  for (const std::uint64_t hash : *hashes) sorted[places[hash >> shift]++] = hash;
  auto begin = sorted.begin();
  for (const std::uint32_t end : places) {
    const auto stop = sorted.begin() + end;
    std::sort(begin, stop);
    begin = stop;
  }
  hashes->swap(sorted);
}

bool HasHtmlSibling(const Message& message, const MessagePart& part) {
  if (part.parent < 0) return false;
  const MessagePart& parent = message.parts[static_cast<std::size_t>(part.parent)];
  if (parent.type != "multipart/alternative") return false;
  // The HTML may stand beside it, or one level down in a multipart/related.
  return std::any_of(message.parts.begin(), message.parts.end(), [&](const MessagePart& other) {
    if (other.type != "text/html" || other.parent < 0) return false;
    if (other.parent == part.parent) return true;
    return message.parts[static_cast<std::size_t>(other.parent)].parent == part.parent;
  });
}

bool IsText(const MessagePart& part) { return part.type.rfind("text/", 0) == 0; }

// What a reader sees: of alternatives the HTML, and every other inline text.
// At most max bytes of the part are looked at. *read keeps what had to be read anew: of
// parts that are larger, or that the message's limits kept out of its texts.
std::string_view VisibleText(const Message& message, const MessagePart& part, std::size_t max,
                             std::string* read) {
  const bool html = part.type == "text/html";
  const bool plain = part.type == "text/plain" && !HasHtmlSibling(message, part);
  if (part.attachment || (!html && !plain)) return {};
  if (part.text.size != 0 && part.content.size() <= max) return message.TextOfPart(part);
  const std::string_view content = std::string_view(part.content).substr(0, max);
  *read = ToUtf8(content, part.charset);
  if (html) *read = ReadHtml(*read, 0).text;
  return *read;
}

// Of each part by itself: a disclaimer at the end of one must not tear apart what would
// otherwise run on into the next.
std::vector<std::uint64_t> TriplesOf(const Message& message) {
  std::vector<std::uint64_t> triples;
  std::size_t left = kMaxWords;
  std::size_t left_text = kMaxVisible;
  for (const MessagePart& part : message.parts) {
    if (left_text == 0) break;
    std::string read;
    const std::string_view text = VisibleText(message, part, left_text, &read);
    left_text -= std::min(left_text, text.size());
    const auto words = HashedWords(text, left);
    left -= std::min(left, words.size());
    AddTriples(words, &triples);
  }
  SortHashes(&triples);
  triples.erase(std::unique(triples.begin(), triples.end()), triples.end());
  return triples;
}

// Text attachments get a charset and line ends of the store's choice.
Digest TextDigest(const MessagePart& part) {
  const bool large = part.content.size() > kMaxConverted;
  const std::string converted = large ? std::string() : ToUtf8(part.content, part.charset);
  const std::string_view text = large ? std::string_view(part.content) : converted;
  const std::size_t end = text.find_last_not_of("\r\n") + 1;  // 0 where there is nothing else
  Sha256 sha;
  for (std::size_t at = 0; at < end;) {
    const std::size_t stop = std::min(text.find('\r', at), end);
    sha.Update(text.substr(at, stop - at));
    at = stop + 1;
  }
  return sha.Finish();
}

// Parts that Exchange makes anew or converts: their bytes say nothing.
bool IsMadeAnew(const MessagePart& part) {
  return part.type.rfind("multipart/", 0) == 0 || part.type.rfind("message/", 0) == 0 ||
         part.type == "application/ms-tnef" || part.type == "application/vnd.ms-tnef" ||
         (part.type == "text/calendar" && !part.attachment);
}

std::vector<std::string> AttachmentDigests(const Message& message) {
  std::vector<std::string> digests;
  for (const MessagePart& part : message.parts) {
    if (IsMadeAnew(part)) continue;
    if (IsText(part) && !part.attachment) continue;
    digests.push_back(ToHex(IsText(part) ? TextDigest(part) : Sha256Of(part.content)));
  }
  std::sort(digests.begin(), digests.end());
  return digests;
}

std::string FoldBlanks(std::string_view text) {
  std::string folded;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= 0x20;
    if (blank && (folded.empty() || folded.back() == ' ')) continue;
    folded += blank ? ' ' : c;
  }
  return std::string(Trim(folded));
}

// Organisations tag outside mail in the subject, after it was journaled or before.
std::string_view WithoutTags(std::string_view subject) {
  constexpr std::array<std::string_view, 6> kTags = {"[EXTERNAL]",       "[EXT]",     "[EXTERN]",
                                                     "[EXTERNAL EMAIL]", "EXTERNAL:", "(EXTERNAL)"};
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view tag : kTags) {
      if (!EqualIgnoringCase(subject.substr(0, tag.size()), tag)) continue;
      subject.remove_prefix(tag.size());
      subject.remove_prefix(std::min(subject.find_first_not_of(' '), subject.size()));
      found = true;
    }
  }
  return subject;
}

}  // namespace

Fingerprint FingerprintOf(const Message& message) {
  Fingerprint fingerprint;
  fingerprint.message_id = message.message_id;
  if (!message.from.empty()) fingerprint.from = message.from.front().address;
  const std::string subject = FoldBlanks(NormalizeCompatibility(message.subject));
  fingerprint.subject = std::string(WithoutTags(subject));
  fingerprint.date = message.date;
  fingerprint.network_message_id =
      std::string(message.Header("X-MS-Exchange-Organization-Network-Message-Id").value_or(""));
  fingerprint.text = TriplesOf(message);
  fingerprint.text_triples = static_cast<std::uint32_t>(fingerprint.text.size());
  if (fingerprint.text.size() > kSketch) fingerprint.text.resize(kSketch);
  fingerprint.attachments = AttachmentDigests(message);
  return fingerprint;
}

}  // namespace clawback
