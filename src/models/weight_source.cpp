// SPDX-License-Identifier: Apache-2.0
#include "models/weight_source.h"

#include <algorithm>
#include <random>

#include "base/error.h"
#include "quant/float_rows.h"

namespace pangu {
namespace {

class CheckpointSource : public WeightSource {
 public:
  explicit CheckpointSource(const Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  bool has(const std::string& name) const override { return checkpoint_.find(name) != nullptr; }

  SourceMatrix matrix(const std::string& name, int64_t rows, int64_t k) override {
    const TensorView& t = checkpoint_.require(name, {rows, k});
    check_float(t);
    return {t.data.data(), t.dtype, k};
  }

  std::vector<float> vector(const std::string& name, int64_t n) override {
    const TensorView& t = checkpoint_.require(name, {n});
    check_float(t);
    std::vector<float> values(static_cast<std::size_t>(n));
    load_as_f32(t.data.data(), t.dtype, n, values.data());
    return values;
  }

  void release(const std::string& name) override {
    if (const TensorView* t = checkpoint_.find(name)) checkpoint_.drop(*t);
  }

  std::vector<std::string> names() const override { return checkpoint_.names(); }

 private:
  void check_float(const TensorView& t) const {
    if (t.dtype != DType::kF32 && t.dtype != DType::kF16 && t.dtype != DType::kBF16) {
      fail<Unsupported>(
          "[load] {}: tensor {} holds {}; f32, f16 and bf16 weights are supported. Is it a "
          "quantized checkpoint of another program?",
          checkpoint_.folder().string(), t.name, name(t.dtype));
    }
  }

  const Checkpoint& checkpoint_;
};

class RandomSource : public WeightSource {
 public:
  RandomSource(const ModelConfig& config, DType dtype, std::uint64_t seed)
      : config_(config), dtype_(dtype), values_(table_size(config)) {
    std::mt19937_64 rng(seed);
    std::normal_distribution<float> normal(0.0f, 0.02f);
    std::generate(values_.begin(), values_.end(), [&] { return normal(rng); });
    stored_.resize(values_.size() * size_bytes(dtype));
    visit_float(dtype, [&]<class T>() {
      std::transform(values_.begin(), values_.end(), reinterpret_cast<T*>(stored_.data()),
                     [](float x) { return from_f32<T>(x); });
    });
  }

  bool has(const std::string& name) const override {
    const auto ends = [&](std::string_view tail) { return std::string_view(name).ends_with(tail); };
    if (ends("q_proj.bias") || ends("k_proj.bias") || ends("v_proj.bias")) return config_.qkv_bias;
    if (ends("o_proj.bias")) return config_.o_bias;
    if (ends("_proj.bias")) return config_.mlp_bias;
    if (ends("q_norm.weight") || ends("k_norm.weight")) return config_.row().has_qk_norm;
    if (name == "lm_head.weight") return !config_.tie_word_embeddings;
    return name != "lm_head.bias";
  }

  SourceMatrix matrix(const std::string& name, int64_t, int64_t) override {
    return {stored_.data() + start(name) * size_bytes(dtype_), dtype_, kRowStep};
  }

  std::vector<float> vector(const std::string& name, int64_t n) override {
    if (name.ends_with("norm.weight")) return std::vector<float>(static_cast<std::size_t>(n), 1.0f);
    const auto first = values_.begin() + static_cast<std::ptrdiff_t>(start(name));
    return {first, first + n};
  }

  void release(const std::string&) override {}
  std::vector<std::string> names() const override { return {}; }

 private:
  static constexpr int64_t kRowStep = 7;
  static constexpr std::size_t kStarts = 65521;

  /// Enough for the matrix with the most rows and for the longest row, from any start.
  static std::size_t table_size(const ModelConfig& c) {
    int64_t widest =
        std::max({c.vocab_size, c.hidden_size, (c.n_heads + 2 * c.n_kv_heads) * c.head_dim});
    for (const int64_t f : c.intermediate_size) widest = std::max(widest, 2 * f);
    return kStarts + static_cast<std::size_t>(widest * (kRowStep + 1));
  }

  /// Tensors begin at different places, the same ones in every run.
  static std::size_t start(const std::string& name) {
    std::size_t h = 14695981039346656037u;  // FNV-1a
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return h % kStarts;
  }

  ModelConfig config_;
  DType dtype_;
  std::vector<float> values_;
  std::vector<std::byte> stored_;
};

}  // namespace

std::unique_ptr<WeightSource> checkpoint_source(const Checkpoint& checkpoint) {
  return std::make_unique<CheckpointSource>(checkpoint);
}

std::unique_ptr<WeightSource> random_source(const ModelConfig& config, DType dtype,
                                            std::uint64_t seed) {
  return std::make_unique<RandomSource>(config, dtype, seed);
}

}  // namespace pangu
