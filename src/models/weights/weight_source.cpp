// SPDX-License-Identifier: Apache-2.0
#include "models/weights/weight_source.h"

#include <algorithm>
#include <random>

#include "base/error.h"
#include "base/hash.h"
#include "models/schema.h"
#include "models/weights/foreign_quantization.h"
#include "quant/float_rows.h"

namespace pangu {
namespace {

bool is_float(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16;
}

class CheckpointSource : public WeightSource {
 public:
  CheckpointSource(const Checkpoint& checkpoint,
                   const std::optional<QuantizationConfig>& quantization)
      : checkpoint_(checkpoint), quantization_(quantization) {}

  bool has(const std::string& name) const override { return checkpoint_.find(name) != nullptr; }
  std::string place() const override { return checkpoint_.folder().string(); }

  StoredMatrix matrix(const std::string& name, int64_t rows, int64_t k) override {
    const FormatInfo& format = format_info(format_of(name, {rows, k}));
    require_block(format, k, name);
    StoredMatrix m{.format = format.format, .rows = rows, .k = k};
    const auto parts = format.stored_parts();
    StoredMatrix::Part* const to[] = {&m.data, &m.scales, &m.zeros};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const TensorView& t =
          checkpoint_.require(name + std::string(parts[i].suffix), {rows, parts[i].columns(k)});
      if (t.dtype != parts[i].dtype) {
        fail<FileError>(
            "[load] {}: tensor {} holds {}, but {} weights keep {} there. Was the file "
            "changed after it was quantized? Quantize it again.",
            checkpoint_.folder().string(), t.name, pangu::name(t.dtype), format.name,
            pangu::name(parts[i].dtype));
      }
      *to[i] = {t.data.data(), static_cast<std::size_t>(parts[i].columns(k)) * size_bytes(t.dtype)};
    }
    return m;
  }

  std::vector<float> vector(const std::string& name, int64_t n) override {
    const TensorView& t = checkpoint_.require(name, {n});
    if (!is_float(t.dtype)) refuse(t);
    std::vector<float> values(static_cast<std::size_t>(n));
    load_as_f32(t.data.data(), t.dtype, n, values.data());
    return values;
  }

  void release(const std::string& name) override {
    for (const std::string_view suffix : kSuffixes) {
      if (const TensorView* t = checkpoint_.find(name + std::string(suffix))) checkpoint_.drop(*t);
    }
  }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const std::string& name : checkpoint_.names()) {
      if (!belongs_to_another(name)) names.push_back(name);
    }
    return names;
  }

 private:
  static constexpr std::string_view kSuffixes[] = {"", "_scale", "_zero"};

  /// Whether a tensor holds the scales or zero points of a quantized matrix.
  bool belongs_to_another(std::string_view name) const {
    for (const std::string_view suffix : kSuffixes) {
      if (suffix.empty() || !name.ends_with(suffix)) continue;
      const TensorView* t = checkpoint_.find(name.substr(0, name.size() - suffix.size()));
      if (t && !is_float(t->dtype)) return true;
    }
    return false;
  }

  WeightFormat format_of(const std::string& name, std::initializer_list<int64_t> shape) const {
    const TensorView* t = checkpoint_.find(name);
    if (!t || is_float(t->dtype)) return exact_format(checkpoint_.require(name, shape).dtype);
    if (quantization_) return quantization_->format_of(name);
    // The published W8A16 checkpoints say nothing in config.json.
    if (t->dtype == DType::kI8 && checkpoint_.find(name + "_scale")) return WeightFormat::kW8A16;
    refuse(*t);
  }

  [[noreturn]] void refuse(const TensorView& t) const {
    fail<Unsupported>(
        "[load] {}: tensor {} holds {}; f32, f16 and bf16 weights are supported, and those that "
        "`pangu quantize` writes. Is it a quantized checkpoint of another program?",
        checkpoint_.folder().string(), t.name, name(t.dtype));
  }

  const Checkpoint& checkpoint_;
  std::optional<QuantizationConfig> quantization_;
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
    const auto tensor = find_tensor(config_, name);
    return tensor && tensor->is_expected;
  }

  StoredMatrix matrix(const std::string& name, int64_t rows, int64_t k) override {
    const std::size_t element = size_bytes(dtype_);
    return {.format = exact_format(dtype_),
            .rows = rows,
            .k = k,
            .data = {stored_.data() + start(name) * element, kRowStep * element},
            .scales = {},
            .zeros = {}};
  }

  std::vector<float> vector(const std::string& name, int64_t n) override {
    const auto tensor = find_tensor(config_, name);
    if (tensor && !tensor->is_bias) return std::vector<float>(static_cast<std::size_t>(n), 1.0f);
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
  static std::size_t start(const std::string& name) { return fnv1a(name) % kStarts; }

  ModelConfig config_;
  DType dtype_;
  std::vector<float> values_;
  std::vector<std::byte> stored_;
};

}  // namespace

std::unique_ptr<WeightSource> checkpoint_source(
    const Checkpoint& checkpoint, const std::optional<QuantizationConfig>& quantization) {
  if (!quantization) refuse_foreign_quantization(checkpoint);
  return std::make_unique<CheckpointSource>(checkpoint, quantization);
}

std::unique_ptr<WeightSource> random_source(const ModelConfig& config, DType dtype,
                                            std::uint64_t seed) {
  return std::make_unique<RandomSource>(config, dtype, seed);
}

}  // namespace pangu
