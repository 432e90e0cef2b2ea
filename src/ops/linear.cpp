// SPDX-License-Identifier: Apache-2.0
#include "ops/linear.h"

#include "kernels/add/add.h"
#include "kernels/linear/linear.h"
#include "ops/tape.h"

namespace pangu::ops {
namespace {

Tensor run_linear(const Tensor& x, const Linear& w, const Tensor* residual, Context& ctx) {
  if (x.rank() != 2 || x.dim(1) != w.n_in()) {
    fail<ShapeError>(
        "[linear] x is {} but w is [{}, {}] (out x in): inner sizes differ. Are both from the same "
        "checkpoint?",
        x.shape(), w.n_out(), w.n_in());
  }
  if (x.dtype() != DType::kF32 && x.dtype() != DType::kBF16) {
    fail<Unsupported>("[linear] x holds {}; f32 and bf16 activations are supported.",
                      name(x.dtype()));
  }
  if (w.bias.defined() && w.bias.shape() != Shape{w.n_out()}) {
    fail<ShapeError>("[linear] bias is {} but w has {} outputs.", w.bias.shape(), w.n_out());
  }
  const Shape out{x.dim(0), w.n_out()};
  if (residual && residual->shape() != out) {
    fail<ShapeError>("[linear] residual is {} but the result is {}.", residual->shape(), out);
  }
  Tensor y = ctx.empty(out, DType::kF32);
  int64_t first = 0;  // output of the part
  for (const PackedMatrix& part : w.parts) {
    kernels::linear({.weight = part.panel(0),
                     .panel_bytes = part.panel_bytes(),
                     .format = part.format(),
                     .n_out = part.rows(),
                     .k = part.k(),
                     .x = x.raw(),
                     .x_dtype = x.dtype(),
                     .x_stride = x.stride(0),
                     .rows = x.dim(0),
                     .bias = w.bias.defined() ? w.bias.data<float>() + first : nullptr,
                     .residual = residual ? residual->data<float>() + first : nullptr,
                     .residual_stride = residual ? residual->stride(0) : 0,
                     .y = y.data<float>() + first,
                     .y_stride = w.n_out()},
                    ctx.executor());
    first += part.rows();
  }
  return y;
}

Tape* recording_linear(const Tensor& x, const Linear& w, Context& ctx) {
  Tape* const tape = ctx.tape();
  if (!tape) return nullptr;
  for (const PackedMatrix& part : w.parts) {
    if (tape->find(part)) return tape;
  }
  return recording(ctx, {&x, &w.bias});
}

}  // namespace

Tensor linear(const Tensor& x, const Linear& w, Context& ctx) {
  Tensor y = run_linear(x, w, nullptr, ctx);
  if (Tape* const tape = recording_linear(x, w, ctx)) {
    tape->record(y, [x, w, tape](const Tensor& dy, Context& c) {
      const TapeScope on(c, tape);
      linear_backward(x, w, dy, c);
    });
  }
  return y;
}

Tensor linear_add(const Tensor& x, const Linear& w, const Tensor& residual, Context& ctx) {
  Tensor y = run_linear(x, w, &residual, ctx);
  Tape* const tape = ctx.tape();
  if (tape && (recording_linear(x, w, ctx) || tape->wants(residual))) {
    tape->record(y, [x, w, residual, tape](const Tensor& dy, Context& c) {
      const TapeScope on(c, tape);
      linear_backward(x, w, dy, c);
      if (tape->wants(residual)) tape->give(residual, dy, c);
    });
  }
  return y;
}

Tensor embedding(std::span<const TokenId> ids, const PackedMatrix& table, Context& ctx) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= table.rows()) {
      fail<InputError>(
          "[embedding] token {} has id {}, but the model knows ids 0 to {}. Does the tokenizer "
          "belong to this model?",
          i, ids[i], table.rows() - 1);
    }
  }
  const auto n = static_cast<int64_t>(ids.size());
  Tensor y = ctx.empty({n, table.k()}, DType::kF32);
  float* out = y.data<float>();
  ctx.threads().parallel_for(n, 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      table.unpack_row(ids[static_cast<std::size_t>(i)], out + i * table.k());
    }
  });
  const MatrixGradient* const trained = ctx.tape() ? ctx.tape()->find(table) : nullptr;
  if (trained) {
    ctx.tape()->record(y, [at = std::vector<std::int32_t>(ids.begin(), ids.end()),
                           grad = trained->grad](const Tensor& dy, Context& c) {
      kernels::scatter_add({.x = dy.data<float>(),
                            .x_stride = dy.stride(0),
                            .at = at.data(),
                            .weights = nullptr,
                            .y = grad.data<float>(),
                            .y_stride = grad.stride(0),
                            .rows = dy.dim(0),
                            .n = dy.dim(1)},
                           c.executor());
    });
  }
  return y;
}

}  // namespace pangu::ops
