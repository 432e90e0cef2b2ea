// SPDX-License-Identifier: Apache-2.0
#include "runtime/generate/chat_prompt.h"

#include <algorithm>
#include <optional>

#include "runtime/cache/context_length.h"
#include "text/chat/reasoning.h"
#include "text/chat/template_variables.h"
#include "text/chat/thinking_markers.h"
#include "text/chat/tool_messages.h"

namespace pangu {
namespace {

/// What an assistant thought in earlier turns is left out: models are trained to go on without.
std::vector<Message> without_reasoning(std::span<const Message> messages) {
  std::vector<Message> conversation(messages.begin(), messages.end());
  for (Message& m : conversation) {
    if (m.role == "assistant") m.content = split_reasoning(m.content).answer;
  }
  return conversation;
}

/// The text of a conversation, in pieces.
std::vector<Segment> rendered(const Model& model, std::span<const Message> messages,
                              const ChatOptions& chat) {
  std::vector<Message> conversation = without_reasoning(messages);
  RenderOptions options;
  options.tools = tools_from(chat.tools);
  const bool with_tools = uses_tools(conversation, options);
  const ChatTemplate own = model.chat_template();
  const ChatTemplate used = with_tools ? own.for_tools() : own;
  const Thinking thinking = apply_variables(used, can_think(*model.tokenizer), chat, options);
  apply_thinking(used, thinking, conversation, options);
  if (with_tools) require_tools_shown(used, conversation, options);
  return used.render_segments(conversation, options);
}

/// None if the prompt is certain to have more than `most` tokens.
std::optional<std::vector<TokenId>> prompt_within(const Model& model,
                                                  std::span<const Message> messages,
                                                  const ChatOptions& options,
                                                  std::string_view answer, std::int64_t most) {
  const std::vector<Segment> segments = rendered(model, messages, options);
  // Special tokens are looked for in what the template wrote, never in what a person said.
  std::vector<TextPiece> pieces;
  for (const Segment& s : segments) pieces.push_back({s.text, s.is_template});
  if (!answer.empty()) pieces.push_back({answer, false});
  const Tokenizer& tokenizer = *model.tokenizer;
  // Exactly one bos: some templates write it, others leave it to the tokenizer.
  const bool writes_bos = !segments.empty() && segments.front().is_template && tokenizer.bos_id() &&
                          segments.front().text.starts_with(tokenizer.piece(*tokenizer.bos_id()));
  EncodeOptions encode{.add_bos = {}, .add_eos = false, .parse_special = true};
  if (writes_bos) encode.add_bos = false;
  return encode_within(tokenizer, pieces, encode, most);
}

/// Where the turn after the one that begins at `from` begins, or the end.
std::size_t next_turn(std::span<const Message> messages, std::size_t from) {
  std::size_t at = std::min(from + 1, messages.size());
  while (at < messages.size() && messages[at].role != "user") ++at;
  return at;
}

}  // namespace

std::vector<TokenId> chat_prompt(const Model& model, std::span<const Message> messages,
                                 Thinking thinking, std::string_view answer,
                                 std::int64_t positions) {
  return chat_prompt(model, messages, ChatOptions{.thinking = thinking}, answer, positions);
}

std::vector<TokenId> chat_prompt(const Model& model, std::span<const Message> messages,
                                 const ChatOptions& options, std::string_view answer,
                                 std::int64_t positions) {
  auto ids = prompt_within(model, messages, options, answer, positions);
  if (!ids) refuse_long_prompt(model.config(), positions, true, positions);
  return std::move(*ids);
}

FittedPrompt fitted_chat_prompt(const Model& model, std::span<const Message> messages,
                                Thinking thinking, std::int64_t room, std::int64_t positions) {
  std::size_t system = 0;
  while (system < messages.size() && messages[system].role == "system") ++system;
  std::vector<Message> kept(messages.begin(), messages.end());
  for (;;) {
    auto ids = prompt_within(model, kept, ChatOptions{.thinking = thinking}, {}, positions);
    const std::int64_t left = ids ? positions - static_cast<std::int64_t>(ids->size()) : 0;
    const std::size_t next = next_turn(kept, system);
    const bool is_last = next == kept.size();
    if (left > 0 && (left >= room || is_last)) {
      return {std::move(*ids), messages.size() - kept.size()};
    }
    if (is_last) {
      refuse_long_prompt(model.config(), positions - left, !ids, positions);
    }
    kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(system),
               kept.begin() + static_cast<std::ptrdiff_t>(next));
  }
}

}  // namespace pangu
