// SPDX-License-Identifier: Apache-2.0
#include "ops/linear.h"

#include "ops/launch.h"
#include "ops/scatter_add_rows.h"
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
  static const Tensor kNone;
  Tensor y = ctx.empty(out, DType::kF32);
  const bool is_whole = w.parts.size() == 1;
  int64_t first = 0;  // output of the part
  for (const PackedMatrix& part : w.parts) {
    const int64_t n = part.rows();
    kernels::LinearArgs args{.panel_bytes = part.panel_bytes(),
                             .format = part.format(),
                             .n_out = n,
                             .k = part.k(),
                             .x_dtype = x.dtype(),
                             .x_stride = x.stride(0),
                             .rows = x.dim(0),
                             .residual_stride = residual ? residual->stride(0) : 0,
                             .y_stride = w.n_out()};
    launch(&OpTable::linear, args,
           {reads(args.weight, part), reads(args.x, x), after(reads(args.bias, w.bias), first),
            after(reads(args.residual, residual ? *residual : kNone), first),
            after(is_whole ? writes(args.y, y) : updates(args.y, y), first)},
           ctx);
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

Tensor unpack_rows(const PackedMatrix& w, int64_t first, std::span<const TokenId> ids, int64_t n,
                   Context& ctx) {
  Tensor y = ctx.empty({n, w.k()}, DType::kF32);
  kernels::UnpackRowsArgs args{.panel_bytes = w.panel_bytes(),
                               .format = w.format(),
                               .k = w.k(),
                               .ids = ids.data(),
                               .first = first,
                               .rows = n};
  launch(&OpTable::unpack_rows, args, {reads(args.weight, w), writes(args.y, y)}, ctx);
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
  Tensor y = unpack_rows(table, 0, ids, std::ssize(ids), ctx);
  const MatrixGradient* const trained = ctx.tape() ? ctx.tape()->find(table) : nullptr;
  if (trained) {
    ctx.tape()->record(
        y, [at = std::vector<std::int32_t>(ids.begin(), ids.end()), grad = trained->grad](
               const Tensor& dy, Context& c) { scatter_add(dy, at, {}, grad, c); });
  }
  return y;
}

}  // namespace pangu::ops
