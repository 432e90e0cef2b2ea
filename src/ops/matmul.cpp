// SPDX-License-Identifier: Apache-2.0
#include "ops/matmul.h"

#include "ops/launch.h"

namespace pangu::ops {
namespace {

int64_t rows_of(const Factor& f) {
  return f.x.dim(f.transposed ? 1 : 0);
}
int64_t columns_of(const Factor& f) {
  return f.x.dim(f.transposed ? 0 : 1);
}

void check(const Factor& a, const Factor& b, const Tensor& c) {
  if (a.x.rank() == 2 && b.x.rank() == 2 && c.rank() == 2 && columns_of(a) == rows_of(b) &&
      c.dim(0) == rows_of(a) && c.dim(1) == columns_of(b)) {
    return;
  }
  fail<ShapeError>("[matmul] {}{} times {}{} cannot give {}.", a.x.shape(),
                   a.transposed ? " transposed" : "", b.x.shape(),
                   b.transposed ? " transposed" : "", c.shape());
}

}  // namespace

void matmul(const Factor& a, const Factor& b, const Tensor& c, bool accumulate, DType arithmetic,
            Context& ctx) {
  check(a, b, c);
  // Lines of the left side are its rows, of the right side its columns.
  kernels::GemmArgs args{.m = c.dim(0),
                         .n = c.dim(1),
                         .k = columns_of(a),
                         .a = {.dtype = a.x.dtype(),
                               .line_stride = a.transposed ? 1 : a.x.stride(0),
                               .k_stride = a.transposed ? a.x.stride(0) : 1},
                         .b = {.dtype = b.x.dtype(),
                               .line_stride = b.transposed ? b.x.stride(0) : 1,
                               .k_stride = b.transposed ? 1 : b.x.stride(0)},
                         .c_stride = c.stride(0),
                         .accumulate = accumulate,
                         .arithmetic = arithmetic};
  launch(&OpTable::gemm, args,
         {reads(args.a.data, a.x), reads(args.b.data, b.x), updates(args.c, c)}, ctx);
}

void matmul(const Factor& a, const Factor& b, const Tensor& c, bool accumulate, Context& ctx) {
  matmul(a, b, c, accumulate, ctx.dtype(), ctx);
}

void host_matmul(const HostFactor& a, const HostFactor& b, float* c, int64_t c_stride, int64_t m,
                 int64_t n, int64_t k, bool accumulate, const Executor& on) {
  host_ops().gemm({.m = m,
                   .n = n,
                   .k = k,
                   .a = {.data = a.data,
                         .dtype = a.dtype,
                         .line_stride = a.row_stride,
                         .k_stride = a.column_stride},
                   .b = {.data = b.data,
                         .dtype = b.dtype,
                         .line_stride = b.column_stride,
                         .k_stride = b.row_stride},
                   .c = c,
                   .c_stride = c_stride,
                   .accumulate = accumulate,
                   .arithmetic = DType::kF32},
                  on);
}

}  // namespace pangu::ops
