// SPDX-License-Identifier: Apache-2.0
#include "runtime/chat_prompt.h"

namespace pangu {
namespace {

Thinking thinking_of(ThinkingMode mode) {
  switch (mode) {
    case ThinkingMode::kFast:
      return Thinking::kFast;
    case ThinkingMode::kSlow:
      return Thinking::kSlow;
    case ThinkingMode::kAuto:
      return Thinking::kAuto;
    case ThinkingMode::kDefault:
      break;
  }
  return Thinking::kDefault;
}

}  // namespace

std::vector<TokenId> chat_prompt(const Model& model, std::span<const ChatMessage> messages,
                                 ThinkingMode thinking, std::string_view answer) {
  const ChatTemplate chat_template = model.chat_template();
  std::vector<Message> conversation;
  for (const ChatMessage& m : messages) {
    conversation.push_back({.role = m.role, .content = m.content});
  }
  RenderOptions options;
  apply_thinking(chat_template, thinking_of(thinking), conversation, options);
  const std::vector<Segment> segments = chat_template.render_segments(conversation, options);

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
  return tokenizer.encode(pieces, encode);
}

}  // namespace pangu
