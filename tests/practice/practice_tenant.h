// SPDX-License-Identifier: Apache-2.0
// The practice tenant: a stand-in for Microsoft's cloud on loopback, as strict as
// Microsoft's contract: Entra ID's token endpoint, Graph's mail, Exchange's journal
// sender. clawback-practice runs one; a C++ test can hold one itself.
#ifndef CLAWBACK_TESTS_PRACTICE_PRACTICE_TENANT_H_
#define CLAWBACK_TESTS_PRACTICE_PRACTICE_TENANT_H_

#include <memory>
#include <string>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "tests/practice/config.h"

namespace clawback::practice {

struct PracticeUrls {
  std::string login;    // https://localhost:PORT
  std::string graph;    // https://localhost:PORT, requests below /v1.0
  std::string control;  // http://127.0.0.1:PORT
};

// Runs from Start until it is destroyed; safe from any thread. clock must outlive it.
class PracticeTenant {
 public:
  static Result<std::unique_ptr<PracticeTenant>> Start(const PracticeConfig& config,
                                                       const Clock& clock);
  ~PracticeTenant();
  PracticeTenant(const PracticeTenant&) = delete;
  PracticeTenant& operator=(const PracticeTenant&) = delete;

  const PracticeUrls& urls() const;

 private:
  struct Parts;
  explicit PracticeTenant(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_PRACTICE_TENANT_H_
