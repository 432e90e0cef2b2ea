// SPDX-License-Identifier: Apache-2.0
#include "ops/silu_mul.h"

#include "ops/argument_checks.h"
#include "ops/launch.h"
#include "ops/tape.h"

namespace pangu::ops {

Tensor silu_mul(const Tensor& gate_up, DType out, Context& ctx) {
  check_output_type("silu_mul", out);
  if (gate_up.rank() != 2 || gate_up.dim(1) % 2 != 0) {
    fail<ShapeError>("[silu_mul] gate_up is {}; [T, 2 n] is needed.", gate_up.shape());
  }
  const int64_t n = gate_up.dim(1) / 2;
  Tensor y = ctx.empty({gate_up.dim(0), n}, out);
  kernels::SiluMulArgs args{
      .stride = gate_up.stride(0), .y_dtype = out, .tokens = gate_up.dim(0), .n = n};
  launch(&OpTable::silu_mul, args, {reads(args.gate_up, gate_up), writes(args.y, y)}, ctx);
  if (Tape* const tape = recording(ctx, {&gate_up})) {
    tape->record(y, [gate_up, n, tape](const Tensor& dy, Context& c) {
      const Tape::Slot d = tape->slot(gate_up, c);
      kernels::SiluMulBackwardArgs back{.stride = gate_up.stride(0),
                                        .dstride = d.grad.stride(0),
                                        .accumulate = d.accumulate,
                                        .tokens = gate_up.dim(0),
                                        .n = n};
      launch(&OpTable::silu_mul_backward, back,
             {reads(back.gate_up, gate_up), reads(back.dy, dy), updates(back.dgate_up, d.grad)}, c);
    });
  }
  return y;
}

}  // namespace pangu::ops
