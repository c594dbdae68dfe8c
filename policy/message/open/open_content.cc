// SPDX-License-Identifier: Apache-2.0
#include "policy/message/open/open_content.h"

#include <algorithm>
#include <array>
#include <utility>

#include "policy/base/text.h"
#include "policy/message/open/pdf.h"
#include "policy/message/open/picture.h"
#include "policy/message/parse/file_type.h"
#include "policy/message/parse/html_text.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxLinks = 10'000;
constexpr std::size_t kMaxParts = 1'000;
constexpr std::string_view kManyLinks = "more links than are read";

// Lower case: what opens addresses or files, or unpacks what a script really does.
constexpr std::array<std::string_view, 7> kReaches = {
    "exportdataobject", "launchurl", "geturl(", "unescape(", "eval(", "util.printf", "submitform("};

bool Reaches(const std::string& script) {
  const std::string lower = LowerAscii(script);
  return std::any_of(kReaches.begin(), kReaches.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

bool IsWebAddress(std::string_view text) {
  const std::string front = LowerAscii(text.substr(0, 8));
  return front.rfind("http://", 0) == 0 || front == "https://" || front.rfind("www.", 0) == 0;
}

// RFC 5545 3.1: a line goes on where the next begins with a blank.
std::string Unfolded(std::string_view calendar) {
  std::string text;
  for (std::size_t i = 0; i < calendar.size(); ++i) {
    if (calendar[i] == '\r') continue;
    const bool fold = calendar[i] == '\n' && i + 1 < calendar.size() &&
                      (calendar[i + 1] == ' ' || calendar[i + 1] == '\t');
    if (fold) {
      ++i;
    } else {
      text += calendar[i];
    }
  }
  return text;
}

class Opening {
 public:
  Opening(Message* message, Work work) : message_(*message), work_(work) {}

  void Run() {
    // Files found in a PDF are opened in their turn, a PDF in a PDF not.
    const std::size_t came = message_.parts.size();
    for (std::size_t i = 0; i < message_.parts.size(); ++i) {
      const FileType type = FileTypeOf(message_.parts[i].content);
      const int index = static_cast<int>(i);
      if (type == FileType::kPdf && i < came) Pdf(index);
      if (type == FileType::kPdf && i >= came) {
        Hit("pdf", index, "a PDF document out of another one is not opened");
      }
      if (type == FileType::kImage) Picture(index);
      if (message_.parts[i].type == "text/calendar") Calendar(index);
    }
  }

 private:
  void Hit(std::string_view limit, int part, std::string_view what) {
    message_.AddLimit(limit, part, what);
  }

  void AddLink(const std::string& target, int part, LinkOrigin origin) {
    if (message_.links.size() >= kMaxLinks) return Hit("links", part, kManyLinks);
    message_.links.push_back({RepairUtf8(target), "", part, origin});
  }

  void AddSign(ContentSign sign, int part, std::string_view evidence) {
    message_.signs.push_back({sign, part, RepairUtf8(CutUtf8(evidence, 200))});
  }

  void AddCodes(const std::vector<std::string>& codes, int part) {
    for (const std::string& code : codes) {
      if (IsWebAddress(code)) AddLink(code, part, LinkOrigin::kQrCode);
    }
  }

  void Pdf(int part) {
    if (work_.IsUsedUp()) return Hit("pdf", part, "the work for one message ended before it");
    const PdfContent content = ReadPdf(message_.parts[static_cast<std::size_t>(part)].content,
                                       PdfLimits{}, PictureLimits{}, &work_);
    if (!content.whole) Hit("pdf", part, content.hidden);
    if (content.encrypted) AddSign(ContentSign::kPdfEncrypted, part, "");
    for (const std::string& link : content.links) AddLink(link, part, LinkOrigin::kPdf);
    AddCodes(content.qr_codes, part);
    for (const std::string& script : content.scripts) {
      AddSign(Reaches(script) ? ContentSign::kPdfScriptReaches : ContentSign::kPdfScript, part,
              script);
    }
    for (const std::string& file : content.launches) AddSign(ContentSign::kPdfLaunch, part, file);
    for (const PdfFile& file : content.files) AddFile(file, part);
  }

  void AddFile(const PdfFile& file, int parent) {
    AddSign(ContentSign::kPdfFile, parent, file.name);
    if (message_.parts.size() >= kMaxParts) return Hit("parts", parent, "more parts than are read");
    MessagePart part;
    part.depth = message_.parts[static_cast<std::size_t>(parent)].depth + 1;
    part.parent = parent;
    part.type = "application/octet-stream";
    part.file_name = RepairUtf8(file.name);
    part.attachment = true;
    part.content = file.content;
    message_.parts.push_back(std::move(part));
  }

  void Picture(int part) {
    if (work_.IsUsedUp()) return Hit("picture", part, "the work for one message ended before it");
    GrayPicture picture;
    switch (ReadPicture(message_.parts[static_cast<std::size_t>(part)].content, PictureLimits{},
                        &work_, &picture)) {
      case PictureReading::kRead:
        return AddCodes(ReadQrCodes(picture, &work_), part);
      case PictureReading::kTooLarge:
        return Hit("picture", part, "a picture has more pixels than are read");
      case PictureReading::kUnreadable:
        return AddSign(ContentSign::kPictureUnreadable, part, "");
    }
  }

  void Calendar(int part) {
    const std::string text = Unfolded(message_.parts[static_cast<std::size_t>(part)].content);
    const std::size_t room = kMaxLinks - std::min(kMaxLinks, message_.links.size());
    for (const Link& link : LinksInText(RepairUtf8(text), room)) {
      AddLink(link.target, part, LinkOrigin::kCalendar);
    }
  }

  Message& message_;
  Work work_;
};

}  // namespace

void OpenContent(Message* message, Work work) { Opening(message, work).Run(); }

void PrepareToOpenContent() {
  // An empty document and a white picture: enough for the libraries to set themselves up.
  Work work;
  static_cast<void>(
      ReadPdf("%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n", PdfLimits{},
              PictureLimits{}, &work));
  GrayPicture white{64, 64, std::string(4096, '\xFF')};
  static_cast<void>(ReadQrCodes(white, &work));
}

}  // namespace clawback
