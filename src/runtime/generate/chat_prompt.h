// SPDX-License-Identifier: Apache-2.0
// A conversation as the tokens that a model expects.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "pangu/chat.h"
#include "runtime/model.h"

namespace pangu {

/// Tokens that a prompt may have where nobody says: as many as there are.
inline constexpr std::int64_t kAnyLength = std::int64_t{1} << 40;

/// As Engine::chat_prompt, followed by the beginning of the assistant's answer, in which no special
/// tokens are looked for. Throws InputError if the prompt is certain to fill `positions`.
std::vector<TokenId> chat_prompt(const Model& model, std::span<const Message> messages,
                                 Thinking thinking, std::string_view answer = {},
                                 std::int64_t positions = kAnyLength);
std::vector<TokenId> chat_prompt(const Model& model, std::span<const Message> messages,
                                 const ChatOptions& options, std::string_view answer = {},
                                 std::int64_t positions = kAnyLength);

/// As Engine::fitted_chat_prompt, in a context of `positions`.
FittedPrompt fitted_chat_prompt(const Model& model, std::span<const Message> messages,
                                Thinking thinking, std::int64_t room, std::int64_t positions);

}  // namespace pangu
