// SPDX-License-Identifier: Apache-2.0
#include "serve/api/ollama_chat.h"

#include <utility>

#include "serve/api/ollama_protocol.h"
#include "serve/api/ollama_request.h"
#include "serve/api/prompt_checks.h"
#include "serve/api/response_format.h"

namespace pangu::serve {
namespace {

void answer_loaded(OllamaForm form, const ServedModel& model, const ReplyWishes& wishes,
                   ReplyContext context) {
  context.exchange->respond(
      {.status = 200,
       .content_type = wishes.stream ? std::string(kNdjson) : "application/json",
       .headers = std::move(context.headers),
       .body = json_text(ollama_loaded(form, model.name())) + "\n"});
}

}  // namespace

void ollama_chat(ServedModel& model, Fields& body, const RequestLimits& limits,
                 ReplyContext context) {
  ReplyWishes wishes = read_ollama_wishes(body, model.engine().default_sampling(), limits);
  wishes.options.split_reasoning = true;
  const ChatRequest chat = read_ollama_chat(body);
  if (chat.messages.empty()) {
    return answer_loaded(OllamaForm::kChat, model, wishes, std::move(context));
  }
  wishes.options.grammar = read_ollama_format(body, model);
  hold_to_tools(model, chat.tools, chat.tool_choice, body, wishes.options);
  auto protocol = ollama_protocol(OllamaForm::kChat, model.name(), wishes.options.sampling.seed);
  const std::vector<TokenId> prompt = conversation_prompt(model, chat, context.thinking);
  reply_to_prompt(model, prompt, wishes, body.unused(), std::move(protocol), std::move(context));
}

void ollama_generate(ServedModel& model, Fields& body, const RequestLimits& limits,
                     ReplyContext context) {
  ReplyWishes wishes = read_ollama_wishes(body, model.engine().default_sampling(), limits);
  const OllamaPrompt prompt = read_ollama_prompt(body);
  if (prompt.empty) {
    return answer_loaded(OllamaForm::kGenerate, model, wishes, std::move(context));
  }
  wishes.options.split_reasoning = !prompt.is_raw;
  wishes.options.grammar = read_ollama_format(body, model);
  std::vector<TokenId> ids = prompt.is_raw
                                 ? text_prompt(model, prompt.raw)
                                 : conversation_prompt(model, prompt.chat, context.thinking);
  auto protocol =
      ollama_protocol(OllamaForm::kGenerate, model.name(), wishes.options.sampling.seed);
  reply_to_prompt(model, ids, wishes, body.unused(), std::move(protocol), std::move(context));
}

}  // namespace pangu::serve
