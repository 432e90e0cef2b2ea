// SPDX-License-Identifier: Apache-2.0
// Turns an example into tokens, and says which of them are to be learnt.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/training_record.h"
#include "pangu/tokenizer.h"
#include "text/chat/chat_template.h"

namespace pangu {

/// Tokens that a loss is taken on.
enum class LossOn : std::uint8_t {
  kAssistant,  ///< what an assistant says with the token that ends its turn; of a completion record
               ///< the completion; of a text all
  kAll
};

/// A token with its loss bit, as data sets keep them.
using LossToken = std::uint32_t;
inline constexpr LossToken kLossBit = LossToken{1} << 31;
constexpr TokenId token_of(LossToken t) {
  return static_cast<TokenId>(t & ~kLossBit);
}
constexpr bool has_loss(LossToken t) {
  return (t & kLossBit) != 0;
}

struct EncoderOptions {
  LossOn loss_on = LossOn::kAssistant;
  bool append_eos = true;                ///< ends texts and completions, not conversations
  std::string origin = "the tokenizer";  ///< names it in messages
};

/// Immutable; any number of threads may encode at once.
class ExampleEncoder {
 public:
  /// Throws ConfigError for a chat template that cannot be parsed.
  ExampleEncoder(std::shared_ptr<const Tokenizer> tokenizer, EncoderOptions options);

  /// What a message says is never read as a special token; what the template writes is. A turn
  /// with reasoning becomes [unused16]reasoning[unused17]content.
  /// Throws InputError for text that is no valid UTF-8 and for a conversation that the template
  /// refuses or changes; ConfigError where a template or the tokens of thinking are missing.
  std::vector<LossToken> encode(const TrainingRecord& record) const;

 private:
  std::vector<LossToken> encode_text(std::string_view prompt, std::string_view learnt) const;
  std::vector<LossToken> encode_chat(const ChatRecord& chat) const;

  std::shared_ptr<const Tokenizer> tokenizer_;
  EncoderOptions options_;
  std::optional<ChatTemplate> template_;  ///< absent if the tokenizer has none
  bool can_think_ = false;
};

}  // namespace pangu
