// SPDX-License-Identifier: Apache-2.0
// How losses go through an output head: the logits of a few rows at a time become their own
// gradients, so that those of a whole batch never exist. Only losses include this.
#pragma once

#include <algorithm>
#include <vector>

#include "ops/linear.h"
#include "ops/loss.h"
#include "ops/tape.h"

namespace pangu::ops {

/// Logits that are not recorded on a tape.
inline Tensor logits_of(const Tensor& hidden, const Linear& head, Context& ctx) {
  const TapeScope off(ctx, nullptr);
  return linear(hidden, head, ctx);
}

/// The sum of all losses: calls `rows_loss(first row, logits, losses)` chunk by chunk, which leaves
/// gradients in the logits where there is a tape.
template <class RowsLoss>
double over_chunks(const Tensor& hidden, const Linear& head, Context& ctx,
                   const RowsLoss& rows_loss) {
  const int64_t R = hidden.dim(0), chunk = loss_rows(head.n_out());
  std::vector<float> losses(static_cast<std::size_t>(std::min(R, chunk)));
  double sum = 0;
  for (int64_t first = 0; first < R; first += chunk) {
    const Tensor rows = hidden.rows(first, std::min(chunk, R - first));
    const Tensor logits = logits_of(rows, head, ctx);
    rows_loss(first, logits, losses.data());
    for (int64_t r = 0; r < rows.dim(0); ++r) sum += losses[static_cast<std::size_t>(r)];
    if (ctx.tape()) linear_backward(rows, head, logits, ctx);
  }
  return sum;
}

/// Throws ShapeError unless there is a target for every row, InputError for one outside the
/// vocabulary; `loss` names the loss.
void check_targets(std::string_view loss, const Tensor& hidden, const Linear& head,
                   std::span<const TokenId> targets);

}  // namespace pangu::ops
