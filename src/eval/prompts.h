// SPDX-License-Identifier: Apache-2.0
// How an item becomes a prompt: plain, as completion models were trained, or as a conversation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eval/rows.h"
#include "pangu/chat.h"
#include "runtime/model.h"

namespace pangu::eval {

/// What a model is asked, and an answer that it might give.
struct Exchange {
  std::string question;
  std::string answer;
};

/// An item in one of the two forms.
struct PromptText {
  Exchange plain;                 ///< the prompt is the question as it is
  Exchange chat;                  ///< the question is what the user says
  std::string separator;          ///< of plain examples
  std::vector<std::string> stop;  ///< of plain replies: where the next example would begin
};

PromptText prompt_of(const MathRow& row);
PromptText prompt_of(const CodeRow& row);
PromptText prompt_of(const MatchRow& row);

/// A question as a conversation, with solved examples as turns before it.
std::vector<Message> conversation_of(const PromptText& item, const std::vector<PromptText>& shots);

/// The tokens of a question after solved examples, of conversation_of() in a chat.
/// Throws as chat_prompt() and Tokenizer::encode().
std::vector<TokenId> encode_prompt(const Model& model, const PromptText& item,
                                   const std::vector<PromptText>& shots, bool chat,
                                   Thinking thinking);

/// Whether most of the letters of a text are Chinese characters.
bool is_chinese(std::string_view text);

}  // namespace pangu::eval
