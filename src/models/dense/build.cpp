// SPDX-License-Identifier: Apache-2.0
#include "models/dense/build.h"

#include <utility>

#include "models/dense/decoder.h"
#include "models/dense/dense.h"

namespace pangu {

DecoderLayer build_decoder_layer(const ModelConfig& config, std::int64_t l, WeightMaker& make) {
  DecoderLayer layer;
  layer.eps = static_cast<float>(config.rms_norm_eps);
  for (const TensorSpec& t : layer_tensors(config, l)) {
    if (t.is_bias) continue;
    if (!t.is_matrix()) {
      layer.norm(t.role) = make.vector(t);
    } else if (Linear& linear = layer.linear(t.input); linear.parts.empty()) {
      linear = make.linear(fused_matrices(config, l, t.input));
    }
  }
  return layer;
}

std::unique_ptr<LanguageModel> build_dense(const ModelConfig& config, WeightMaker& make) {
  Decoder::Weights w;
  w.embedding = make.embedding();
  for (std::int64_t l = 0; l < config.n_layers; ++l) {
    w.layers.push_back(build_decoder_layer(config, l, make));
  }
  w.final_norm = make.vector(tensor_of(config, TensorRole::kFinalNorm));
  w.head = make.head();
  return std::make_unique<Decoder>(config, std::move(w));
}

}  // namespace pangu
