// SPDX-License-Identifier: Apache-2.0
// With P the probabilities and D_r the sum of y dy over a row:
//   dV = Pᵀ dY,   dS = P (dY Vᵀ - D) scale,   dQ = dS K,   dK = dSᵀ Q.
#include <algorithm>

#include "kernels/document_attention/attention_products.h"
#include "kernels/document_attention/document_attention.h"
#include "kernels/document_attention/score_block.h"

namespace pangu::kernels {
namespace {

/// One key/value head of one document: no other task touches its gradients.
class HeadGradients {
 public:
  HeadGradients(const DocumentAttentionBackwardArgs& args, const GemmKernel& gemm,
                const ScoreBlockKernels& kernels)
      : args_(args), gemm_(gemm), kernels_(kernels) {}

  void run(const DocumentRows& document, int64_t kv_head) {
    document_ = document;
    const int64_t group = args_.in.n_heads / args_.in.n_kv_heads;
    for (int64_t key = 0; key < document.count; key += kKeyBlock) {
      pack_keys(key, kv_head);
      for (int64_t h = kv_head * group; h < (kv_head + 1) * group; ++h) {
        // Queries before the block see none of its keys.
        for (int64_t q = key / kQueryBlock * kQueryBlock; q < document.count; q += kQueryBlock) {
          take(q, h, kv_head);
        }
      }
    }
  }

 private:
  void pack_keys(int64_t key, int64_t g) {
    const DocumentAttentionInput& in = args_.in;
    const int64_t D = in.head_dim, row = document_.first + key;
    key_ = key;
    n_keys_ = std::min(kKeyBlock, document_.count - key);
    const float *k = in.k + row * in.k_stride + g * D, *v = in.v + row * in.v_stride + g * D;
    keys_as_columns_.pack(gemm_, {k, DType::kF32, in.k_stride, 1}, n_keys_, D);
    values_as_columns_.pack(gemm_, {v, DType::kF32, in.v_stride, 1}, n_keys_, D);
    keys_.pack(gemm_, {k, DType::kF32, 1, in.k_stride}, D, n_keys_);
  }

  void take(int64_t query, int64_t h, int64_t g) {
    const DocumentAttentionInput& in = args_.in;
    const int64_t H = in.n_heads, D = in.head_dim, row = document_.first + query;
    const int64_t rows = std::min(kQueryBlock, document_.count - query);
    const float* q = in.q + row * in.q_stride + h * D;
    const float *y = args_.y + (row * H + h) * D, *dy = args_.dy + (row * H + h) * D;
    float delta[kQueryBlock];
    for (int64_t r = 0; r < rows; ++r) {
      float sum = 0.0f;
      for (int64_t i = 0; i < D; ++i) sum += y[r * H * D + i] * dy[r * H * D + i];
      delta[r] = sum;
    }
    multiply_block(gemm_, {q, in.q_stride, 1}, rows, keys_as_columns_, scores_, kKeyBlock, false);
    multiply_block(gemm_, {dy, H * D, 1}, rows, values_as_columns_, d_, kKeyBlock, false);
    kernels_.gradient({scores_, kKeyBlock, rows, n_keys_, query - key_ + 1, in.scale},
                      {d_, args_.log_sums + row * H + h, H, delta});

    const int64_t key_row = document_.first + key_;
    queries_.pack(gemm_, {q, DType::kF32, 1, in.q_stride}, D, rows);
    dy_.pack(gemm_, {dy, DType::kF32, 1, H * D}, D, rows);
    multiply_block(gemm_, {scores_, 1, kKeyBlock}, n_keys_, dy_,
                   args_.dv + key_row * args_.dv_stride + g * D, args_.dv_stride, true);
    multiply_block(gemm_, {d_, 1, kKeyBlock}, n_keys_, queries_,
                   args_.dk + key_row * args_.dk_stride + g * D, args_.dk_stride, true);
    multiply_block(gemm_, {d_, kKeyBlock, 1}, rows, keys_, args_.dq + row * args_.dq_stride + h * D,
                   args_.dq_stride, true);
  }

  const DocumentAttentionBackwardArgs& args_;
  const GemmKernel& gemm_;
  const ScoreBlockKernels& kernels_;
  DocumentRows document_{};
  int64_t key_ = 0, n_keys_ = 0;
  PackedBlock keys_as_columns_, values_as_columns_, keys_, queries_, dy_;
  alignas(64) float scores_[kQueryBlock * kKeyBlock];
  alignas(64) float d_[kQueryBlock * kKeyBlock];
};

}  // namespace

void document_attention_backward(const DocumentAttentionBackwardArgs& args, const Executor& on) {
  const GemmKernel& gemm = gemm_kernel(DType::kF32, on.isa);
  const ScoreBlockKernels kernels = score_block_kernels(on.isa);
  const int64_t G = args.in.n_kv_heads, n = std::ssize(args.in.documents) * G;
  on.threads.parallel_for(n, 1, [&](int64_t first, int64_t last) {
    HeadGradients head(args, gemm, kernels);
    for (int64_t t = first; t < last; ++t) {
      head.run(args.in.documents[static_cast<std::size_t>(t / G)], t % G);
    }
  });
}

}  // namespace pangu::kernels
