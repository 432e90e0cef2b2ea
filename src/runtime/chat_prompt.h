// SPDX-License-Identifier: Apache-2.0
// A conversation as the tokens that a model expects.
#pragma once

#include <span>
#include <vector>

#include "pangu/engine.h"
#include "runtime/model.h"

namespace pangu {

/// As Engine::chat_prompt.
std::vector<TokenId> chat_prompt(const Model& model, std::span<const ChatMessage> messages,
                                 ThinkingMode thinking);

}  // namespace pangu
