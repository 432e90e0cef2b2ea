// SPDX-License-Identifier: Apache-2.0
#include "serve/api/openai_responses.h"

#include <utility>

#include "serve/api/prompt_checks.h"
#include "serve/api/responses_protocol.h"
#include "serve/api/responses_request.h"

namespace pangu::serve {

void openai_responses(ServedModel& model, Fields& body, const RequestLimits& limits,
                      ReplyContext context) {
  refuse_responses_unsupported(body);
  ReplyWishes wishes = read_responses_wishes(body, model.engine().default_sampling(), limits);
  const ChatRequest chat = read_responses_chat(body);
  wishes.options.grammar = read_responses_format(body, model);
  hold_to_tools(model, chat.tools, chat.tool_choice, body, wishes.options);
  auto protocol =
      responses_protocol(response_head(body, model.name(), wishes), wishes.options.sampling.seed);
  const std::vector<TokenId> prompt = conversation_prompt(model, chat, context.thinking);
  reply_to_prompt(model, prompt, wishes, body.unused(), std::move(protocol), std::move(context));
}

}  // namespace pangu::serve
