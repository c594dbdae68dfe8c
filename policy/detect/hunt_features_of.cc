// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/hunt_features_of.h"

#include <algorithm>
#include <set>

#include "policy/base/text.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/unwrap_link.h"
#include "policy/message/parse/charset.h"

namespace clawback {
namespace {

constexpr std::size_t kMostHost = 253;  // no resolver knows a longer one
constexpr std::size_t kMostSubject = 1000;

// What a resolver may be asked for, or an address of IP: nothing else is a host, whatever a
// link has there.
bool IsHost(std::string_view host) {
  return !host.empty() && host.size() <= kMostHost &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  std::string_view("-_.:[]").find(c) != std::string_view::npos;
         });
}

// Gathers what fits; more: something did not.
class Gathering {
 public:
  explicit Gathering(HuntFeatures* features) : features_(features) {}

  void AddLink(std::string_view target) {
    if (!targets_.insert(target).second) return;  // a link costs most to be unwrapped
    AddAddress(target);
    const std::string unwrapped = UnwrapLink(target).target;
    if (unwrapped != target) AddAddress(unwrapped);
  }
  void AddFile(const std::string& sha256) { Insert(sha256, kMostHuntFiles, &files_); }
  bool Full() const { return urls_.size() == kMostHuntUrls && hosts_.size() == kMostHuntHosts; }

  void Finish() {
    std::set<std::string> domains;
    for (const std::string& host : hosts_) domains.insert(OrganisationalDomain(host));
    features_->hosts.assign(hosts_.begin(), hosts_.end());
    features_->domains.assign(domains.begin(), domains.end());
    features_->urls.assign(urls_.begin(), urls_.end());
    features_->files.assign(files_.begin(), files_.end());
  }

 private:
  void AddAddress(std::string_view url) {
    const std::string host = HostAsked(url);
    if (!IsHost(host)) return;
    Insert(host, kMostHuntHosts, &hosts_);
    Insert(HuntKey(HuntKind::kUrl, NormalAddress(url, host)), kMostHuntUrls, &urls_);
  }
  template <typename T>
  void Insert(const T& value, std::size_t most, std::set<T>* values) {
    if (values->size() < most) {
      values->insert(value);
    } else if (values->count(value) == 0) {
      features_->more = true;
    }
  }

  HuntFeatures* features_;
  std::set<std::string_view> targets_;
  std::set<std::string> hosts_, files_;
  std::set<std::uint64_t> urls_;
};

bool IsTextFile(const MessagePart& part) {
  return part.attachment && part.type.rfind("text/", 0) == 0;
}

}  // namespace

HuntFeatures HuntFeaturesOf(const Message& message, std::size_t parsed, FileDigests* digests) {
  HuntFeatures features;
  Gathering gathering(&features);
  for (const Link& link : message.links) {
    features.more |= gathering.Full();
    if (gathering.Full()) break;
    gathering.AddLink(link.target);
  }
  for (std::size_t i = 0; i < message.parts.size(); ++i) {
    if (i >= parsed || IsTextFile(message.parts[i])) gathering.AddFile(digests->OfPart(i));
  }
  for (const std::string& sha256 : digests->archived()) gathering.AddFile(sha256);
  features.more |= digests->more();
  gathering.Finish();
  const std::string_view subject = CutUtf8(message.subject, kMostSubject);
  features.subject_key = SubjectKey(FoldForComparison(RepairUtf8(subject)));
  return features;
}

}  // namespace clawback
