// SPDX-License-Identifier: Apache-2.0
#include "ops/loss.h"

#include <algorithm>
#include <vector>

#include "kernels/loss/loss.h"
#include "ops/tape.h"

namespace pangu::ops {
namespace {

Tensor logits_of(const Tensor& hidden, const Linear& head, Context& ctx) {
  const TapeScope off(ctx, nullptr);
  return linear(hidden, head, ctx);
}

/// Calls `rows_loss(first row, logits, losses)` chunk by chunk; it leaves gradients in the logits.
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

}  // namespace

/// Rows whose logits fit in 8 MiB; at least as many as make the matrix products worth while.
int64_t loss_rows(int64_t vocabulary) {
  constexpr int64_t kFloats = (int64_t{8} << 20) / 4, kFewest = 48;
  return std::max(kFewest, kFloats / vocabulary);
}

double cross_entropy(const Tensor& hidden, const Linear& head, std::span<const TokenId> targets,
                     float weight, Context& ctx) {
  if (std::ssize(targets) != hidden.dim(0)) {
    fail<ShapeError>("[cross_entropy] {} targets for {} rows.", targets.size(), hidden.dim(0));
  }
  for (const TokenId id : targets) {
    if (id < 0 || id >= head.n_out()) {
      fail<InputError>("[cross_entropy] a target has id {}, but the model knows ids 0 to {}.", id,
                       head.n_out() - 1);
    }
  }
  return over_chunks(hidden, head, ctx, [&](int64_t first, const Tensor& logits, float* losses) {
    kernels::cross_entropy({.logits = logits.data<float>(),
                            .stride = logits.stride(0),
                            .rows = logits.dim(0),
                            .n = logits.dim(1),
                            .targets = targets.data() + first,
                            .weight = weight,
                            .gradient = ctx.tape() != nullptr,
                            .losses = losses},
                           ctx.executor());
  });
}

double kl_divergence(const Tensor& hidden, const Linear& head, const Teacher& teacher,
                     float temperature, float weight, Context& ctx) {
  if (teacher.hidden.dim(0) != hidden.dim(0) || teacher.head.n_out() != head.n_out()) {
    fail<ShapeError>(
        "[kl_divergence] the teacher gives {} rows over {} tokens, the student {} over {}. Do both "
        "have the same tokenizer?",
        teacher.hidden.dim(0), teacher.head.n_out(), hidden.dim(0), head.n_out());
  }
  if (!(temperature > 0.0f)) {
    fail<ConfigError>("[kl_divergence] the temperature is {}; it must be positive.", temperature);
  }
  return over_chunks(hidden, head, ctx, [&](int64_t first, const Tensor& logits, float* losses) {
    const Tensor wanted = logits_of(teacher.hidden.rows(first, logits.dim(0)), teacher.head, ctx);
    kernels::kl_divergence({.student = logits.data<float>(),
                            .student_stride = logits.stride(0),
                            .teacher = wanted.data<float>(),
                            .teacher_stride = wanted.stride(0),
                            .rows = logits.dim(0),
                            .n = logits.dim(1),
                            .temperature = temperature,
                            .weight = weight,
                            .gradient = ctx.tape() != nullptr,
                            .losses = losses},
                           ctx.executor());
  });
}

}  // namespace pangu::ops
