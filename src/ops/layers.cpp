// SPDX-License-Identifier: Apache-2.0
#include "ops/layers.h"

#include <cstring>

#include "kernels/rms_norm/rms_norm.h"
#include "kernels/rope/rope.h"
#include "kernels/silu_mul/silu_mul.h"

namespace pangu::ops {
namespace {

void check_output_type(const char* op, DType out) {
  if (out != DType::kF32 && out != DType::kBF16) {
    fail<Unsupported>("[{}] results cannot be {}; f32 and bf16 are supported.", op, name(out));
  }
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
  if (!(eps > 0.0f)) {
    fail<ConfigError>("[rms_norm] eps is {}; it must be positive (config key rms_norm_eps).", eps);
  }
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
  return y;
}

Tensor rope(const Tensor& x, const RopeAngles& angles, Context& ctx) {
  if (x.rank() != 3 || x.dim(2) % 2 != 0 || angles.cos.shape() != Shape{x.dim(0), x.dim(2) / 2} ||
      angles.sin.shape() != angles.cos.shape()) {
    fail<ShapeError>("[rope] x is {} but the angles are {}; [T, H, D] and [T, D / 2] are needed.",
                     x.shape(), angles.cos.shape());
  }
  Tensor y = ctx.empty(x.shape(), DType::kF32);
  kernels::rope({.x = x.data<float>(),
                 .x_token_stride = x.stride(0),
                 .x_head_stride = x.stride(1),
                 .cos = angles.cos.data<float>(),
                 .sin = angles.sin.data<float>(),
                 .y = y.data<float>(),
                 .tokens = x.dim(0),
                 .heads = x.dim(1),
                 .head_dim = x.dim(2)},
                ctx.executor());
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
  return y;
}

}  // namespace pangu::ops
