// SPDX-License-Identifier: Apache-2.0
#include "ops/document_attention.h"

#include <vector>

#include "ops/launch.h"
#include "ops/tape.h"

namespace pangu::ops {
namespace {

/// What both directions need; keeps the tensors alive. Addresses are for launch() to add.
struct Attended {
  Tensor q, k, v;
  std::vector<kernels::DocumentRows> documents;
  float scale;

  kernels::DocumentAttentionInput args() const {
    return {.q_stride = q.stride(0),
            .k_stride = k.stride(0),
            .v_stride = v.stride(0),
            .n_heads = q.dim(1),
            .n_kv_heads = k.dim(1),
            .head_dim = q.dim(2),
            .scale = scale,
            .documents = documents};
  }
};

void check(const Tensor& q, const Tensor& k, const Tensor& v, const Batch& batch) {
  const auto fits = [&](const Tensor& x) {
    return x.rank() == 3 && x.dim(0) == batch.size() && x.dim(2) == q.dim(2) &&
           x.stride(1) == x.dim(2);
  };
  if (!fits(q) || !fits(k) || !fits(v) || k.dim(1) != v.dim(1) || q.dim(1) % k.dim(1) != 0) {
    fail<ShapeError>(
        "[document_attention] q is {}, k {}, v {}; [{}, H, D] and [{}, G, D] with H a multiple of "
        "G "
        "and heads back to back are needed.",
        q.shape(), k.shape(), v.shape(), batch.size(), batch.size());
  }
}

std::vector<kernels::DocumentRows> documents_of(const Batch& batch) {
  std::vector<kernels::DocumentRows> documents;
  int64_t rows = 0;
  for (const kernels::SequenceRows& s : batch.sequences) {
    if (s.start != 0) {
      fail<InputError>(
          "[document_attention] a sequence starts at position {}; without a cache, whole "
          "sequences are needed.",
          s.start);
    }
    if (s.first_row != rows || s.n_rows < 1) {
      fail<ShapeError>("[document_attention] a sequence has rows {} to {}; the next row is {}.",
                       s.first_row, s.first_row + s.n_rows, rows);
    }
    documents.push_back({s.first_row, s.n_rows});
    rows += s.n_rows;
  }
  if (rows != batch.size()) {
    fail<ShapeError>("[document_attention] the sequences have {} rows of {}.", rows, batch.size());
  }
  return documents;
}

/// Products take f32 or bf16; the gradient needs the exact result.
Tensor as_type(const Tensor& x, DType dtype, Context& ctx) {
  if (dtype == DType::kF32) return x;
  Tensor y = ctx.empty(x.shape(), dtype);
  kernels::RoundToBf16Args args{.count = x.count()};
  launch(&OpTable::round_to_bf16, args, {reads(args.x, x), writes(args.y, y)}, ctx);
  return y;
}

void run_backward(const Attended& in, const Tensor& y, const Tensor& log_sums, const Tensor& dy,
                  Tape& tape, Context& ctx) {
  const Tensor dq = tape.sum_slot(in.q, ctx), dk = tape.sum_slot(in.k, ctx);
  const Tensor dv = tape.sum_slot(in.v, ctx);
  kernels::DocumentAttentionBackwardArgs args{.in = in.args(),
                                              .dq_stride = dq.stride(0),
                                              .dk_stride = dk.stride(0),
                                              .dv_stride = dv.stride(0)};
  launch(&OpTable::document_attention_backward, args,
         {reads(args.in.q, in.q), reads(args.in.k, in.k), reads(args.in.v, in.v), reads(args.y, y),
          reads(args.dy, dy), reads(args.log_sums, log_sums), updates(args.dq, dq),
          updates(args.dk, dk), updates(args.dv, dv)},
         ctx);
}

}  // namespace

Tensor document_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Batch& batch,
                          float scale, DType out, Context& ctx) {
  check(q, k, v, batch);
  const Attended in{q, k, v, documents_of(batch), scale};
  Tape* const tape = recording(ctx, {&q, &k, &v});
  const Tensor y = ctx.empty({q.dim(0), q.dim(1) * q.dim(2)}, DType::kF32);
  const Tensor log_sums = tape ? ctx.empty({q.dim(0), q.dim(1)}, DType::kF32) : Tensor{};
  kernels::DocumentAttentionArgs args{.in = in.args()};
  launch(&OpTable::document_attention, args,
         {reads(args.in.q, q), reads(args.in.k, k), reads(args.in.v, v), writes(args.y, y),
          writes(args.log_sums, log_sums)},
         ctx);
  Tensor result = as_type(y, out, ctx);
  if (tape) {
    tape->record(result, [in, y, log_sums, tape](const Tensor& dy, Context& c) {
      run_backward(in, y, log_sums, dy, *tape, c);
    });
  }
  return result;
}

}  // namespace pangu::ops
