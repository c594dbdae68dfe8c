// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/addresses.h"

#include <gmime/gmime.h>

#include <string>

#include "policy/base/c_handle.h"
#include "policy/base/text.h"
#include "policy/message/parse/transfer_encoding.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxAddresses = 1000;  // of one field: nobody reads more senders
// GMime goes one level of recursion down at each colon.
constexpr int kMaxColons = 512;
// Of one field. Encoded words in it cost GMime their square.
constexpr std::size_t kMaxField = 16UL << 10;
constexpr int kGroupLevels = 4;
constexpr std::size_t kMaxDate = 256;

using AddressList = CHandle<InternetAddressList, g_object_unref>;

std::string DisplayName(InternetAddress* address) {
  const char* name = internet_address_get_name(address);
  if (name == nullptr) return {};
  // GMime decodes what it has a converter for; the rest is decoded here.
  const std::string text = RepairUtf8(name);
  return text.find("=?") == std::string::npos ? text : DecodeWords(text);
}

void Append(InternetAddressList* list, int level, std::vector<Address>* addresses) {
  if (list == nullptr || level > kGroupLevels) return;
  const int count = internet_address_list_length(list);
  for (int i = 0; i < count && addresses->size() < kMaxAddresses; ++i) {
    InternetAddress* address = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_GROUP(address)) {
      Append(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), level + 1,
             addresses);
    } else if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
      // International domains in ASCII, as settings, lists and Exchange's results have them.
      const char* addr = internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(address));
      addresses->push_back(
          {DisplayName(address), LowerAscii(RepairUtf8(addr == nullptr ? "" : addr))});
    }
  }
}

std::string_view BeforeColon(int count, std::string_view text) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == ':' && count-- == 0) break;
  }
  return text.substr(0, at);
}

}  // namespace

void ReadAddresses(std::string_view value, std::vector<Address>* addresses) {
  const std::string text(BeforeColon(kMaxColons, value.substr(0, kMaxField)));
  const AddressList list(internet_address_list_parse(nullptr, text.c_str()));
  Append(list.get(), 0, addresses);
}

std::int64_t ReadDate(std::string_view value) {
  if (value.empty() || value.size() > kMaxDate) return 0;
  const std::string text(value);
  const CHandle<GDateTime, g_date_time_unref> date(g_mime_utils_header_decode_date(text.c_str()));
  return date ? g_date_time_to_unix(date.get()) : 0;
}

}  // namespace clawback
