// SPDX-License-Identifier: Apache-2.0
#include "models/weights/trainable_model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <utility>

#include "base/counter_rng.h"
#include "base/hash.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "models/family_table.h"
#include "models/weights/finite_weights.h"
#include "models/weights/output_head.h"
#include "models/weights/stored_tensors.h"
#include "quant/float_rows.h"
#include "quant/pack_rows.h"

namespace pangu {
namespace {

/// Normally distributed numbers as a function of seed, tensor and place (Box & Muller 1958).
void fill_normal(const Tensor& x, std::uint64_t seed, double std, Context& ctx) {
  float* out = x.data<float>();
  const int64_t n = x.count();
  ctx.threads().parallel_for((n + 1) / 2, 4096, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto at = static_cast<std::uint64_t>(2 * i);
      const double u = 1.0 - uniform(seed, at, RandomStream::kInitialWeight);  // in (0, 1]
      const double angle =
          2.0 * std::numbers::pi * uniform(seed, at + 1, RandomStream::kInitialWeight);
      const double radius = std * std::sqrt(-2.0 * std::log(u));
      out[2 * i] = static_cast<float>(radius * std::cos(angle));
      if (2 * i + 1 < n) out[2 * i + 1] = static_cast<float>(radius * std::sin(angle));
    }
  });
}

double initial_norm(TensorRole role, double layers) {
  if (role == TensorRole::kAttentionPostNorm) return 0.283 / std::sqrt(layers);
  if (role == TensorRole::kMlpPostNorm) return 0.432 / std::sqrt(layers);
  return 1;
}

double initial_std(const TensorSpec& spec, const InitialWeights& initial, const ModelConfig& c) {
  const auto layers = static_cast<double>(c.n_layers);
  if (initial.kind == Initializer::kTiny) {
    if (spec.role == TensorRole::kEmbedding) return 0.5;
    return std::sqrt(1 / (2 * static_cast<double>(c.hidden_size) * layers));
  }
  return ends_branch(spec.role) ? initial.std * (1.0 / std::sqrt(2.0 * layers)) : initial.std;
}

void fill_initial(const TensorSpec& spec, const Tensor& x, const InitialWeights& initial,
                  const ModelConfig& config, Context& ctx) {
  if (spec.is_matrix()) {
    fill_normal(x, initial.seed ^ fnv1a(spec.name), initial_std(spec, initial, config), ctx);
    return;
  }
  const double value =
      spec.is_bias ? 0 : initial_norm(spec.role, static_cast<double>(config.n_layers));
  std::fill_n(x.data<float>(), static_cast<std::size_t>(x.count()), static_cast<float>(value));
}

void fill_stored(const TensorSpec& spec, const Tensor& x, WeightSource& source, Context& ctx) {
  if (!spec.is_matrix()) {
    const std::vector<float> values = source.vector(spec.name, spec.rows);
    require_finite(values, spec.name);
    std::copy(values.begin(), values.end(), x.data<float>());
    return;
  }
  const int64_t k = spec.k;
  const StoredMatrix m = source.matrix(spec.name, spec.rows, k);
  ctx.threads().parallel_for(m.rows, 16, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      float* const row = x.data<float>() + r * k;
      decode_row(m.row(r), k, row);
      if (all_finite(row, k)) continue;
      require_finite({row, static_cast<std::size_t>(k)}, fmt::format("{}, row {}", spec.name, r));
    }
  });
  source.release(spec.name);
}

}  // namespace

/// Makes masters with their packed forms, in the order a forward pass reads them.
class TrainableModel::Builder final : public WeightMaker {
 public:
  /// `tensors` are those that the model is to have.
  Builder(TrainableModel& out, const ModelConfig& config, const std::vector<TensorSpec>& tensors,
          Fill fill, Context& ctx)
      : out_(out), config_(config), fill_(std::move(fill)), ctx_(ctx) {
    for (const TensorSpec& t : tensors) {
      if (t.is_bias) biases_.emplace(t.name, t);
    }
  }

  Tensor vector(const TensorSpec& spec) override {
    const Mirror value = make({spec.rows}), grad = make({spec.rows});
    add(spec, value.on_host(), grad.on_host());
    out_.vectors_.push_back({value, grad});
    return value.on_device();
  }

  Linear linear(const std::vector<TensorSpec>& weights) override {
    int64_t rows = 0;
    bool has_bias = false;
    for (const TensorSpec& w : weights) {
      rows += w.rows;
      has_bias = has_bias || bias_of(w);
    }
    const Matrix m = make_matrix(rows, weights.front().k);
    std::optional<Vector> biases;
    if (has_bias) biases = Vector{make({rows}), make({rows})};
    for (int64_t first = 0; const TensorSpec& w : weights) {
      add(w, m.value.on_host().rows(first, w.rows), m.grad.on_host().rows(first, w.rows));
      if (const TensorSpec* const bias = bias_of(w)) {
        add(*bias, biases->value.on_host().rows(first, w.rows),
            biases->grad.on_host().rows(first, w.rows));
      }
      first += w.rows;
    }
    if (biases) out_.vectors_.push_back(*biases);
    return {{m.packed}, biases ? biases->value.on_device() : Tensor{}};
  }

  PackedMatrix embedding() override {
    table_ = linear({tensor_of(config_, TensorRole::kEmbedding)});
    return config_.tie_word_embeddings ? PackedMatrix() : table_.parts.front();
  }

  Linear head() override {
    return config_.tie_word_embeddings ? table_ : linear({tensor_of(config_, TensorRole::kHead)});
  }

 private:
  const TensorSpec* bias_of(const TensorSpec& weight) const {
    const auto found = biases_.find(bias_name(weight));
    return found == biases_.end() ? nullptr : &found->second;
  }

  Matrix make_matrix(int64_t rows, int64_t k) {
    const WeightFormat format =
        ctx_.dtype() == DType::kBF16 ? WeightFormat::kBF16 : WeightFormat::kF32;
    out_.matrices_.push_back(
        {PackedMatrix(ctx_.packed_form(format), rows, k), make({rows, k}), make({rows, k})});
    return out_.matrices_.back();
  }

  Mirror make(Shape shape) { return Mirror(ctx_.zeros(shape, DType::kF32)); }

  void add(const TensorSpec& spec, const Tensor& value, const Tensor& grad) {
    fill_(spec, value);
    out_.tensors_.push_back({spec, value, grad});
  }

  TrainableModel& out_;
  const ModelConfig& config_;
  Linear table_;
  std::map<std::string, TensorSpec> biases_;
  Fill fill_;
  Context& ctx_;
};

TrainableModel::TrainableModel(const ModelConfig& config, const InitialWeights& initial,
                               Context& ctx) {
  std::vector<TensorSpec> tensors = model_tensors(config);
  std::erase_if(tensors, [](const TensorSpec& t) { return !t.is_expected; });
  build(
      config, tensors,
      [&](const TensorSpec& spec, const Tensor& x) { fill_initial(spec, x, initial, config, ctx); },
      ctx);
}

TrainableModel::TrainableModel(const ModelConfig& config, WeightSource& source, Context& ctx) {
  ModelConfig actual = with_actual_head(config, source);
  actual.quantization.reset();
  build(
      actual, stored_tensors(actual, source),
      [&](const TensorSpec& spec, const Tensor& x) { fill_stored(spec, x, source, ctx); }, ctx);
}

void TrainableModel::build(const ModelConfig& config, const std::vector<TensorSpec>& tensors,
                           const Fill& fill, Context& ctx) {
  Builder make(*this, config, tensors, fill, ctx);
  model_ = family_of(config).build(config, make);
  repack(ctx);
}

void TrainableModel::track(Tape& tape) const {
  for (const Matrix& m : matrices_) {
    m.grad.upload();
    tape.track(m.packed, m.value.on_device(), m.grad.on_device());
  }
  for (const Vector& v : vectors_) {
    v.grad.upload();
    tape.track(v.value.on_device(), v.grad.on_device());
  }
}

void TrainableModel::take_gradients() const {
  for (const Matrix& m : matrices_) m.grad.download();
  for (const Vector& v : vectors_) v.grad.download();
}

void TrainableModel::repack(Context& ctx) {
  for (Matrix& m : matrices_) {
    pack_f32(m.packed, m.value.values().data(), ctx.threads());
    m.value.upload();
  }
  for (const Vector& v : vectors_) v.value.upload();
}

void TrainableModel::save(const std::filesystem::path& folder, DType dtype) const {
  ModelConfig config = model_->config();
  config.dtype = dtype;
  write_json(folder / "config.json", to_json(config));
  std::vector<SafetensorsEntry> entries;
  for (const TrainableTensor& t : tensors_) {
    std::vector<std::int64_t> shape;
    for (int i = 0; i < t.value.rank(); ++i) shape.push_back(t.value.dim(i));
    const std::span values(t.value.data<float>(), static_cast<std::size_t>(t.value.count()));
    SafetensorsEntry entry{.name = t.spec.name, .dtype = dtype, .shape = std::move(shape)};
    if (dtype == DType::kF32) {
      entry.data = std::as_bytes(values);
    } else {
      entry.produce = [values](const ByteSink& sink) {
        std::vector<bf16> rounded(values.size());
        std::ranges::transform(values, rounded.begin(), to_bf16);
        sink(std::as_bytes(std::span(rounded)));
      };
    }
    entries.push_back(std::move(entry));
  }
  write_safetensors(folder / "model.safetensors", entries, {{"format", "pt"}});
}

}  // namespace pangu
