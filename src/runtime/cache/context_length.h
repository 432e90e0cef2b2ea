// SPDX-License-Identifier: Apache-2.0
// How long a context of a model may be, and prompts that fit it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/config/config.h"
#include "pangu/error.h"
#include "pangu/tokenizer.h"
#include "runtime/model.h"

namespace pangu {

/// Positions that a model was trained for, what its scaling of rotary positions adds included.
int64_t trained_positions(const ModelConfig& config);

/// Positions of a context where nobody says how many, if the model was trained for as many.
inline constexpr int64_t kDefaultContext = 4096;

/// As many as that, or what the model was trained for if that is less.
int64_t default_context(const ModelConfig& config);

/// Logs a warning if `positions` are more than that. `model` names it.
void warn_past_training(const ModelConfig& config, int64_t positions, std::string_view model);

/// `positions`, if a context of the model may have that many; logs a warning where they are more
/// than it was trained for, and more than `told`, for which that was said. Throws ConfigError
/// otherwise.
int64_t checked_positions(const Model& model, int64_t positions, int64_t told = 0);

/// A prompt that leaves no room for a reply.
class PromptTooLong : public InputError {
 public:
  PromptTooLong(const std::string& message, int64_t n, bool is_bound, int64_t context)
      : InputError(message), tokens(n), or_more(is_bound), positions(context) {}

  int64_t tokens;
  bool or_more;  ///< `tokens` is what was counted before it was given up
  int64_t positions;
};

/// Throws PromptTooLong: a prompt of `tokens` tokens, or of more than that, leaves no room in a
/// context of `positions`.
[[noreturn]] void refuse_long_prompt(const ModelConfig& config, int64_t tokens, bool or_more,
                                     int64_t positions);

/// The tokens of a text, or none if there are certain to be more than `most`. That is found out on
/// the beginning of the text: megabytes are not tokenized to be refused. `options` and errors as of
/// Tokenizer::encode().
std::optional<std::vector<TokenId>> encode_within(const Tokenizer& tokenizer,
                                                  std::span<const TextPiece> pieces,
                                                  const EncodeOptions& options, int64_t most);

}  // namespace pangu
