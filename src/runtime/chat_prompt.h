// SPDX-License-Identifier: Apache-2.0
// A conversation as the tokens that a model expects.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "pangu/engine.h"
#include "runtime/model.h"

namespace pangu {

/// As Engine::chat_prompt, followed by the beginning of the assistant's answer, in which no special
/// tokens are looked for.
std::vector<TokenId> chat_prompt(const Model& model, std::span<const ChatMessage> messages,
                                 ThinkingMode thinking, std::string_view answer = {});

}  // namespace pangu
