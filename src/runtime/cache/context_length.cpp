// SPDX-License-Identifier: Apache-2.0
#include "runtime/cache/context_length.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "base/utf8.h"
#include "models/config/config_limits.h"

namespace pangu {
namespace {

/// A text that is cut within a token may have more tokens at its new end, but fewer than a token
/// has bytes.
constexpr int64_t kCutTokens = 1024;

/// The pieces up to a number of bytes, cut between characters.
std::vector<TextPiece> beginning(std::span<const TextPiece> pieces, std::size_t bytes) {
  std::vector<TextPiece> out;
  for (const TextPiece& piece : pieces) {
    std::string_view text = piece.text.substr(0, bytes);
    if (text.size() < piece.text.size()) text = text.substr(0, utf8::complete_prefix(text));
    out.push_back({text, piece.parse_special});
    if (text.size() < piece.text.size()) break;
    bytes -= text.size();
  }
  return out;
}

}  // namespace

int64_t trained_positions(const ModelConfig& config) {
  const RopeConfig& rope = config.rope;
  double scaled = 0;
  switch (rope.type) {
    case RopeConfig::Type::kDefault:
      break;
    case RopeConfig::Type::kLinear:
    case RopeConfig::Type::kDynamic:
      scaled = rope.factor * static_cast<double>(config.max_position_embeddings);
      break;
    case RopeConfig::Type::kYarn:
    case RopeConfig::Type::kLlama3:
      scaled = rope.factor * static_cast<double>(rope.original_max_position_embeddings);
      break;
  }
  const double most = static_cast<double>(kMaxPositions);
  return std::max(config.max_position_embeddings,
                  static_cast<int64_t>(std::floor(std::min(scaled, most))));
}

int64_t default_context(const ModelConfig& config) {
  return std::min({kDefaultContext, config.max_position_embeddings,
                   config.sliding_window.value_or(kDefaultContext)});
}

void warn_past_training(const ModelConfig& config, int64_t positions, std::string_view model) {
  const int64_t trained = trained_positions(config);
  if (positions <= trained) return;
  log::warning(
      "[context] {} positions were asked for, but {} was trained for {}: what it says beyond them "
      "may be nonsense.",
      positions, model, trained);
}

int64_t checked_positions(const Model& model, int64_t positions, int64_t told) {
  const auto& window = model.config().sliding_window;
  if (positions <= 0 || positions > kMaxPositions) {
    fail<ConfigError>("[context] {} positions were asked for; give a number from 1 to {} (--ctx).",
                      positions, kMaxPositions);
  }
  if (window && positions > *window) {
    fail<ConfigError>(
        "[context] {} attends to a sliding window of {} positions; contexts of up to that length "
        "are supported, but {} were asked for. Use --ctx {}.",
        model.path.string(), *window, positions, *window);
  }
  if (positions > told) warn_past_training(model.config(), positions, model.path.string());
  return positions;
}

void refuse_long_prompt(const ModelConfig& config, int64_t tokens, bool or_more,
                        int64_t positions) {
  throw PromptTooLong(
      fmt::format(
          "[generate] the prompt has {}{} tokens, but the context holds {} and a reply needs "
          "room too. Shorten the prompt or ask for a larger context (--ctx; the model was "
          "trained for {}).",
          or_more ? "more than " : "", tokens, positions, config.max_position_embeddings),
      tokens, or_more, positions);
}

std::optional<std::vector<TokenId>> encode_within(const Tokenizer& tokenizer,
                                                  std::span<const TextPiece> pieces,
                                                  const EncodeOptions& options, int64_t most) {
  std::size_t total = 0;
  for (const TextPiece& piece : pieces) total += piece.text.size();
  // Most texts have far fewer bytes a token than the first try allows for; each further one costs
  // four times as much, so all together cost little more than the whole.
  const auto limit = static_cast<std::size_t>(most + kCutTokens);
  for (std::size_t bytes = 16 * limit; bytes < total; bytes *= 4) {
    if (tokenizer.encode(beginning(pieces, bytes), options).size() > limit) return std::nullopt;
  }
  return tokenizer.encode(pieces, options);
}

}  // namespace pangu
