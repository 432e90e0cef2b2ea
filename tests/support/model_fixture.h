// SPDX-License-Identifier: Apache-2.0
// Loading small models and running them in every way the engine offers, for cross-layer tests.
#pragma once

#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "io/checkpoint.h"
#include "models/weights/load.h"
#include "ops/host.h"
#include "runtime/cache/kv_cache.h"
#include "tests/support/support.h"

namespace pangu::test {

/// The elements of a tensor that lies in a file.
template <class T>
std::vector<T> elements(const TensorView& view) {
  std::vector<T> out(view.data.size() / sizeof(T));
  std::memcpy(out.data(), view.data.data(), view.data.size());
  return out;
}

/// The sets of instructions that tests of whole models go through. A sanitizer has seen those of
/// kernels go through all: the plain ones, those that every test machine has, and the best.
inline std::vector<Isa> model_isas() {
  std::vector<Isa> isas = supported_isas();
  const Isa best = isas.back();
  if (kSanitized) {
    std::erase_if(isas, [&](Isa isa) {
      return isa != Isa::kRef && isa != Isa::kAvx2 && isa != Isa::kNeon && isa != best;
    });
  }
  return isas;
}

struct LoadedModel {
  std::unique_ptr<Context> ctx;
  std::unique_ptr<LanguageModel> network;
  std::optional<KvFormat> kv = {};  ///< by default that of the arithmetic

  KvFormat kv_format() const { return kv.value_or(exact_kv_format(ctx->dtype())); }
};

inline LoadedModel load_model(const std::string& name, const ContextOptions& options) {
  const auto folder = shared_dir() / "models" / name;
  LoadedModel m;
  m.ctx = std::make_unique<Context>(options);
  const Checkpoint checkpoint = Checkpoint::open(folder);
  const ModelConfig config = read_model_config(folder);
  const auto source = checkpoint_source(checkpoint, config.quantization);
  m.network = load_language_model(config, *source, {}, *m.ctx);
  return m;
}

/// A small random model, for tests that need no golden.
inline LoadedModel random_model(const ModelConfig& config, const ContextOptions& options,
                                WeightFormat weights = WeightFormat::kBF16) {
  LoadedModel m;
  m.ctx = std::make_unique<Context>(options);
  const auto source = random_source(config, DType::kF32, seed());
  m.network = load_language_model(config, *source, {.formats = {.layers = weights}}, *m.ctx);
  return m;
}

/// A sequence of its own in a cache of its own.
class Runner {
 public:
  Runner(LoadedModel& m, int64_t positions)
      : m_(m),
        cache_(m.network->kv_shape(m.kv_format()), positions, m.ctx->shared_device()),
        id_(cache_.create()) {}

  /// Appends tokens in one pass and returns the logits of each, row by row.
  std::vector<float> feed(std::span<const TokenId> tokens) {
    Batch batch;
    cache_.append(id_, tokens, Logits::kAll, batch);
    const Tensor logits = to_host(m_.network->forward(batch, cache_.storage(), *m_.ctx));
    const float* data = logits.data<float>();
    return {data, data + logits.count()};
  }

  KvCache& cache() { return cache_; }
  SequenceId id() const { return id_; }

 private:
  LoadedModel& m_;
  KvCache cache_;
  SequenceId id_;
};

/// ||a - b|| / ||b||
inline double relative_error(std::span<const float> a, std::span<const float> b) {
  double diff = 0, norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    diff += (double(a[i]) - b[i]) * (double(a[i]) - b[i]);
    norm += double(b[i]) * b[i];
  }
  return std::sqrt(diff / norm);
}

}  // namespace pangu::test
