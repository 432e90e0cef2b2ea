// SPDX-License-Identifier: Apache-2.0
#include "ops/add.h"

#include "ops/launch.h"
#include "ops/tape.h"

namespace pangu::ops {

void add_rows(const Tensor& x, const Tensor& y, bool accumulate, Context& ctx) {
  kernels::AddRowsArgs args{.x_stride = x.stride(0),
                            .y_stride = y.stride(0),
                            .accumulate = accumulate,
                            .rows = x.dim(0),
                            .n = x.dim(0) > 0 ? x.count() / x.dim(0) : 0};
  launch(&OpTable::add_rows, args, {reads(args.x, x), updates(args.y, y)}, ctx);
}

Tensor add(const Tensor& a, const Tensor& b, Context& ctx) {
  if (a.rank() != 2 || a.shape() != b.shape()) {
    fail<ShapeError>("[add] a is {} and b is {}; two [T, n] of one shape are needed.", a.shape(),
                     b.shape());
  }
  Tensor y = ctx.empty(a.shape(), DType::kF32);
  add_rows(a, y, false, ctx);
  add_rows(b, y, true, ctx);
  if (Tape* const tape = recording(ctx, {&a, &b})) {
    tape->record(y, [a, b, tape](const Tensor& dy, Context& c) {
      for (const Tensor& x : {a, b}) {
        if (!tape->wants(x)) continue;
        const Tape::Slot dx = tape->slot(x, c);
        add_rows(dy, dx.grad, dx.accumulate, c);
      }
    });
  }
  return y;
}

}  // namespace pangu::ops
