// SPDX-License-Identifier: Apache-2.0
#include "serve/api/prompt_checks.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/cache/context_length.h"
#include "runtime/generate/chat_prompt.h"
#include "runtime/generate/reply.h"

namespace pangu::serve {
namespace {

/// How many contexts of text are counted, so that most refusals tell the exact number.
constexpr std::int64_t kCountedContexts = 8;

}  // namespace

std::vector<TokenId> checked_prompt(
    const ServedModel& model, const std::function<std::vector<TokenId>(std::int64_t most)>& make) {
  const std::int64_t positions = model.engine().context();
  try {
    std::vector<TokenId> prompt = make(kCountedContexts * positions);
    check_prompt(model.model().config(), prompt, positions);
    return prompt;
  } catch (const PromptTooLong& error) {
    throw context_exceeded(error.tokens, error.or_more, positions);
  }
}

std::vector<TokenId> text_prompt(const ServedModel& model, const std::string& text) {
  return checked_prompt(model, [&](std::int64_t most) {
    const TextPiece piece{text, true};
    auto ids = encode_within(*model.engine().tokenizer(), std::span(&piece, 1), {}, most);
    if (!ids) refuse_long_prompt(model.model().config(), most, true, most);
    return std::move(*ids);
  });
}

std::vector<TokenId> conversation_tokens(const ServedModel& model, const ChatRequest& chat,
                                         std::int64_t positions) {
  ChatOptions options = chat.options;
  if (options.thinking == Thinking::kFast && !model.engine().can_think()) {
    options.thinking = Thinking::kDefault;
  }
  return chat_prompt(model.model(), chat.messages, options, chat.answer, positions);
}

std::vector<TokenId> conversation_prompt(const ServedModel& model, ChatRequest chat,
                                         std::optional<Thinking> chosen) {
  const bool says = chat.options.thinking != Thinking::kDefault ||
                    chat.options.variables.find("\"enable_thinking\"") != std::string::npos;
  if (chosen && !says) chat.options.thinking = *chosen;
  return checked_prompt(model,
                        [&](std::int64_t most) { return conversation_tokens(model, chat, most); });
}

std::vector<ReplyOrder> choice_orders(const std::vector<TokenId>& prompt,
                                      const ReplyWishes& wishes) {
  std::vector<ReplyOrder> out;
  for (std::int64_t i = 0; i < wishes.choices; ++i) {
    out.push_back({.prompt = prompt, .options = wishes.options});
    out.back().options.sampling.seed += static_cast<std::uint64_t>(i);
  }
  return out;
}

void check_options(const ServedModel& model, const GenerateOptions& options) {
  const std::int64_t known = model.model().known_ids();
  for (const LogitBias& one : options.sampling.logit_bias) {
    if (one.id < known) continue;
    throw bad_request(
        "logit_bias",
        fmt::format("logit_bias names token {}. This model has 0 to {}.", one.id, known - 1));
  }
  check_generate_options(model.model(), options);
}

void reply_to_prompt(ServedModel& model, const std::vector<TokenId>& prompt,
                     const ReplyWishes& wishes, const std::string& ignored,
                     std::unique_ptr<Protocol> protocol, ReplyContext context) {
  check_options(model, wishes.options);
  context.stream = wishes.stream;
  if (!ignored.empty()) context.headers.emplace_back("pangu-ignored", ignored);
  run_replies(model, choice_orders(prompt, wishes), std::move(protocol), std::move(context));
}

}  // namespace pangu::serve
