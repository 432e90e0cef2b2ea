// SPDX-License-Identifier: Apache-2.0
// T tokens in this pass, of any sequences; H query heads, G key/value heads, D head size, E hidden
// size, F MLP width.
#include "models/dense/layer.h"

#include <cmath>
#include <utility>

#include "base/error.h"
#include "ops/add.h"
#include "ops/document_attention.h"
#include "ops/rms_norm.h"
#include "ops/silu_mul.h"

namespace pangu {
namespace {

/// x + w input, where the norm is there x + norm(w input).
Tensor branch_sum(const Linear& w, const Tensor& norm, float eps, const Tensor& input,
                  const Tensor& x, Context& ctx) {
  if (!norm.defined()) return ops::linear_add(input, w, x, ctx);
  const Tensor y = ops::linear(input, w, ctx);
  return ops::add(x, ops::rms_norm(y, norm, eps, DType::kF32, ctx), ctx);
}

}  // namespace

const Linear& DecoderLayer::linear(TensorInput input) const {
  switch (input) {
    case TensorInput::kAttentionNorm:
      return qkv;
    case TensorInput::kHeads:
      return o;
    case TensorInput::kMlpNorm:
      return gate_up;
    case TensorInput::kNeurons:
      return down;
    case TensorInput::kNone:
    case TensorInput::kFinalNorm:
      break;
  }
  fail<Unsupported>("[model] no product of a decoder layer reads input {}.",
                    static_cast<int>(input));
}

Linear& DecoderLayer::linear(TensorInput input) {
  return const_cast<Linear&>(std::as_const(*this).linear(input));
}

Tensor& DecoderLayer::norm(TensorRole role) {
  switch (role) {
    case TensorRole::kAttentionNorm:
      return attn_norm;
    case TensorRole::kQueryNorm:
      return q_norm;
    case TensorRole::kKeyNorm:
      return k_norm;
    case TensorRole::kAttentionPostNorm:
      return attn_post_norm;
    case TensorRole::kMlpNorm:
      return mlp_norm;
    case TensorRole::kMlpPostNorm:
      return mlp_post_norm;
    default:
      fail<Unsupported>("[model] a decoder layer has no norm of role {}.", static_cast<int>(role));
  }
}

Tensor attention_input(const DecoderLayer& w, const Tensor& x, Context& ctx) {
  return ops::rms_norm(x, w.attn_norm, w.eps, ctx.dtype(), ctx);
}

Tensor attention_heads(const DecoderLayer& w, const Tensor& input, const AttentionPass& pass,
                       Context& ctx) {
  using namespace ops;
  const ModelConfig& c = pass.config;
  const int64_t H = c.n_heads, G = c.n_kv_heads, D = c.head_dim;

  const Tensor qkv = linear(input, w.qkv, ctx);  // [T, (H + 2 G) D]
  Tensor q = qkv.columns(0, H * D).split_last(H, D);
  Tensor k = qkv.columns(H * D, G * D).split_last(G, D);
  const Tensor v = qkv.columns((H + G) * D, G * D).split_last(G, D);
  if (w.q_norm.defined()) q = rms_norm(q, w.q_norm, w.eps, DType::kF32, ctx);
  if (w.k_norm.defined()) k = rms_norm(k, w.k_norm, w.eps, DType::kF32, ctx);
  q = rope(q, pass.angles, ctx);
  k = rope(k, pass.angles, ctx);
  const float scale = 1.0f / std::sqrt(static_cast<float>(D));
  if (!pass.cache) return document_attention(q, k, v, pass.batch, scale, ctx.dtype(), ctx);
  kv_append(k, v, pass.batch, *pass.cache, pass.layer, ctx);
  return paged_attention(q, pass.batch, *pass.cache, pass.layer, scale, ctx.dtype(), ctx);
}

Tensor attention_sum(const DecoderLayer& w, const Tensor& heads, const Tensor& x, Context& ctx) {
  return branch_sum(w.o, w.attn_post_norm, w.eps, heads, x, ctx);
}

Tensor mlp_input(const DecoderLayer& w, const Tensor& x, Context& ctx) {
  return ops::rms_norm(x, w.mlp_norm, w.eps, ctx.dtype(), ctx);
}

Tensor mlp_neurons(const DecoderLayer& w, const Tensor& input, Context& ctx) {
  return ops::silu_mul(ops::linear(input, w.gate_up, ctx), ctx.dtype(), ctx);
}

Tensor mlp_sum(const DecoderLayer& w, const Tensor& neurons, const Tensor& x, Context& ctx) {
  return branch_sum(w.down, w.mlp_post_norm, w.eps, neurons, x, ctx);
}

}  // namespace pangu
