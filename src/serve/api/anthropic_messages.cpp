// SPDX-License-Identifier: Apache-2.0
#include "serve/api/anthropic_messages.h"

#include <utility>

#include "runtime/generate/chat_prompt.h"
#include "serve/api/anthropic_protocol.h"
#include "serve/api/anthropic_request.h"
#include "serve/api/prompt_checks.h"

namespace pangu::serve {

void anthropic_messages(ServedModel& model, Fields& body, const RequestLimits& limits,
                        ReplyContext context) {
  ReplyWishes wishes = read_anthropic_wishes(body, model.engine().default_sampling(), limits);
  const ChatRequest chat = read_anthropic_chat(body, wishes.options);
  wishes.options.grammar = read_anthropic_format(body, model);
  hold_to_tools(model, chat.tools, chat.tool_choice, body, wishes.options);
  std::vector<TokenId> prompt = conversation_prompt(model, chat, context.thinking);
  auto protocol =
      anthropic_protocol(model.name(), std::ssize(prompt), wishes.options.sampling.seed);
  reply_to_prompt(model, prompt, wishes, body.unused(), std::move(protocol), std::move(context));
}

Json anthropic_count_json(const ServedModel& model, Fields& body) {
  GenerateOptions unused;
  const ChatRequest chat = read_anthropic_chat(body, unused);
  return {{"input_tokens", conversation_tokens(model, chat, kAnyLength).size()}};
}

}  // namespace pangu::serve
