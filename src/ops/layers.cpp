// SPDX-License-Identifier: Apache-2.0
#include "ops/layers.h"

#include <cstring>
#include <vector>

#include "kernels/add/add.h"
#include "kernels/gelu/gelu.h"
#include "kernels/layer_norm/layer_norm.h"
#include "kernels/rms_norm/rms_norm.h"
#include "kernels/rms_norm/rms_norm_backward.h"
#include "kernels/rope/rope.h"
#include "kernels/silu_mul/silu_mul.h"
#include "kernels/silu_mul/silu_mul_backward.h"
#include "ops/tape.h"

namespace pangu::ops {
namespace {

void check_output_type(const char* op, DType out) {
  if (out != DType::kF32 && out != DType::kBF16) {
    fail<Unsupported>("[{}] results cannot be {}; f32 and bf16 are supported.", op, name(out));
  }
}

void check_eps(const char* op, const char* key, float eps) {
  if (!(eps > 0.0f)) {
    fail<ConfigError>("[{}] eps is {}; it must be positive (config key {}).", op, eps, key);
  }
}

void rms_norm_backward(const Tensor& x, const Tensor& weight, float eps, const Tensor& dy,
                       Tape& tape, Context& ctx) {
  const bool has_heads = x.rank() == 3;
  const Tape::Slot dx = tape.slot(x, ctx);
  float* const dweight = tape.wants(weight) ? tape.sum_slot(weight, ctx).data<float>() : nullptr;
  kernels::rms_norm_backward({.x = x.data<float>(),
                              .x_token_stride = x.stride(0),
                              .x_head_stride = has_heads ? x.stride(1) : 0,
                              .weight = weight.data<float>(),
                              .eps = eps,
                              .dy = dy.data<float>(),
                              .dx = dx.grad.data<float>(),
                              .dx_token_stride = dx.grad.stride(0),
                              .dx_head_stride = has_heads ? dx.grad.stride(1) : 0,
                              .accumulate = dx.accumulate,
                              .dweight = dweight,
                              .tokens = x.dim(0),
                              .heads = has_heads ? x.dim(1) : 1,
                              .n = x.dim(-1)},
                             ctx.executor());
}

void layer_norm_backward(const Tensor& x, const Tensor& weight, const Tensor& bias, float eps,
                         const Tensor& dy, Tape& tape, Context& ctx) {
  const Tape::Slot dx = tape.slot(x, ctx);
  const auto sums_of = [&](const Tensor& parameter) {
    const bool wanted = parameter.defined() && tape.wants(parameter);
    return wanted ? tape.sum_slot(parameter, ctx).data<float>() : nullptr;
  };
  kernels::layer_norm_backward({.x = x.data<float>(),
                                .x_stride = x.stride(0),
                                .weight = weight.data<float>(),
                                .eps = eps,
                                .dy = dy.data<float>(),
                                .dx = dx.grad.data<float>(),
                                .dx_stride = dx.grad.stride(0),
                                .accumulate = dx.accumulate,
                                .dweight = sums_of(weight),
                                .dbias = sums_of(bias),
                                .tokens = x.dim(0),
                                .n = x.dim(1)},
                               ctx.executor());
}

struct Turn {
  bool inverse, accumulate;
};

void turn(const Tensor& x, const RopeAngles& angles, const Tensor& y, const Turn& how,
          Context& ctx) {
  kernels::rope({.x = x.data<float>(),
                 .x_token_stride = x.stride(0),
                 .x_head_stride = x.stride(1),
                 .cos = angles.cos.data<float>(),
                 .sin = angles.sin.data<float>(),
                 .y = y.data<float>(),
                 .y_token_stride = y.stride(0),
                 .y_head_stride = y.stride(1),
                 .tokens = x.dim(0),
                 .heads = x.dim(1),
                 .head_dim = x.dim(2),
                 .inverse = how.inverse,
                 .accumulate = how.accumulate},
                ctx.executor());
}

}  // namespace

Tensor rms_norm(const Tensor& x, const Tensor& weight, float eps, DType out, Context& ctx) {
  check_output_type("rms_norm", out);
  if (x.rank() < 2 || x.rank() > 3 || weight.shape() != Shape{x.dim(-1)}) {
    fail<ShapeError>(
        "[rms_norm] weight is {} but x is {}: one weight per column is needed. Does this norm "
        "belong to another layer or model?",
        weight.shape(), x.shape());
  }
  check_eps("rms_norm", "rms_norm_eps", eps);
  const bool has_heads = x.rank() == 3;
  Tensor y = ctx.empty(x.shape(), out);
  kernels::rms_norm({.x = x.data<float>(),
                     .x_token_stride = x.stride(0),
                     .x_head_stride = has_heads ? x.stride(1) : 0,
                     .weight = weight.data<float>(),
                     .eps = eps,
                     .y = y.raw(),
                     .y_dtype = out,
                     .tokens = x.dim(0),
                     .heads = has_heads ? x.dim(1) : 1,
                     .n = x.dim(-1)},
                    ctx.executor());
  if (Tape* const tape = recording(ctx, {&x, &weight})) {
    tape->record(y, [x, weight, eps, tape](const Tensor& dy, Context& c) {
      rms_norm_backward(x, weight, eps, dy, *tape, c);
    });
  }
  return y;
}

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, float eps, DType out,
                  Context& ctx) {
  check_output_type("layer_norm", out);
  if (x.rank() != 2 || weight.shape() != Shape{x.dim(1)} ||
      (bias.defined() && bias.shape() != weight.shape())) {
    fail<ShapeError>(
        "[layer_norm] x is {}, weight {}, bias {}: [T, n] and a weight per column are needed.",
        x.shape(), weight.shape(), bias.shape());
  }
  check_eps("layer_norm", "layer_norm_eps", eps);
  Tensor y = ctx.empty(x.shape(), out);
  kernels::layer_norm({.x = x.data<float>(),
                       .x_stride = x.stride(0),
                       .weight = weight.data<float>(),
                       .bias = bias.defined() ? bias.data<float>() : nullptr,
                       .eps = eps,
                       .y = y.raw(),
                       .y_dtype = out,
                       .tokens = x.dim(0),
                       .n = x.dim(1)},
                      ctx.executor());
  if (Tape* const tape = recording(ctx, {&x, &weight, &bias})) {
    tape->record(y, [x, weight, bias, eps, tape](const Tensor& dy, Context& c) {
      layer_norm_backward(x, weight, bias, eps, dy, *tape, c);
    });
  }
  return y;
}

Tensor silu_mul(const Tensor& gate_up, DType out, Context& ctx) {
  check_output_type("silu_mul", out);
  if (gate_up.rank() != 2 || gate_up.dim(1) % 2 != 0) {
    fail<ShapeError>("[silu_mul] gate_up is {}; [T, 2 n] is needed.", gate_up.shape());
  }
  const int64_t n = gate_up.dim(1) / 2;
  Tensor y = ctx.empty({gate_up.dim(0), n}, out);
  kernels::silu_mul({.gate_up = gate_up.data<float>(),
                     .stride = gate_up.stride(0),
                     .y = y.raw(),
                     .y_dtype = out,
                     .tokens = gate_up.dim(0),
                     .n = n},
                    ctx.executor());
  if (Tape* const tape = recording(ctx, {&gate_up})) {
    tape->record(y, [gate_up, n, tape](const Tensor& dy, Context& c) {
      const Tape::Slot d = tape->slot(gate_up, c);
      kernels::silu_mul_backward({.gate_up = gate_up.data<float>(),
                                  .stride = gate_up.stride(0),
                                  .dy = dy.data<float>(),
                                  .dgate_up = d.grad.data<float>(),
                                  .dstride = d.grad.stride(0),
                                  .accumulate = d.accumulate,
                                  .tokens = gate_up.dim(0),
                                  .n = n},
                                 c.executor());
    });
  }
  return y;
}

Tensor gelu(const Tensor& x, DType out, Context& ctx) {
  check_output_type("gelu", out);
  if (!x.is_contiguous()) fail<ShapeError>("[gelu] x {} is strided.", x.shape());
  Tensor y = ctx.empty(x.shape(), out);
  kernels::gelu({.x = x.data<float>(), .y = y.raw(), .y_dtype = out, .count = x.count()},
                ctx.executor());
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(y, [x, tape](const Tensor& dy, Context& c) {
      const Tape::Slot dx = tape->slot(x, c);
      kernels::gelu_backward({.x = x.data<float>(),
                              .dy = dy.data<float>(),
                              .dx = dx.grad.data<float>(),
                              .accumulate = dx.accumulate,
                              .count = x.count()},
                             c.executor());
    });
  }
  return y;
}

Tensor rope(const Tensor& x, const RopeAngles& angles, Context& ctx) {
  if (x.rank() != 3 || x.dim(2) % 2 != 0 || angles.cos.shape() != Shape{x.dim(0), x.dim(2) / 2} ||
      angles.sin.shape() != angles.cos.shape()) {
    fail<ShapeError>("[rope] x is {} but the angles are {}; [T, H, D] and [T, D / 2] are needed.",
                     x.shape(), angles.cos.shape());
  }
  Tensor y = ctx.empty(x.shape(), DType::kF32);
  turn(x, angles, y, {.inverse = false, .accumulate = false}, ctx);
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(y, [x, angles, tape](const Tensor& dy, Context& c) {
      const Tape::Slot dx = tape->slot(x, c);
      turn(dy, angles, dx.grad, {.inverse = true, .accumulate = dx.accumulate}, c);
    });
  }
  return y;
}

Tensor gather_rows(const Tensor& x, std::span<const std::int32_t> rows, Context& ctx) {
  Tensor y = ctx.empty({static_cast<int64_t>(rows.size()), x.dim(1)}, x.dtype());
  const std::size_t element = size_bytes(x.dtype());
  const std::size_t row_bytes = static_cast<std::size_t>(x.dim(1)) * element;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] < 0 || rows[i] >= x.dim(0)) {
      fail<ShapeError>("[gather_rows] row {} is not within {}.", rows[i], x.shape());
    }
    std::memcpy(y.raw() + i * row_bytes,
                x.raw() + static_cast<std::size_t>(rows[i] * x.stride(0)) * element, row_bytes);
  }
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(
        y, [x, at = std::vector(rows.begin(), rows.end()), tape](const Tensor& dy, Context& c) {
          const Tensor dx = tape->sum_slot(x, c);
          kernels::scatter_add({.x = dy.data<float>(),
                                .x_stride = dy.stride(0),
                                .at = at.data(),
                                .weights = nullptr,
                                .y = dx.data<float>(),
                                .y_stride = dx.stride(0),
                                .rows = dy.dim(0),
                                .n = dy.dim(1)},
                               c.executor());
        });
  }
  return y;
}

}  // namespace pangu::ops
