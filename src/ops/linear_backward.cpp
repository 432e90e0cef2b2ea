// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/add/add.h"
#include "kernels/gemm/gemm.h"
#include "ops/linear.h"
#include "ops/tape.h"

namespace pangu::ops {
namespace {

kernels::GemmOperand rows_of(const Tensor& x) {
  return {.data = x.raw(), .dtype = x.dtype(), .line_stride = x.stride(0), .k_stride = 1};
}

kernels::GemmOperand columns_of(const Tensor& x) {
  return {.data = x.raw(), .dtype = x.dtype(), .line_stride = 1, .k_stride = x.stride(0)};
}

/// Rows of a packed matrix of any format that are unpacked at a time: the cache holds them until
/// the product is done with them.
constexpr int64_t kUnpackedWeights = int64_t{1} << 19;

void unpack_rows(const PackedMatrix& w, int64_t first, const Tensor& out, Context& ctx) {
  ctx.threads().parallel_for(out.dim(0), 16, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      w.unpack_row(first + r, out.data<float>() + r * w.k());
    }
  });
}

/// dx (+)= dy w
void add_input_gradient(const Tensor& dy, const Tensor& w, const Tensor& dx, bool accumulate,
                        Context& ctx) {
  kernels::gemm({.m = dy.dim(0),
                 .n = w.dim(1),
                 .k = w.dim(0),
                 .a = rows_of(dy),
                 .b = columns_of(w),
                 .c = dx.data<float>(),
                 .c_stride = dx.stride(0),
                 .accumulate = accumulate,
                 .arithmetic = ctx.dtype()},
                ctx.executor());
}

/// The same from the packed form, some rows of w at a time.
void add_input_gradient(const Tensor& dy, const PackedMatrix& w, const Tensor& dx, bool accumulate,
                        Context& ctx) {
  const int64_t step = std::max<int64_t>(64, kUnpackedWeights / w.k());
  const Tensor buffer = ctx.empty({std::min(step, w.rows()), w.k()}, DType::kF32);
  for (int64_t first = 0; first < w.rows(); first += step) {
    const Tensor rows = buffer.rows(0, std::min(step, w.rows() - first));
    unpack_rows(w, first, rows, ctx);
    add_input_gradient(dy.columns(first, rows.dim(0)), rows, dx, accumulate || first > 0, ctx);
  }
}

/// dw += dyᵀ x
void add_weight_gradient(const Tensor& dy, const Tensor& x, const Tensor& dw, Context& ctx) {
  kernels::gemm({.m = dw.dim(0),
                 .n = dw.dim(1),
                 .k = dy.dim(0),
                 .a = columns_of(dy),
                 .b = columns_of(x),
                 .c = dw.data<float>(),
                 .c_stride = dw.stride(0),
                 .accumulate = true,
                 .arithmetic = ctx.dtype()},
                ctx.executor());
}

}  // namespace

void linear_backward(const Tensor& x, const Linear& w, const Tensor& dy, Context& ctx) {
  Tape& tape = *ctx.tape();
  const bool wants_x = tape.wants(x);
  Tape::Slot dx = wants_x ? tape.slot(x, ctx) : Tape::Slot{};
  int64_t first = 0;  // output of the part
  for (const PackedMatrix& part : w.parts) {
    const Tensor dy_part = dy.columns(first, part.rows());
    const MatrixGradient* const trained = tape.find(part);
    if (trained) add_weight_gradient(dy_part, x, trained->grad, ctx);
    if (wants_x) {
      if (trained && trained->value.defined()) {
        add_input_gradient(dy_part, trained->value, dx.grad, dx.accumulate, ctx);
      } else {
        add_input_gradient(dy_part, part, dx.grad, dx.accumulate, ctx);
      }
      dx.accumulate = true;
    }
    first += part.rows();
  }
  if (w.bias.defined() && tape.wants(w.bias)) {
    const Tensor dbias = tape.sum_slot(w.bias, ctx);
    kernels::add_column_sums({.x = dy.data<float>(),
                              .x_stride = dy.stride(0),
                              .y = dbias.data<float>(),
                              .rows = dy.dim(0),
                              .n = dy.dim(1)},
                             ctx.executor());
  }
}

}  // namespace pangu::ops
