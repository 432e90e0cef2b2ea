// SPDX-License-Identifier: Apache-2.0
// The keys of a request that say how a reply is written, which all of OpenAI's endpoints share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/engine.h"
#include "pangu/sampling.h"
#include "serve/api/fields.h"

namespace pangu::serve {

/// What one request may ask for.
struct RequestLimits {
  std::int64_t max_choices = 16;      ///< of `n`, and of all prompts together
  std::size_t max_stops = 16;         ///< stop strings
  std::size_t max_stop_bytes = 1024;  ///< of one of them
  std::int64_t max_top_logprobs = 20;
  std::size_t max_salt_bytes = 256;  ///< of cache_salt
  std::int64_t max_inputs = 256;     ///< texts of one request for embeddings
};

/// How replies are written.
struct ReplyWishes {
  GenerateOptions options;  ///< of the first choice; others count their seeds up from its
  std::int64_t choices = 1;
  bool stream = false;
  bool include_usage = false;  ///< a last chunk of a stream tells what was used
};

/// Reads temperature, top_p, top_k, min_p, penalties (repeat_penalty is repetition_penalty),
/// logit_bias and seed; the rest is as in `advised`. Without a seed, or for -1, one is drawn.
/// Throws ApiError.
SamplingOptions read_sampling(Fields& body, const SamplingOptions& advised);

/// Texts that end a reply: one, or an array. Throws ApiError for more or longer ones than the
/// limits allow.
std::vector<std::string> read_stops(Fields& body, std::string_view key,
                                    const RequestLimits& limits);

/// Reads max_tokens and its other name, temperature, top_p, top_k, min_p, penalties, logit_bias,
/// seed, stop, n, cache_salt, stream, stream_options. What is absent is as the model's authors
/// advise; without a seed one is drawn. Throws ApiError.
ReplyWishes read_reply_wishes(Fields& body, const Engine& engine, const RequestLimits& limits);

}  // namespace pangu::serve
