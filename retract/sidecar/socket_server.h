// SPDX-License-Identifier: Apache-2.0
// Serves the protocol on a Unix socket. Who may connect is who may open the socket
// (0660); the uid of every peer comes from the kernel (SO_PEERCRED, unix(7)) and is
// logged with every request.
#ifndef CLAWBACK_RETRACT_SIDECAR_SOCKET_SERVER_H_
#define CLAWBACK_RETRACT_SIDECAR_SOCKET_SERVER_H_

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "policy/base/c_handle.h"
#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/sidecar/event_stream.h"
#include "retract/sidecar/protocol.h"
#include "retract/sidecar/subscription.h"

namespace clawback {

struct SocketServerOptions {
  std::string path;
  bool take_over = false;  // from a process that may still listen there
  std::size_t peers = 32;  // at once; one more is turned away
  milliseconds request_within = std::chrono::seconds(30);  // from its first byte to its last
  milliseconds answer_within = std::chrono::seconds(30);   // the peer takes the answer
  milliseconds idle_for = std::chrono::minutes(10);        // between requests
  int subscribers = 8;                                     // of the peers
  StreamOptions stream;
};

class SocketServer {
 public:
  // The result's JSON, or the error. who is the peer as the kernel names it. Called
  // from a thread of each peer.
  using Answerer = std::function<Result<std::string>(const ProtocolRequest&, const Actor& who)>;

  // Begins the stream of a peer that subscribes, or says why not; likewise.
  using Subscriber = std::function<Result<Subscription>(const ProtocolRequest&)>;

  // Listens and serves at once. A socket that a dead process left is replaced; kRefused
  // where one is alive or something else has that path.
  static Result<std::unique_ptr<SocketServer>> Listen(SocketServerOptions options, Answerer answer,
                                                      Subscriber subscribe = nullptr);
  // Ends every connection and removes the socket.
  ~SocketServer();

 private:
  struct Peer {
    FileDescriptor socket;
    std::atomic<bool> done{false};
    std::thread thread;
  };
  SocketServer(SocketServerOptions options, Answerer answer, Subscriber subscribe,
               FileDescriptor listener, FileDescriptor stop);
  void Accept();
  void Admit(FileDescriptor socket);
  void Reap();
  void Serve(Peer& peer);
  bool Stream(int fd, const ProtocolRequest& request, const std::string& uid);

  const SocketServerOptions options_;
  const Answerer answer_;
  const Subscriber subscribe_;
  std::atomic<int> subscribers_{0};
  const FileDescriptor listener_;
  const FileDescriptor stop_;  // an eventfd, readable once we stop
  const ino_t inode_;          // of our socket's path
  std::list<Peer> peers_;      // the accepting thread's
  std::thread accepting_;      // last: everything above is there when it starts
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_SOCKET_SERVER_H_
