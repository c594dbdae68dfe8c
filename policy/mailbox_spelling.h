// SPDX-License-Identifier: Apache-2.0
// One mailbox has more addresses than its own: whoever writes to it may put needless quotes
// around the local part, and a tag behind a "+". Lists of mailboxes hold none of these.
#ifndef CLAWBACK_POLICY_MAILBOX_SPELLING_H_
#define CLAWBACK_POLICY_MAILBOX_SPELLING_H_

#include <string>
#include <vector>

namespace clawback {

// address as it stands, without quotes, and without the tag, each in lower case and once.
std::vector<std::string> SpellingsOf(const std::string& address);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MAILBOX_SPELLING_H_
