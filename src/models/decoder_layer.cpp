// SPDX-License-Identifier: Apache-2.0
// T tokens in this pass, of any sequences; H query heads, G key/value heads, D head size, E hidden
// size, F MLP width. The residual stream x is f32; what enters a matrix product has ctx.dtype().
#include "models/decoder_layer.h"

#include <cmath>
#include <utility>

#include "base/error.h"
#include "ops/causal_attention.h"

namespace pangu {

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
    case TensorRole::kMlpNorm:
      return mlp_norm;
    default:
      fail<Unsupported>("[model] a decoder layer has no norm of role {}.", static_cast<int>(role));
  }
}

Tensor attention_heads(const DecoderLayer& w, const Tensor& x, const AttentionPass& pass,
                       Context& ctx) {
  using namespace ops;
  const ModelConfig& c = pass.config;
  const int64_t H = c.n_heads, G = c.n_kv_heads, D = c.head_dim;
  const auto eps = static_cast<float>(c.rms_norm_eps);

  const Tensor h = rms_norm(x, w.attn_norm, eps, ctx.dtype(), ctx);  // [T, E]
  const Tensor qkv = linear(h, w.qkv, ctx);                          // [T, (H + 2 G) D]
  Tensor q = qkv.columns(0, H * D).split_last(H, D);
  Tensor k = qkv.columns(H * D, G * D).split_last(G, D);
  const Tensor v = qkv.columns((H + G) * D, G * D).split_last(G, D);
  if (w.q_norm.defined()) q = rms_norm(q, w.q_norm, eps, DType::kF32, ctx);
  if (w.k_norm.defined()) k = rms_norm(k, w.k_norm, eps, DType::kF32, ctx);
  q = rope(q, pass.angles, ctx);
  k = rope(k, pass.angles, ctx);
  const float scale = 1.0f / std::sqrt(static_cast<float>(D));
  if (!pass.cache) return causal_attention(q, k, v, pass.batch, scale, ctx.dtype(), ctx);
  kv_append(k, v, pass.batch, *pass.cache, pass.layer, ctx);
  return attention(q, pass.batch, *pass.cache, pass.layer, scale, ctx.dtype(), ctx);
}

Tensor mlp_neurons(const DecoderLayer& w, const Tensor& x, const ModelConfig& c, Context& ctx) {
  using namespace ops;
  const Tensor f =
      rms_norm(x, w.mlp_norm, static_cast<float>(c.rms_norm_eps), ctx.dtype(), ctx);  // [T, E]
  return silu_mul(linear(f, w.gate_up, ctx), ctx.dtype(), ctx);
}

}  // namespace pangu
