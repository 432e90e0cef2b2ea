// SPDX-License-Identifier: Apache-2.0
#include "runtime/score/embedding.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ops/host.h"
#include "quant/float_rows.h"
#include "runtime/cache/context_length.h"
#include "runtime/cache/kv_cache.h"
#include "runtime/prefill_chunk.h"

namespace pangu {
namespace {

void check_text(const ModelConfig& config, std::span<const TokenId> ids, std::int64_t positions) {
  if (ids.empty()) {
    fail<InputError>("[embed] the text has no tokens. Give some text.");
  }
  if (std::ssize(ids) > positions) refuse_long_prompt(config, std::ssize(ids), false, positions);
}

/// Adds rows [n, E] of any float type to sums.
void add_rows(const Tensor& rows, std::vector<double>& sums) {
  std::vector<float> row(sums.size());
  const auto width = static_cast<std::int64_t>(sums.size());
  const std::size_t bytes = sums.size() * size_bytes(rows.dtype());
  for (std::int64_t i = 0; i < rows.dim(0); ++i) {
    load_as_f32(rows.raw() + static_cast<std::size_t>(i) * bytes, rows.dtype(), width, row.data());
    for (std::size_t e = 0; e < sums.size(); ++e) sums[e] += row[e];
  }
}

std::vector<float> of_length_one(const std::vector<double>& sums) {
  double squares = 0;
  for (const double x : sums) squares += x * x;
  if (!(squares > 0) || !std::isfinite(squares)) {
    fail<NumericError>(
        "[embed] the vector of the text has the length {}. The weights are damaged, "
        "or the arithmetic overflowed (--dtype f32 has more room).",
        std::sqrt(squares));
  }
  std::vector<float> out(sums.size());
  const double factor = 1 / std::sqrt(squares);
  for (std::size_t e = 0; e < sums.size(); ++e) out[e] = static_cast<float>(sums[e] * factor);
  return out;
}

}  // namespace

std::vector<float> embed(const Model& model, Context& ctx, std::span<const TokenId> ids,
                         const EmbeddingOptions& options) {
  check_text(model.config(), ids, options.positions);
  KvCache cache(model.network->kv_shape(options.kv), std::ssize(ids), ctx.shared_device());
  const SequenceId sequence = cache.create();
  std::vector<double> sums(static_cast<std::size_t>(model.config().hidden_size), 0.0);
  while (!ids.empty()) {
    const auto n = std::min<std::size_t>(ids.size(), kPrefillChunk);
    const bool is_last = n == ids.size();
    const bool pools = options.pooling == Pooling::kMean;
    Batch batch;
    cache.append(sequence, ids.first(n),
                 pools     ? Logits::kAll
                 : is_last ? Logits::kLast
                           : Logits::kNone,
                 batch);
    Tensor hidden;
    model.network->forward(batch, cache.storage(), ctx, {.hidden = &hidden, .hidden_only = true});
    if (pools || is_last) add_rows(to_host(hidden), sums);
    ids = ids.subspan(n);
  }
  // The mean has the direction of the sum.
  return of_length_one(sums);
}

}  // namespace pangu
