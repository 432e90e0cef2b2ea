// SPDX-License-Identifier: Apache-2.0
// A text as one vector: what its tokens are where they enter the output head, pooled.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pangu/token.h"
#include "quant/kv_format.h"
#include "runtime/model.h"

namespace pangu {

enum class Pooling {
  kMean,  ///< of all tokens
  kLast   ///< the last token alone, which has read the whole text
};

struct EmbeddingOptions {
  Pooling pooling = Pooling::kMean;
  KvFormat kv = KvFormat::kBF16;
  std::int64_t positions = 0;  ///< that a text may have
};

/// The vector of a text, [hidden_size], of Euclidean length 1; the same bits whatever else is
/// computed. Throws InputError for a text without tokens, with ids outside the vocabulary or with
/// more tokens than positions (PromptTooLong); NumericError where the model gives no numbers.
std::vector<float> embed(const Model& model, Context& ctx, std::span<const TokenId> ids,
                         const EmbeddingOptions& options);

}  // namespace pangu
