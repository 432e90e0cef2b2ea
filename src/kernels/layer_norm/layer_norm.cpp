// SPDX-License-Identifier: Apache-2.0
#include "kernels/layer_norm/layer_norm.h"

#include "kernels/chunk_sums.h"
#include "kernels/grain.h"

namespace pangu::kernels {
namespace {

constexpr Variant<LayerNormTokens> kLayerNormForward[] = {PANGU_VARIANTS(layer_norm)};
constexpr Variant<LayerNormBackwardTokens> kLayerNormBackward[] = {
    PANGU_VARIANTS(layer_norm_backward)};

}  // namespace

void layer_norm(const LayerNormArgs& args, const Executor& on) {
  LayerNormTokens* const kernel = best_variant<LayerNormTokens>(kLayerNormForward, on.isa);
  on.threads.parallel_for(args.tokens, tokens_per_task(args.n),
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

void layer_norm_backward(const LayerNormBackwardArgs& args, const Executor& on) {
  LayerNormBackwardTokens* const kernel =
      best_variant<LayerNormBackwardTokens>(kLayerNormBackward, on.isa);
  const bool sums_wanted = args.dweight || args.dbias;
  std::vector<float> both(sums_wanted ? static_cast<std::size_t>(2 * args.n) : 0, 0.0f);
  sum_over_chunks(args.tokens, std::ssize(both), both.data(), on,
                  [&](float* sums, int64_t first, int64_t last) {
                    kernel(args, sums_wanted ? sums : nullptr, first, last);
                  });
  for (int64_t i = 0; args.dweight && i < args.n; ++i) {
    args.dweight[i] += both[static_cast<std::size_t>(i)];
  }
  for (int64_t i = 0; args.dbias && i < args.n; ++i) {
    args.dbias[i] += both[static_cast<std::size_t>(args.n + i)];
  }
}

}  // namespace pangu::kernels
