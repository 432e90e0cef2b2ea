// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ops/launch.h"
#include "ops/linear.h"
#include "ops/matmul.h"
#include "ops/tape.h"

namespace pangu::ops {
namespace {

/// Rows of a packed matrix of any format that are unpacked at a time: the cache holds them until
/// the product is done with them.
constexpr int64_t kUnpackedWeights = int64_t{1} << 19;

/// dx (+)= dy w from the packed form, some rows of w at a time.
void add_input_gradient(const Tensor& dy, const PackedMatrix& w, const Tensor& dx, bool accumulate,
                        Context& ctx) {
  const int64_t step = std::max<int64_t>(64, kUnpackedWeights / w.k());
  for (int64_t first = 0; first < w.rows(); first += step) {
    const Tensor rows = unpack_rows(w, first, {}, std::min(step, w.rows() - first), ctx);
    matmul({dy.columns(first, rows.dim(0))}, {rows}, dx, accumulate || first > 0, ctx);
  }
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
    if (trained) matmul({dy_part, true}, {x}, trained->grad, true, ctx);
    if (wants_x) {
      if (trained && trained->value.defined()) {
        matmul({dy_part}, {trained->value}, dx.grad, dx.accumulate, ctx);
      } else {
        add_input_gradient(dy_part, part, dx.grad, dx.accumulate, ctx);
      }
      dx.accumulate = true;
    }
    first += part.rows();
  }
  if (w.bias.defined() && tape.wants(w.bias)) {
    const Tensor dbias = tape.sum_slot(w.bias, ctx);
    kernels::ColumnSumsArgs args{.x_stride = dy.stride(0), .rows = dy.dim(0), .n = dy.dim(1)};
    launch(&OpTable::add_column_sums, args, {reads(args.x, dy), updates(args.y, dbias)}, ctx);
  }
}

}  // namespace pangu::ops
