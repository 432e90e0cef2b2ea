// SPDX-License-Identifier: Apache-2.0
#include "ops/loss.h"

#include <algorithm>

#include "ops/head_chunks.h"
#include "ops/launch.h"

namespace pangu::ops {

/// Rows whose logits fit in 8 MiB; at least as many as make the matrix products worth while.
int64_t loss_rows(int64_t vocabulary) {
  constexpr int64_t kFloats = (int64_t{8} << 20) / 4, kFewest = 48;
  return std::max(kFewest, kFloats / vocabulary);
}

void check_targets(std::string_view loss, const Tensor& hidden, const Linear& head,
                   std::span<const TokenId> targets) {
  if (std::ssize(targets) != hidden.dim(0)) {
    fail<ShapeError>("[{}] {} targets for {} rows.", loss, targets.size(), hidden.dim(0));
  }
  for (const TokenId id : targets) {
    if (id < 0 || id >= head.n_out()) {
      fail<InputError>("[{}] a target has id {}, but the model knows ids 0 to {}.", loss, id,
                       head.n_out() - 1);
    }
  }
}

double cross_entropy(const Tensor& hidden, const Linear& head, std::span<const TokenId> targets,
                     float weight, Context& ctx) {
  check_targets("cross_entropy", hidden, head, targets);
  return over_chunks(hidden, head, ctx, [&](int64_t first, const Tensor& logits, float* losses) {
    kernels::CrossEntropyArgs args{.stride = logits.stride(0),
                                   .rows = logits.dim(0),
                                   .n = logits.dim(1),
                                   .targets = targets.data() + first,
                                   .weight = weight,
                                   .gradient = ctx.tape() != nullptr,
                                   .losses = losses};
    launch(&OpTable::cross_entropy, args, {updates(args.logits, logits)}, ctx);
  });
}

}  // namespace pangu::ops
