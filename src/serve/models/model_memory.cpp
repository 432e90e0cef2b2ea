// SPDX-License-Identifier: Apache-2.0
#include "serve/models/model_memory.h"

#include <algorithm>

#include "models/model_files.h"
#include "models/parameter_count.h"
#include "models/weights/weight_plan.h"
#include "ops/paged_attention.h"
#include "runtime/cache/context_length.h"
#include "runtime/engine_parts.h"
#include "runtime/speculation/draft_rows.h"

namespace pangu::serve {
namespace {

std::int64_t cache_bytes(const KvShape& shape, std::int64_t positions) {
  const double each = KvStorage::position_bytes(shape, *default_device());
  return static_cast<std::int64_t>(each * static_cast<double>(positions));
}

std::int64_t expected_weights(const ModelFiles& files, const EngineOptions& engine) {
  const WeightFormats formats =
      WeightFormats::parse(engine.format, engine.head_format, engine.embedding_format);
  if (formats == WeightFormats{}) return files.weight_bytes();
  const ParameterCount count = parameter_count(files.config);
  const std::int64_t width = files.config.hidden_size;
  const auto bytes = [&](WeightPart part, std::int64_t parameters) {
    const auto format = plan_format(formats, part, width);
    const double bits = format ? format_info(*format).bits_per_weight(width) : 16;
    return static_cast<std::int64_t>(static_cast<double>(parameters) * bits / 8);
  };
  return bytes(WeightPart::kLayer, count.attention + count.mlp + count.norms) +
         bytes(WeightPart::kHead, count.head) + bytes(WeightPart::kEmbedding, count.embedding);
}

/// Weights, and a cache of so many positions.
std::int64_t expected_of(const ModelFiles& files, const EngineOptions& engine, KvFormat kv,
                         std::int64_t positions) {
  const ModelConfig& config = files.config;
  return expected_weights(files, engine) +
         cache_bytes({config.n_layers, config.n_kv_heads, config.head_dim, kv}, positions);
}

}  // namespace

std::int64_t weight_bytes(const LanguageModel& network) {
  std::size_t bytes = 0;
  for (const WeightUse& use : network.weights()) {
    bytes += use.product != nullptr ? use.product->bytes() : use.vector->span_bytes();
  }
  const PackedMatrix& embedding = network.embedding();
  const bool is_head = embedding.buffer() == network.head().parts.front().buffer();
  return static_cast<std::int64_t>(bytes + (is_head ? 0 : embedding.bytes()));
}

std::int64_t memory_of(const Engine& engine, std::int64_t cache_positions) {
  const Model& model = EngineParts::model(engine);
  const KvFormat kv = EngineParts::kv_format(engine);
  // The engine's own cache, of one conversation, is of pages that nobody touches.
  std::int64_t out =
      weight_bytes(*model.network) + cache_bytes(model.network->kv_shape(kv), cache_positions);
  if (const Model* draft = EngineParts::draft_model(engine)) {
    out +=
        weight_bytes(*draft->network) + cache_bytes(draft->network->kv_shape(kv), cache_positions);
  }
  return out;
}

std::int64_t expected_memory(const std::filesystem::path& path, const EngineOptions& engine,
                             const BatchOptions& batch) {
  const ModelFiles files = ModelFiles::open(path);
  std::int64_t one = batch.context != 0 ? batch.context : engine.context;
  if (one == 0) one = default_context(files.config);
  const std::int64_t all =
      batch.cache_positions != 0 ? std::max(batch.cache_positions, one) : batch.max_replies * one;
  const KvFormat kv = engine.kv_format.empty() ? exact_kv_format(engine.dtype)
                                               : require_kv_format(engine.kv_format);
  const std::int64_t positions = all + fork_positions(engine.speculation);
  std::int64_t out = expected_of(files, engine, kv, positions);
  if (engine.speculation.uses_draft_model()) {
    const ModelFiles draft = ModelFiles::open(engine.speculation.draft_model);
    out += expected_of(draft, engine, kv, positions);
  }
  return out;
}

}  // namespace pangu::serve
