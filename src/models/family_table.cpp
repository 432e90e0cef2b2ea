// SPDX-License-Identifier: Apache-2.0
#include "models/family_table.h"

#include "models/dense/dense.h"

namespace pangu {
namespace {

/// openPangu-Embedded, Pangu Ultra, Llama, Mistral, Qwen 2 and 3.
constexpr ModelFamily kDenseFamily{
    .name = "dense", .tensors = &dense_tensors, .build = &build_dense, .walk = &walk_dense};

}  // namespace

const ModelFamily& family_of(const ModelConfig& config) {
  switch (config.row().family) {
    case Family::kDense:
      break;
  }
  return kDenseFamily;
}

std::span<const TensorRow> tensor_rows(const ModelConfig& config) {
  return family_of(config).tensors(config);
}

std::unique_ptr<LayerWalk> walk_layers(const ModelConfig& config, WeightSource& source,
                                       std::vector<Batch> texts, Context& ctx) {
  return family_of(config).walk(config, source, std::move(texts), ctx);
}

}  // namespace pangu
