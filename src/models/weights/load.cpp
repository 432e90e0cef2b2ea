// SPDX-License-Identifier: Apache-2.0
#include "models/weights/load.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/family_table.h"
#include "models/parameter_count.h"
#include "models/weights/finite_weights.h"
#include "models/weights/output_head.h"
#include "models/weights/stored_tensors.h"
#include "ops/host.h"
#include "quant/pack_rows.h"

namespace pangu {
namespace {

class Packer final : public WeightMaker {
 public:
  Packer(const ModelConfig& config, WeightSource& source, LoadWeightsOptions options, Context& ctx)
      : config_(config), source_(source), options_(std::move(options)), ctx_(ctx) {
    total_ = parameter_count(config).total();
  }

  Tensor vector(const TensorSpec& spec) override {
    return store(take_vector(spec.name, spec.rows));
  }

  /// One table serves as embedding and as head, unless they are to have different formats.
  PackedMatrix embedding() override {
    const TensorSpec spec = tensor_of(config_, TensorRole::kEmbedding);
    if (!config_.tie_word_embeddings) return table(spec, WeightPart::kEmbedding);
    const auto planned = [&](WeightPart part) {
      return plan_format(options_.formats, part, spec.k);
    };
    const bool is_shared = planned(WeightPart::kHead) == planned(WeightPart::kEmbedding);
    PackedMatrix own = is_shared ? PackedMatrix() : table(spec, WeightPart::kEmbedding);
    head_ = {{table(spec, WeightPart::kHead)}, {}};
    return own;
  }

  Linear head() override {
    if (config_.tie_word_embeddings) return std::move(head_);
    return linear({tensor_of(config_, TensorRole::kHead)});
  }

  /// Matrices that share an input; biases are taken wherever the checkpoint has them.
  Linear linear(const std::vector<TensorSpec>& weights) override {
    Linear out{pack(weights, weight_part(weights.front().role)), {}};
    const auto has_bias = [&](const TensorSpec& w) { return source_.has(bias_name(w)); };
    if (!std::ranges::any_of(weights, has_bias)) return out;
    std::vector<float> bias;
    for (const TensorSpec& w : weights) {
      const auto part = has_bias(w) ? take_vector(bias_name(w), w.rows)
                                    : std::vector<float>(static_cast<std::size_t>(w.rows), 0.0f);
      bias.insert(bias.end(), part.begin(), part.end());
    }
    out.bias = store(bias);
    return out;
  }

 private:
  /// One matrix, without a bias.
  PackedMatrix table(const TensorSpec& spec, WeightPart part) {
    return std::move(pack({spec}, part).front());
  }

  std::vector<float> take_vector(const std::string& name, int64_t n) {
    advance(n);
    std::vector<float> values = source_.vector(name, n);
    require_finite(values, name);
    return values;
  }

  Tensor store(const std::vector<float>& values) {
    Tensor out = ctx_.zeros({std::ssize(values)}, DType::kF32);
    copy_from_host(out, values);
    return out;
  }

  /// The matrices one below the other; neighbours of one format share a packed one.
  std::vector<PackedMatrix> pack(const std::vector<TensorSpec>& matrices, WeightPart where) {
    const int64_t k = matrices.front().k;
    std::vector<StoredMatrix> stored;
    for (const TensorSpec& m : matrices) stored.push_back(source_.matrix(m.name, m.rows, m.k));
    const auto planned = plan_format(options_.formats, where, k);
    const auto format = [&](std::size_t i) { return planned.value_or(stored[i].format); };
    std::vector<PackedMatrix> out;
    for (std::size_t i = 0; i < stored.size();) {
      const std::size_t first = i;
      while (i < stored.size() && format(i) == format(first)) ++i;
      out.push_back(pack_together(std::span(stored).subspan(first, i - first), format(first), k,
                                  matrices[first].name));
    }
    for (const TensorSpec& m : matrices) source_.release(m.name);
    return out;
  }

  PackedMatrix pack_together(std::span<const StoredMatrix> parts, WeightFormat format, int64_t k,
                             const std::string& name) {
    std::vector<StoredRow> rows;
    for (const StoredMatrix& m : parts) {
      for (int64_t r = 0; r < m.rows; ++r) rows.push_back(m.row(r));
    }
    PackedMatrix out(ctx_.packed_form(format), std::ssize(rows), k);
    try {
      pack_rows(
          out, [&](int64_t i) { return rows[static_cast<std::size_t>(i)]; }, ctx_.threads());
    } catch (const InputError& error) {
      fail<FileError>("[load] {}, or a matrix packed with it: {}", name, error.what());
    }
    advance(out.rows() * k);
    return out;
  }

  void advance(int64_t parameters) {
    done_ += parameters;
    if (options_.progress) options_.progress("loading", std::min(done_, total_), total_);
  }

  const ModelConfig& config_;
  WeightSource& source_;
  LoadWeightsOptions options_;
  Linear head_;  ///< made of the embedding
  Context& ctx_;
  int64_t done_ = 0, total_ = 0;
};

}  // namespace

std::unique_ptr<LanguageModel> load_language_model(const ModelConfig& config, WeightSource& source,
                                                   const LoadWeightsOptions& options,
                                                   Context& ctx) {
  const ModelConfig actual = with_actual_head(config, source);
  Packer pack(actual, source, options, ctx);
  auto model = family_of(actual).build(actual, pack);
  stored_tensors(actual, source);  // refuses those that have no place
  return model;
}

std::unique_ptr<WeightMaker> stored_weights(const ModelConfig& config, WeightSource& source,
                                            const LoadWeightsOptions& options, Context& ctx) {
  return std::make_unique<Packer>(config, source, options, ctx);
}

}  // namespace pangu
