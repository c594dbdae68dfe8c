// SPDX-License-Identifier: Apache-2.0
// Makes TNEF streams for tests ([MS-OXTNEF]).
#ifndef CLAWBACK_TESTS_POLICY_JUDGING_TNEF_WRITER_H_
#define CLAWBACK_TESTS_POLICY_JUDGING_TNEF_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace clawback {

inline std::string LittleEndianOf(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
  return out;
}

inline std::string WideOf(std::string_view ascii) {
  std::string wide;
  for (const char c : ascii) (wide += c) += '\0';
  return wide;
}

// The values of attMsgProps and attAttachment.
class TnefProperties {
 public:
  TnefProperties& Add(std::uint32_t type, std::uint32_t id, std::string_view value) {
    Begin(type, id);
    return AddValue(value);
  }
  TnefProperties& AddNumber(std::uint32_t id, std::uint32_t value) {
    Begin(0x03, id);
    bytes_ += LittleEndianOf(value, 4);
    return *this;
  }
  TnefProperties& AddNamed(std::string_view name, std::string_view value) {
    Begin(0x1F, 0x8001);
    bytes_ += std::string(16, '\x11') + LittleEndianOf(1, 4);
    const std::string wide = WideOf(name);
    bytes_ += LittleEndianOf(static_cast<std::uint32_t>(wide.size()), 4) + Padded(wide);
    return AddValue(WideOf(value));
  }
  TnefProperties& AddMessage(std::string_view stream) {
    using std::string_view_literals::operator""sv;
    return Add(0x0D, 0x3701,
               std::string("\x07\x03\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46"sv).append(stream));
  }
  std::string Bytes() const { return LittleEndianOf(count_, 4) + bytes_; }

 private:
  void Begin(std::uint32_t type, std::uint32_t id) {
    ++count_;
    bytes_ += LittleEndianOf(type, 2) + LittleEndianOf(id, 2);
  }
  TnefProperties& AddValue(std::string_view value) {
    bytes_ += LittleEndianOf(1, 4) + LittleEndianOf(static_cast<std::uint32_t>(value.size()), 4);
    bytes_ += Padded(value);
    return *this;
  }
  static std::string Padded(std::string_view value) {
    return std::string(value) + std::string((4 - value.size() % 4) % 4, '\0');
  }
  std::uint32_t count_ = 0;
  std::string bytes_;
};

class TnefWriter {
 public:
  TnefWriter() {
    Attribute(1, 0x00089006, LittleEndianOf(0x00010000, 4));
    Attribute(1, 0x00069007, LittleEndianOf(1252, 4) + LittleEndianOf(0, 4));
  }
  TnefWriter& Attribute(int level, std::uint32_t id, std::string_view data) {
    std::uint32_t sum = 0;
    for (const char c : data) sum += static_cast<unsigned char>(c);
    bytes_ += static_cast<char>(level) + LittleEndianOf(id, 4) +
              LittleEndianOf(static_cast<std::uint32_t>(data.size()), 4);
    bytes_.append(data) += LittleEndianOf(sum & 0xFFFFU, 2);
    ++attributes_;
    return *this;
  }
  TnefWriter& Body(std::string_view text) {
    return Attribute(1, 0x0002800C, std::string(text) + '\0');
  }
  TnefWriter& Message(const TnefProperties& properties) {
    return Attribute(1, 0x00069003, properties.Bytes());
  }
  TnefWriter& Attach(std::string_view name, std::string_view content) {
    Attribute(2, 0x00069002, std::string(14, '\0'));
    Attribute(2, 0x00018010, std::string(name) + '\0');
    return Attribute(2, 0x0006800F, content);
  }
  TnefWriter& AttachProperties(const TnefProperties& properties) {
    Attribute(2, 0x00069002, std::string(14, '\0'));
    return Attribute(2, 0x00069005, properties.Bytes());
  }
  std::string Bytes() const { return "\x78\x9F\x3E\x22\x01\x02" + bytes_; }
  int attributes() const { return attributes_; }

 private:
  std::string bytes_;
  int attributes_ = 0;
};

// [MS-OXRTFCP], with references to nothing but the end.
inline std::string PackedRtf(std::string_view rtf) {
  std::string packed;
  std::size_t at = 0;
  while (true) {
    const std::string_view run = rtf.substr(at, 8);
    packed += run.size() == 8 ? '\0' : static_cast<char>(1U << run.size());
    packed += run;
    at += run.size();
    if (run.size() < 8) break;
  }
  const std::size_t end = (207 + rtf.size()) % 4096;
  packed += static_cast<char>(end >> 4U);
  packed += static_cast<char>(end << 4U & 0xF0U);
  return LittleEndianOf(static_cast<std::uint32_t>(packed.size() + 12), 4) +
         LittleEndianOf(static_cast<std::uint32_t>(rtf.size()), 4) + "LZFu" + LittleEndianOf(0, 4) +
         packed;
}

}  // namespace clawback

#endif  // CLAWBACK_TESTS_POLICY_JUDGING_TNEF_WRITER_H_
