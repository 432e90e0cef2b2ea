// SPDX-License-Identifier: Apache-2.0
#include "measure/benchmark_cost.h"

#include <algorithm>

namespace pangu {
namespace {

/// Operations for one token, and bytes.
struct Part {
  double ops = 0, bytes = 0;

  Part& operator+=(const Part& other) {
    ops += other.ops;
    bytes += other.bytes;
    return *this;
  }
};

Part cost_of(const Linear& l) {
  const double bias = l.bias.defined() ? 4.0 * static_cast<double>(l.bias.count()) : 0.0;
  return {2.0 * static_cast<double>(l.n_out() * l.n_in()), static_cast<double>(l.bytes()) + bias};
}

/// A model in the parts that passes go through or leave out.
struct Parts {
  Part body;  ///< all that every token of a prompt passes through
  Part tail;  ///< what follows attention in the last layer, and the head

  explicit Parts(const LanguageModel& model) {
    for (const WeightUse& w : model.weights()) {
      Part& part = w.by_every_token ? body : tail;
      if (w.product) part += cost_of(*w.product);
      if (w.vector) part.bytes += 4.0 * static_cast<double>(w.vector->count());
    }
  }
};

/// For one position attended to.
double attention_ops(const ModelConfig& c) {
  return 4.0 * static_cast<double>(c.n_heads * c.head_dim * c.n_layers);
}

}  // namespace

TokenCost prefill_cost(const LanguageModel& model, double position_bytes, int64_t prompt_tokens,
                       int64_t chunk) {
  if (prompt_tokens <= 0) return {};
  const Parts parts(model);
  const auto tokens = static_cast<double>(prompt_tokens);
  double passes = 0, positions = 0;
  for (int64_t done = 0; done < prompt_tokens;) {
    done = std::min(done + chunk, prompt_tokens);
    ++passes;
    positions += static_cast<double>(done);
  }
  return {.product_ops = parts.body.ops + parts.tail.ops / tokens,
          .attention_ops = attention_ops(model.config()) * (tokens + 1) / 2,
          .weight_bytes = (parts.body.bytes * passes + parts.tail.bytes) / tokens,
          .cache_bytes = position_bytes * positions / tokens};
}

TokenCost decode_cost(const LanguageModel& model, double position_bytes, int64_t prompt_tokens,
                      int64_t decode_tokens, int64_t batch) {
  if (decode_tokens <= 0) return {};
  const Parts parts(model);
  const double context =
      static_cast<double>(prompt_tokens) + static_cast<double>(decode_tokens + 1) / 2;
  return {.product_ops = parts.body.ops + parts.tail.ops,
          .attention_ops = attention_ops(model.config()) * context,
          .weight_bytes = (parts.body.bytes + parts.tail.bytes) / static_cast<double>(batch),
          .cache_bytes = position_bytes * context};
}

int64_t weight_bytes(const LanguageModel& model) {
  const Parts parts(model);
  const bool head_serves = model.embedding().buffer() == model.head().parts.front().buffer();
  return static_cast<int64_t>(parts.body.bytes + parts.tail.bytes) +
         (head_serves ? 0 : static_cast<int64_t>(model.embedding().bytes()));
}

}  // namespace pangu
