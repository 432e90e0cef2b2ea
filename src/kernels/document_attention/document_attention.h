// SPDX-License-Identifier: Apache-2.0
// Attention over whole documents, as training sees them: y = softmax(scale q kᵀ) v, each token over
// its own document up to itself, grouped-query, with its gradients.
//
// Scores exist a block at a time, in both directions; between them only the logarithm of each
// row's sum is kept. Source: Dao 2023, "FlashAttention-2", arXiv:2307.08691. The products are tiles
// of gemm.h. Sums do not depend on the number of threads.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/variant.h"
#include "pangu/dtype.h"

namespace pangu::kernels {

/// Consecutive rows that attend to one another.
struct DocumentRows {
  int64_t first, count;
};

/// Heads lie back to back within a token; strides are elements from token to token.
struct DocumentAttentionInput {
  const float *q = nullptr, *k = nullptr, *v = nullptr;  ///< [T, H, D], [T, G, D], [T, G, D]
  int64_t q_stride, k_stride, v_stride;
  int64_t n_heads, n_kv_heads, head_dim;
  float scale;
  std::span<const DocumentRows> documents;
};

struct DocumentAttentionArgs {
  DocumentAttentionInput in;
  float* y = nullptr;         ///< contiguous [T, H, D]
  float* log_sums = nullptr;  ///< [T, H]: log of the sum of exp(scale q k), or null
};

struct DocumentAttentionBackwardArgs {
  DocumentAttentionInput in;
  const float *y = nullptr, *dy = nullptr;            ///< contiguous [T, H, D]
  const float* log_sums = nullptr;                    ///< [T, H]
  float *dq = nullptr, *dk = nullptr, *dv = nullptr;  ///< as q, k, v; added to
  int64_t dq_stride, dk_stride, dv_stride;
};

void document_attention(const DocumentAttentionArgs& args, const Executor& on);
void document_attention_backward(const DocumentAttentionBackwardArgs& args, const Executor& on);

}  // namespace pangu::kernels
