// SPDX-License-Identifier: Apache-2.0
// Prompts that fit, and the replies that they are to get.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pangu/token.h"
#include "serve/api/chat_messages.h"
#include "serve/api/generation_fields.h"
#include "serve/api/reply_run.h"

namespace pangu::serve {

/// A prompt that leaves room for a reply. `make` gives it, and throws PromptTooLong if it is
/// certain to have more tokens than it is told. Throws ApiError with both numbers, and what else
/// `make` throws.
std::vector<TokenId> checked_prompt(
    const ServedModel& model, const std::function<std::vector<TokenId>(std::int64_t most)>& make);

/// A text to continue as such a prompt, in which special tokens are looked for. Throws ApiError.
std::vector<TokenId> text_prompt(const ServedModel& model, const std::string& text);

/// What a model gets to read of a conversation; a model that cannot think needs no telling not to.
/// Throws InputError if it is certain to fill `positions`, Unsupported for a way of thinking that
/// the model lacks.
std::vector<TokenId> conversation_tokens(const ServedModel& model, const ChatRequest& chat,
                                         std::int64_t positions);

/// The same as a prompt that leaves room for a reply, thought about as was `chosen` where the
/// request says nothing of that. Throws ApiError too.
std::vector<TokenId> conversation_prompt(const ServedModel& model, ChatRequest chat,
                                         std::optional<Thinking> chosen = {});

/// One order for each choice. Their seeds count up, so that the first choice is what one alone is.
std::vector<ReplyOrder> choice_orders(const std::vector<TokenId>& prompt,
                                      const ReplyWishes& wishes);

/// Throws ApiError where logit_bias names a token that the model does not have, and what
/// check_generate_options() does.
void check_options(const ServedModel& model, const GenerateOptions& options);

/// Asks for the replies to one prompt. The answer's header names what the request has of keys
/// without effect (Fields::unused). Throws ApiError.
void reply_to_prompt(ServedModel& model, const std::vector<TokenId>& prompt,
                     const ReplyWishes& wishes, const std::string& ignored,
                     std::unique_ptr<Protocol> protocol, ReplyContext context);

}  // namespace pangu::serve
