// SPDX-License-Identifier: Apache-2.0
// What is sent in several pieces with one call, as far as the socket takes them.
#ifndef CLAWBACK_POLICY_JUDGE_POOL_PIECES_H_
#define CLAWBACK_POLICY_JUDGE_POOL_PIECES_H_

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <string_view>

namespace clawback {

// Only read, though the kernel's struct does not say so.
inline iovec PieceOf(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

// Takes what was sent off the front of a message; pieces of nothing too.
inline void PassOver(std::size_t sent, msghdr* message) {
  while (message->msg_iovlen > 0 && sent >= message->msg_iov->iov_len) {
    sent -= message->msg_iov->iov_len;
    ++message->msg_iov;
    --message->msg_iovlen;
  }
  if (message->msg_iovlen == 0) return;
  message->msg_iov->iov_base = static_cast<char*>(message->msg_iov->iov_base) + sent;
  message->msg_iov->iov_len -= sent;
}

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_POOL_PIECES_H_
