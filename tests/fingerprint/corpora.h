// SPDX-License-Identifier: Apache-2.0
// Messages that nobody generated: those in the journal samples of tests/data, and real
// mail where the large corpus is at hand.
#ifndef CLAWBACK_TESTS_FINGERPRINT_CORPORA_H_
#define CLAWBACK_TESTS_FINGERPRINT_CORPORA_H_

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace clawback {

std::string ReadWhole(const std::filesystem::path& path);

// File name and journaled message of each sample that holds one.
std::vector<std::pair<std::string, std::string>> SampleMessages();

// The large corpus ($CLAWBACK_CORPUS, or what stands beside the checkout), unpacked into a
// folder that goes away with this object.
class RealMail {
 public:
  RealMail();
  ~RealMail();
  RealMail(const RealMail&) = delete;
  RealMail& operator=(const RealMail&) = delete;
  bool unpacked() const { return !folder_.empty(); }
  // About count messages, evenly out of all.
  std::vector<std::filesystem::path> Some(std::size_t count) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_FINGERPRINT_CORPORA_H_
