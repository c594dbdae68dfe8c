// SPDX-License-Identifier: Apache-2.0
// What another program may do instead of answering, and whether an Engine bears it.
#ifndef CLAWBACK_TESTS_MILTER_ENGINE_FAULTS_H_
#define CLAWBACK_TESTS_MILTER_ENGINE_FAULTS_H_

#include <string>
#include <vector>

#include "milter/engine/engine.h"
#include "tests/support/local_server.h"

namespace clawback {

struct EngineFault {
  std::string name;
  LocalServer::Serve serve;
  EngineOutcome expected = EngineOutcome::kUnavailable;
};
std::vector<EngineFault> ClamdFaults();
std::vector<EngineFault> RspamdFaults();

// Asks engine about a small message with a short deadline. Empty: it took no longer than it
// may and said what is expected; else the complaint.
std::string WrongWith(const Engine& engine, EngineOutcome expected);

}  // namespace clawback

#endif  // CLAWBACK_TESTS_MILTER_ENGINE_FAULTS_H_
