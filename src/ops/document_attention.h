// SPDX-License-Identifier: Apache-2.0
// Attention over whole documents that are in the batch from their first token: no cache.
#pragma once

#include "ops/batch.h"
#include "ops/context.h"

namespace pangu::ops {

/// softmax(scale q kᵀ) v of each token over its sequence up to itself, grouped-query; nothing of
/// size tokens x tokens is made.
/// q f32 [T, H, D], k and v f32 [T, G, D] with H a multiple of G, heads back to back within a
/// token; every row belongs to one of the batch's sequences, which all start at position 0.
/// Returns [T, H * D] of type `out` (f32 or bf16).
/// Throws ShapeError if the sizes do not fit, InputError for a sequence that starts later.
/// Source: Dao 2023, "FlashAttention-2", arXiv:2307.08691.
Tensor document_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Batch& batch,
                          float scale, DType out, Context& ctx);

}  // namespace pangu::ops
