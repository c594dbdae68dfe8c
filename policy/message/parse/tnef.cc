// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/tnef.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "policy/base/text.h"
#include "policy/message/parse/charset.h"
#include "policy/message/parse/little_endian.h"
#include "policy/message/parse/rtf.h"

namespace clawback {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSignature = "\x78\x9F\x3E\x22"sv;  // [MS-OXTNEF] 2.1.3.1

// Attributes, [MS-OXTNEF] 2.1.3.2; the type stands in the upper half.
enum : std::uint32_t {
  kBody = 0x0002800C,
  kMessageProperties = 0x00069003,
  kCodepage = 0x00069007,
  kAttachBegins = 0x00069002,
  kAttachTitle = 0x00018010,
  kAttachData = 0x0006800F,
  kAttachProperties = 0x00069005,
};

// Properties, [MS-OXPROPS].
enum : std::uint32_t {
  kTextBody = 0x1000,
  kRtfBody = 0x1009,
  kHtmlBody = 0x1013,
  kInternetCodepage = 0x3FDE,
  kData = 0x3701,
  kName = 0x3704,
  kLongName = 0x3707,
  kMimeTag = 0x370E,
  kDisplayName = 0x3001,
};

// Types of values, [MS-OXCDATA] 2.11.1.
enum : std::uint32_t { kString8 = 0x1E, kUnicode = 0x1F, kBinary = 0x102, kObject = 0x0D };

// IID_IMessage: what follows is a TNEF stream of its own.
constexpr std::string_view kIsMessage =
    "\x07\x03\x02\x00\x00\x00\x00\x00\xC0\x00\x00\x00\x00\x00\x00\x46"sv;

// Bytes of one value of a type of fixed size, as they stand in the stream; 0: no such.
std::size_t FixedSize(std::uint32_t type) {
  switch (type) {
    case 0x02:  // integer of 16 bits, filled up
    case 0x03:
    case 0x04:
    case 0x0A:
    case 0x0B:
      return 4;
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x14:
    case 0x40:
      return 8;
    case 0x48:
      return 16;
    default:
      return 0;
  }
}

bool IsVariable(std::uint32_t type) {
  return type == kString8 || type == kUnicode || type == kBinary || type == kObject;
}

std::string CharsetOf(std::uint32_t codepage) {
  if (codepage == 0) return {};
  if (codepage == 65001) return "utf-8";
  if (codepage == 20127) return "us-ascii";
  if (codepage == 1200) return "utf-16le";
  if (codepage >= 1250 && codepage <= 1258) return "windows-" + std::to_string(codepage);
  if (codepage >= 28591 && codepage <= 28606) {
    return "iso-8859-" + std::to_string(codepage - 28590);
  }
  switch (codepage) {
    case 932:
      return "shift_jis";
    case 50220:
    case 50221:
    case 50222:
      return "iso-2022-jp";
    case 51932:
      return "euc-jp";
    case 936:
      return "gbk";
    case 54936:
      return "gb18030";
    case 949:
    case 51949:
      return "euc-kr";
    case 950:
      return "big5";
    case 20866:
      return "koi8-r";
    case 21866:
      return "koi8-u";
    default:
      return "cp" + std::to_string(codepage);
  }
}

std::string_view WithoutEndZeros(std::string_view text) {
  return text.substr(0, text.find_last_not_of('\0') + 1);
}

struct Value {
  std::uint32_t type = 0;
  std::string_view bytes;
};

struct Attachment {
  bool begun = false;
  std::string name, type;
  Value data;
};

struct Budget {
  int attributes, properties;
};

// One stream; attached messages are read by readers of their own.
class Reader {
 public:
  Reader(const TnefLimits& limits, const std::function<bool(const TnefPart&)>& sink, Budget* budget,
         int depth)
      : limits_(limits), sink_(sink), budget_(budget), depth_(depth) {}

  bool Read(std::string_view stream) {
    LittleEndian in(stream);
    if (in.Take(4) != kSignature) return false;
    in.U16();  // the key of the sender's own references
    while (!in.empty() && whole_ && listening_) ReadAttribute(&in);
    EndAttachment();
    if (listening_) TellBodies();
    return whole_ && !damaged_ && in.ok();
  }

 private:
  void Incomplete() { whole_ = false; }

  void ReadAttribute(LittleEndian* in) {
    if (--budget_->attributes < 0) return Incomplete();
    const std::uint32_t level = in->U8();
    const std::uint32_t id = in->U32();
    const std::string_view data = in->Take(in->U32());
    const std::uint32_t sum = in->U16();
    if (!in->ok() || (level != 1 && level != 2)) return Incomplete();
    // Readers differ over damaged attributes: look at it, and do not call it read.
    if (sum != SumOf(data)) damaged_ = true;
    Take(id, data);
  }

  static std::uint32_t SumOf(std::string_view data) {
    std::uint32_t sum = 0;
    for (const char c : data) sum += static_cast<unsigned char>(c);
    return sum & 0xFFFFU;
  }

  void Take(std::uint32_t id, std::string_view data) {
    switch (id) {
      case kBody:
        text_ = {kString8, data};
        break;
      case kCodepage:
        codepage_ = LittleEndian(data).U32();
        break;
      case kMessageProperties:
        ReadProperties(
            data, [this](std::uint32_t property, Value value) { TakeOfMessage(property, value); });
        break;
      case kAttachBegins:
        EndAttachment();
        attachment_.begun = true;
        break;
      case kAttachTitle:
        if (attachment_.name.empty()) attachment_.name = TextOf({kString8, data});
        attachment_.begun = true;
        break;
      case kAttachData:
        attachment_.data = {kBinary, data};
        attachment_.begun = true;
        break;
      case kAttachProperties:
        attachment_.begun = true;
        ReadProperties(data, [this](std::uint32_t property, Value value) {
          TakeOfAttachment(property, value);
        });
        break;
      default:
        break;
    }
  }

  void TakeOfMessage(std::uint32_t property, Value value) {
    if (property == kInternetCodepage && value.bytes.size() >= 4) {
      internet_codepage_ = LittleEndian(value.bytes).U32();
    }
    if (property == kTextBody) text_ = value;
    if (property == kHtmlBody) html_ = value;
    if (property == kRtfBody) rtf_ = value;
  }

  void TakeOfAttachment(std::uint32_t property, Value value) {
    if (property == kLongName) attachment_.name = TextOf(value);
    if ((property == kName || property == kDisplayName) && attachment_.name.empty()) {
      attachment_.name = TextOf(value);
    }
    if (property == kMimeTag) attachment_.type = LowerAscii(Trim(TextOf(value)));
    if (property == kData) attachment_.data = value;
  }

  // [MS-OXTNEF] 2.1.3.4: a count, then each with its type, id, name and values.
  template <typename Take>
  void ReadProperties(std::string_view data, Take take) {
    LittleEndian in(data);
    for (std::uint32_t left = in.U32(); left > 0 && in.ok(); --left) {
      if (--budget_->properties < 0) return Incomplete();
      const std::uint32_t type = in.U16();
      const std::uint32_t id = in.U16();
      if (id >= 0x8000) SkipName(&in);
      const bool readable = ReadValues(&in, type, id, take);
      if (!readable || !in.ok()) return Incomplete();
    }
    if (!in.ok()) Incomplete();
  }

  static void SkipName(LittleEndian* in) {
    in->Take(16);  // the set that the name is of
    if (in->U32() == 0) {
      in->U32();
    } else {
      in->TakePadded(in->U32());
    }
  }

  template <typename Take>
  bool ReadValues(LittleEndian* in, std::uint32_t type, std::uint32_t id, Take take) {
    constexpr std::uint32_t kMany = 0x1000;
    const std::uint32_t single = type & ~kMany;
    const std::size_t fixed = FixedSize(single);
    if (fixed == 0 && !IsVariable(single)) return false;
    std::uint32_t count = (type & kMany) != 0 || fixed == 0 ? in->U32() : 1;
    for (; count > 0 && in->ok(); --count) {
      if (--budget_->properties < 0) return false;
      const std::string_view bytes = in->TakePadded(fixed != 0 ? fixed : in->U32());
      if (in->ok()) take(id, Value{single, bytes});
    }
    return in->ok();
  }

  std::string TextOf(const Value& value) const {
    if (value.type == kUnicode)
      return RepairUtf8(ToUtf8(WithoutWideZeros(value.bytes), "utf-16le"));
    return ToUtf8(WithoutEndZeros(value.bytes), CharsetOf(codepage_));
  }

  static std::string_view WithoutWideZeros(std::string_view text) {
    while (text.size() >= 2 && text.substr(text.size() - 2) == "\0\0"sv) text.remove_suffix(2);
    return text;
  }

  void Tell(TnefPart part) {
    part.depth = depth_;
    if (listening_) listening_ = sink_(part);
  }

  void TellBodies() {
    if (!text_.bytes.empty()) {
      const bool wide = text_.type == kUnicode;
      Tell({"text/plain", wide ? "utf-16le" : CharsetOf(codepage_), "",
            wide ? WithoutWideZeros(text_.bytes) : WithoutEndZeros(text_.bytes), false, 0});
    }
    if (!html_.bytes.empty()) {
      const bool wide = html_.type == kUnicode;
      const std::uint32_t codepage = internet_codepage_ != 0 ? internet_codepage_ : codepage_;
      Tell({"text/html", wide ? "utf-16le" : CharsetOf(codepage), "",
            wide ? WithoutWideZeros(html_.bytes) : WithoutEndZeros(html_.bytes), false, 0});
    }
    if (rtf_.bytes.empty()) return;
    const auto unpacked = UnpackRtf(rtf_.bytes, limits_.text);
    if (!unpacked) return Incomplete();
    const RtfText rtf = ReadRtf(*unpacked);
    if (!rtf.whole) Incomplete();  // told all the same
    Tell({rtf.html ? "text/html" : "text/plain", "utf-8", "", rtf.text, false, 0});
  }

  void EndAttachment() {
    Attachment ended = std::exchange(attachment_, {});
    if (!ended.begun) return;
    std::string_view content = ended.data.bytes;
    if (ended.data.type == kObject) {
      const bool message = content.substr(0, kIsMessage.size()) == kIsMessage;
      content.remove_prefix(std::min(content.size(), kIsMessage.size()));
      if (message) return ReadMessage(content);
    }
    if (ended.type.empty()) ended.type = "application/octet-stream";
    Tell({ended.type, "", ended.name, content, true, 0});
  }

  void ReadMessage(std::string_view stream) {
    if (depth_ + 1 > limits_.depth) return Incomplete();
    Reader inner(limits_, sink_, budget_, depth_ + 1);
    if (!inner.Read(stream)) Incomplete();
    listening_ = listening_ && inner.listening_;
  }

  const TnefLimits& limits_;
  const std::function<bool(const TnefPart&)>& sink_;
  Budget* const budget_;
  const int depth_;
  bool whole_ = true;
  bool damaged_ = false;  // a sum that does not fit
  bool listening_ = true;
  std::uint32_t codepage_ = 0, internet_codepage_ = 0;
  Value text_, html_, rtf_;
  Attachment attachment_;
};

}  // namespace

bool IsTnefStream(std::string_view bytes) { return bytes.substr(0, 4) == kSignature; }

bool ReadTnef(std::string_view stream, const TnefLimits& limits,
              const std::function<bool(const TnefPart&)>& sink) {
  Budget budget{limits.attributes, limits.properties};
  return Reader(limits, sink, &budget, 0).Read(stream);
}

}  // namespace clawback
