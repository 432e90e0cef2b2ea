// SPDX-License-Identifier: Apache-2.0
// A request as numbers: what a model makes of it in the middle of its layers, and what its text
// looks like.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "adaptive/intent/features/request.h"
#include "adaptive/intent/features/stream_sum.h"
#include "runtime/model.h"

namespace pangu::adaptive {

/// Parts of what a probe reads, in this order. Which of them, is a sum of bits.
enum Block : std::uint32_t {
  kMeanBlock = 1,     ///< mean of the residual stream over the tokens of the request, [E]
  kLastBlock = 2,     ///< the residual stream of its last token, [E]
  kSurfaceBlock = 4,  ///< surface_features()
  kGramBlock = 8,     ///< gram_features()
};
inline constexpr std::uint32_t kAllBlocks = 15;
inline constexpr std::uint32_t kStreamBlocks = kMeanBlock | kLastBlock;

/// The names of blocks, "mean, last, surface, grams", and back. Throws ConfigError with "[where]".
std::string block_names(std::uint32_t blocks);
std::uint32_t parse_blocks(std::string_view names, std::string_view where);

/// How many numbers the blocks have together, for a model of hidden size E.
std::int64_t feature_width(std::uint32_t blocks, std::int64_t hidden_size);

/// What was seen at one depth.
struct StreamFeatures {
  std::vector<float> mean, last;  ///< [E] each
};

struct Features {
  std::map<std::int64_t, StreamFeatures> streams;  ///< by the number of layers passed
  std::vector<float> surface, grams;

  /// The blocks one after the other, those of the stream behind `layer` layers. Throws ShapeError
  /// if that stream was not collected.
  std::vector<float> joined(std::uint32_t blocks, std::int64_t layer) const;
};

/// The tokens that a model reads of a request, and how much each counts in the mean.
struct RequestTokens {
  std::vector<TokenId> ids;
  std::vector<float> weights;  ///< one each, at least one of them positive
};

// Of the tokens of a request the first and the last are read; of its context the last ones, each of
// which counts a quarter: a long message speaks for itself, a short one ("and in Chinese?") hardly.
inline constexpr std::int64_t kHeadTokens = 192, kTailTokens = 64, kContextTokens = 64;
inline constexpr float kContextWeight = 0.25f;

/// The beginning-of-text token of the tokenizer, if it has one (weight 0), the context, the
/// request.
RequestTokens request_tokens(const Tokenizer& tokenizer, const Request& request);

/// The residual streams behind each of `layers` layers, for many requests in few passes; only as
/// many layers are computed as the deepest needs. Features of a request do not depend, bit for bit,
/// on what is read with it or how that is cut into passes.
class FeatureReader {
 public:
  /// Model and context must outlive it. Without layers no model is run. Throws ConfigError for
  /// layers that the model lacks and for a model without a tokenizer.
  FeatureReader(const Model& model, Context& ctx, std::vector<std::int64_t> layers);

  /// `on_done` hears how many requests are done; what it throws is passed on. Throws InputError for
  /// a request without a token.
  std::vector<Features> read(std::span<const Request> requests,
                             const std::function<void(std::size_t)>& on_done = {});
  Features read(const Request& request);

  /// Tokens that were run through the model.
  std::int64_t tokens() const { return tokens_; }

 private:
  void run(std::span<const RequestTokens> all, std::span<Features> features);

  const Model& model_;
  Context& ctx_;
  std::vector<std::int64_t> layers_;
  std::int64_t tokens_ = 0;
};

}  // namespace pangu::adaptive
