// SPDX-License-Identifier: Apache-2.0
#include "models/weight_source.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
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
    return {t.data.data(), t.dtype, rows, k};
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
      : config_(config), dtype_(dtype) {
    std::mt19937_64 rng(seed);
    std::normal_distribution<float> normal(0.0f, 0.02f);
    // Matrices start at different places of one table; its length is prime, so that rows do not
    // repeat.
    values_.resize(kPeriod);
    std::generate(values_.begin(), values_.end(), [&] { return normal(rng); });
  }

  bool has(const std::string& name) const override {
    const auto ends = [&](std::string_view tail) { return std::string_view(name).ends_with(tail); };
    if (ends("q_proj.bias") || ends("k_proj.bias") || ends("v_proj.bias")) return config_.qkv_bias;
    if (ends("o_proj.bias")) return config_.o_bias;
    if (ends("_proj.bias")) return config_.mlp_bias;
    if (ends("q_norm.weight") || ends("k_norm.weight")) return config_.row().has_qk_norm;
    if (name == "lm_head.weight") return !config_.tie_word_embeddings;
    return true;
  }

  SourceMatrix matrix(const std::string& name, int64_t rows, int64_t k) override {
    const auto n = static_cast<std::size_t>(rows * k);
    std::vector<std::byte>& storage = storage_[name];
    storage.resize(n * size_bytes(dtype_));
    std::size_t at = std::hash<std::string>{}(name) % kPeriod;
    visit_float(dtype_, [&]<class T>() {
      T* out = reinterpret_cast<T*>(storage.data());
      for (std::size_t i = 0; i < n; ++i) {
        out[i] = from_f32<T>(values_[at]);
        if (++at == kPeriod) at = 0;
      }
    });
    return {storage.data(), dtype_, rows, k};
  }

  std::vector<float> vector(const std::string& name, int64_t n) override {
    if (name.ends_with("norm.weight")) return std::vector<float>(static_cast<std::size_t>(n), 1.0f);
    std::vector<float> values(static_cast<std::size_t>(n));
    const std::size_t at = std::hash<std::string>{}(name) % kPeriod;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = values_[(at + i) % kPeriod];
    return values;
  }

  void release(const std::string& name) override { storage_.erase(name); }
  std::vector<std::string> names() const override { return {}; }

 private:
  static constexpr std::size_t kPeriod = 1048573;

  ModelConfig config_;
  DType dtype_;
  std::vector<float> values_;
  std::map<std::string, std::vector<std::byte>> storage_;
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
