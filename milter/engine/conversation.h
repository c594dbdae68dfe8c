// SPDX-License-Identifier: Apache-2.0
// One question and its answer over a stream socket, within a deadline and a cap: what is
// alike for all engines.
#ifndef CLAWBACK_MILTER_ENGINE_CONVERSATION_H_
#define CLAWBACK_MILTER_ENGINE_CONVERSATION_H_

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "milter/engine/engine.h"
#include "policy/base/result.h"

namespace clawback {

// What has come since the last call. True: the answer is whole, nothing more is read.
using Listener = std::function<bool(std::string_view fresh)>;

// Connects to where settings say, sends the pieces and reads meanwhile, so that an answer
// before the end of a long question is heard. Ok once listen says so. kTransient: not
// reached, too late, ended before the answer was whole, or more than cap bytes; what says
// which.
Status Converse(const EngineSettings& settings, std::span<const std::string_view> pieces,
                const Listener& listen, std::size_t cap, EngineDeadline deadline);

}  // namespace clawback

#endif  // CLAWBACK_MILTER_ENGINE_CONVERSATION_H_
