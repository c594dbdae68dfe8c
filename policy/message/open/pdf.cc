// SPDX-License-Identifier: Apache-2.0
// The one file that knows qpdf.
#include "policy/message/open/pdf.h"

#define POINTERHOLDER_TRANSITION 4  // qpdf 11 asks for it: std::shared_ptr only
// qpdf's JSON has a member that Clang 14 does not compile as C++20: a vector of the class
// it stands in. Declared only: nothing here asks for JSON.
#define JSON_HH
class JSON;

#include <algorithm>
#include <new>
#include <qpdf/Pipeline.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <stdexcept>
#include <utility>

#include "policy/message/open/pdf_streams.h"

namespace clawback {
namespace {

constexpr std::size_t kScriptBytes = 64UL << 10;

// Work: to begin at all, for an object, a value in it, a stream, and a byte that it unpacks to.
constexpr std::uint64_t kBegin = 100'000, kObject = 1'000, kValue = 500, kStream = 20'000,
                        kUnpacked = 3;

// Of a document whose table of objects is damaged or missing: qpdf goes through its lines.
std::uint64_t RebuildingOf(std::string_view pdf) {
  constexpr std::uint64_t kByte = 4, kEntry = 200;
  constexpr std::string_view kMark = " obj";
  std::uint64_t entries = 0;
  for (std::size_t at = pdf.find(kMark); at != std::string_view::npos;
       at = pdf.find(kMark, at + kMark.size())) {
    ++entries;
  }
  return kByte * pdf.size() + kEntry * entries;
}

// The first bytes of a stream; qpdf ends the reading when it throws.
struct Front {
  std::string content;
  bool cut = false;
};

class FrontReader : public Pipeline {
 public:
  FrontReader(std::size_t room, Front* front)
      : Pipeline("front", nullptr), room_(room), front_(*front) {}
  void write(const unsigned char* bytes, std::size_t size) override {
    const std::size_t taken = std::min(size, room_ - front_.content.size());
    front_.content.append(reinterpret_cast<const char*>(bytes), taken);
    if (taken == size) return;
    front_.cut = true;
    throw std::length_error("enough of the stream was read");
  }
  void finish() override {}

 private:
  std::size_t room_;
  Front& front_;
};

// Objects take many times their text in memory. Where that ends, qpdf gives back what it
// holds, passes over an object or all of it, and says nothing; anywhere else the process has
// to end.
class MemoryMayEnd {
 public:
  MemoryMayEnd() { ended_ = false; }
  ~MemoryMayEnd() { std::set_new_handler(before_); }
  MemoryMayEnd(const MemoryMayEnd&) = delete;
  MemoryMayEnd& operator=(const MemoryMayEnd&) = delete;
  static bool ended() { return ended_; }

 private:
  static void End() {
    ended_ = true;
    throw std::bad_alloc();
  }
  static thread_local bool ended_;  // a handler is told nothing
  const std::new_handler before_ = std::set_new_handler(&MemoryMayEnd::End);
};
thread_local bool MemoryMayEnd::ended_ = false;

std::string NameIn(QPDFObjectHandle dictionary, const std::string& key) {
  QPDFObjectHandle value = dictionary.getKeyIfDict(key);
  return value.isName() ? value.getName() : std::string();
}

constexpr std::string_view kDamaged = "a PDF document is damaged";
constexpr std::string_view kDeep = "values in a PDF document are nested deeper than is read";
constexpr std::string_view kWorkEnded =
    "of a PDF document only what the work for one message reaches is read";

// The first reason is told.
void NotWhole(std::string_view hidden, PdfContent* content) {
  if (content->whole) content->hidden = hidden;
  content->whole = false;
}

class PdfWalk {
 public:
  PdfWalk(const PdfLimits& limits, const PictureLimits& pictures, Work* work, PdfContent* content)
      : limits_(limits), picture_limits_(pictures), work_(*work), content_(*content) {}

  void Run(QPDF* pdf) {
    const auto table = pdf->getXRefTable();
    std::size_t objects = 0;
    for (const auto& [id, entry] : table) {
      if (++objects > limits_.objects)
        return Limit("a PDF document has more objects than are read");
      if (work_.IsUsedUp()) return Limit(kWorkEnded);
      work_.Do(kObject);
      const QPDFObjectHandle object = pdf->getObject(id);
      Look(object, 0);
    }
    // What is nested too deep qpdf takes for nothing, and says so.
    for (const QPDFExc& warning : pdf->getWarnings()) {
      if (warning.getMessageDetail().find("nested") != std::string::npos) return Limit(kDeep);
    }
  }

 private:
  void Limit(std::string_view hidden) { NotWhole(hidden, &content_); }

  // Values inside one object; what it refers to is an object of its own.
  void Look(QPDFObjectHandle value, std::size_t depth) {
    work_.Do(kValue);
    if (depth > limits_.depth) return Limit(kDeep);
    if (work_.IsUsedUp()) return Limit(kWorkEnded);
    if (value.isStream()) {
      if (NameIn(value.getDict(), "/Subtype") == "/Image") return Picture(value);
      return Look(value.getDict(), depth + 1);
    }
    if (value.isArray()) {
      const int size = value.getArrayNItems();
      for (int i = 0; i < size; ++i) LookInside(value.getArrayItem(i), depth);
    }
    if (!value.isDictionary()) return;
    Action(value);
    if (value.hasKey("/EF")) File(value);
    for (const std::string& key : value.getKeys()) LookInside(value.getKey(key), depth);
  }

  void LookInside(const QPDFObjectHandle& value, std::size_t depth) {
    if (!value.isIndirect()) Look(value, depth + 1);
  }

  void Action(QPDFObjectHandle action) {
    const std::string kind = NameIn(action, "/S");
    if (action.hasKey("/URI")) Link(action.getKey("/URI"));
    if (kind == "/SubmitForm" || kind == "/ImportData") Link(FileOf(action.getKey("/F")));
    if (action.hasKey("/JS")) Script(action.getKey("/JS"));
    if (kind == "/Launch") Launch(action);
  }

  static QPDFObjectHandle FileOf(QPDFObjectHandle file) {
    return file.isDictionary() ? file.getKey("/F") : file;
  }

  void Link(QPDFObjectHandle target) {
    if (!target.isString()) return;
    if (content_.links.size() >= limits_.links)
      return Limit("a PDF document has more links than are read");
    content_.links.push_back(target.getUTF8Value());
  }

  void Script(QPDFObjectHandle script) {
    if (content_.scripts.size() >= limits_.files)
      return Limit("a PDF document has more scripts than are read");
    if (script.isString()) {
      content_.scripts.push_back(script.getUTF8Value().substr(0, kScriptBytes));
    } else if (script.isStream()) {
      content_.scripts.push_back(FrontOf(script, kScriptBytes).content);
    }
  }

  void Launch(QPDFObjectHandle action) {
    if (content_.launches.size() >= limits_.files)
      return Limit("a PDF document starts more files than are told");
    QPDFObjectHandle file = FileOf(action.getKey("/F"));
    if (!file.isString()) file = action.getKeyIfDict("/Win").getKeyIfDict("/F");
    content_.launches.push_back(file.isString() ? file.getUTF8Value() : "a file");
  }

  void File(QPDFObjectHandle specification) {
    QPDFObjectHandle stream = specification.getKey("/EF").getKeyIfDict("/F");
    if (!stream.isStream()) stream = specification.getKey("/EF").getKeyIfDict("/UF");
    if (!stream.isStream()) return;
    if (content_.files.size() >= limits_.files)
      return Limit("a PDF document holds more files than are read");
    QPDFObjectHandle name = specification.getKey("/UF");
    if (!name.isString()) name = specification.getKey("/F");
    Front front = FrontOf(stream, limits_.file_bytes);
    if (front.cut) Limit("a file in a PDF document is larger than what is read");
    content_.files.push_back({name.isString() ? name.getUTF8Value() : "", front.content});
  }

  Front FrontOf(QPDFObjectHandle stream, std::size_t room) {
    Front front;
    FrontReader reader(room, &front);
    try {
      stream.pipeStreamData(&reader, 0, qpdf_dl_all, true, false);
    } catch (const std::length_error&) {
      // front says so
    }
    work_.Do(kStream + kUnpacked * front.content.size());
    return front;
  }

  void Picture(QPDFObjectHandle stream) {
    if (pictures_++ >= limits_.pictures) return;
    if (work_.IsUsedUp()) return Limit(kWorkEnded);
    QPDFObjectHandle dictionary = stream.getDict();
    QPDFObjectHandle filter = dictionary.getKey("/Filter");
    if (filter.isArray() && filter.getArrayNItems() == 1) filter = filter.getArrayItem(0);
    GrayPicture picture;
    if (filter.isName() && filter.getName() == "/DCTDecode") {
      const auto raw = stream.getRawStreamData();
      const std::string_view jpeg(reinterpret_cast<const char*>(raw->getBuffer()), raw->getSize());
      const PictureReading reading = ReadPicture(jpeg, picture_limits_, &work_, &picture);
      if (reading == PictureReading::kTooLarge)
        Limit("a picture in a PDF document has more pixels than are read");
      if (reading != PictureReading::kRead) return;
    } else if (!Bitmap(stream, &picture)) {
      return;
    }
    for (std::string& code : ReadQrCodes(picture, &work_))
      content_.qr_codes.push_back(std::move(code));
  }

  // Pixels as they are, with one or eight bits for a colour; others are not looked at.
  bool Bitmap(QPDFObjectHandle stream, GrayPicture* picture) {
    QPDFObjectHandle dictionary = stream.getDict();
    const std::size_t width = NumberIn(dictionary, "/Width");
    const std::size_t height = NumberIn(dictionary, "/Height");
    const bool mask = dictionary.getKey("/ImageMask").isBool();
    const std::size_t bits = mask ? 1 : NumberIn(dictionary, "/BitsPerComponent");
    if (width == 0 || height == 0 || width > 1U << 16U || height > 1U << 16U) return false;
    if (width * height > picture_limits_.pixels / 4) return false;
    if (bits != 1 && bits != 8) return false;
    const std::size_t row = bits == 1 ? (width + 7) / 8 : width;
    const std::string bytes = FrontOf(stream, row * height * (bits == 1 ? 1 : 3)).content;
    const std::size_t colours = bytes.size() / (row * height);
    if (colours != 1 && colours != 3) return false;
    picture->width = width;
    picture->height = height;
    picture->pixels.resize(width * height);
    for (std::size_t i = 0; i < width * height; ++i) {
      const std::size_t x = i % width, y = i / width;
      const auto one_bit = [&] {
        const auto byte = static_cast<unsigned char>(bytes[y * row + x / 8]);
        return static_cast<char>((byte >> (7 - x % 8) & 1U) != 0 ? 0xFF : 0);
      };
      picture->pixels[i] = bits == 1 ? one_bit() : bytes[i * colours + colours / 2];
    }
    Shrink(picture_limits_.shown, picture);
    return true;
  }

  static std::size_t NumberIn(QPDFObjectHandle dictionary, const std::string& key) {
    QPDFObjectHandle value = dictionary.getKey(key);
    if (!value.isInteger() || value.getIntValue() < 0) return 0;
    return static_cast<std::size_t>(value.getIntValue());
  }

  const PdfLimits& limits_;
  const PictureLimits& picture_limits_;
  Work& work_;
  PdfContent& content_;
  std::size_t pictures_ = 0;
};

}  // namespace

PdfContent ReadPdf(std::string_view bytes, const PdfLimits& limits, const PictureLimits& pictures,
                   Work* work) {
  PdfContent content;
  work->Do(kBegin + bytes.size());
  if (!ObjectStreamsFit(bytes, limits.unpacked, work)) {
    NotWhole("a PDF document unpacks to more than is read", &content);
    return content;
  }
  const MemoryMayEnd memory;
  bool damaged = true;
  try {
    QPDF pdf;
    pdf.setSuppressWarnings(true);
    pdf.processMemoryFile("PDF", bytes.data(), bytes.size());
    damaged = pdf.anyWarnings();
    PdfWalk(limits, pictures, work, &content).Run(&pdf);
  } catch (const QPDFExc& error) {
    content.encrypted = error.getErrorCode() == qpdf_e_password;
    if (!content.encrypted) NotWhole(kDamaged, &content);
  } catch (const std::exception&) {
    NotWhole(kDamaged, &content);
  }
  if (damaged) work->Do(RebuildingOf(bytes));
  if (MemoryMayEnd::ended()) NotWhole("a PDF document takes more memory than there is", &content);
  return content;
}

}  // namespace clawback
