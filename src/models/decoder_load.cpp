// SPDX-License-Identifier: Apache-2.0
#include "models/decoder_load.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/decoder_parts.h"
#include "models/finite_weights.h"
#include "models/output_head.h"
#include "models/parameter_count.h"
#include "models/stored_tensors.h"

namespace pangu {
namespace {

class Packer {
 public:
  Packer(const ModelConfig& config, WeightSource& source, const LoadWeightsOptions& options,
         Context& ctx)
      : config_(config), source_(source), options_(options), ctx_(ctx) {
    total_ = parameter_count(config).total();
  }

  Tensor vector(const TensorSpec& spec) { return store(take_vector(spec.name, spec.rows)); }

  /// One matrix, without a bias.
  PackedMatrix table(const TensorSpec& spec, WeightPart part) {
    return std::move(pack({spec}, part).front());
  }

  /// Matrices that share an input; biases are taken wherever the checkpoint has them.
  Linear linear(const std::vector<TensorSpec>& weights) {
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
  std::vector<float> take_vector(const std::string& name, int64_t n) {
    advance(n);
    std::vector<float> values = source_.vector(name, n);
    require_finite(values, name);
    return values;
  }

  Tensor store(const std::vector<float>& values) {
    const auto n = static_cast<int64_t>(values.size());
    const std::size_t bytes = values.size() * sizeof(float);
    auto buffer = allocate_buffer(ctx_.shared_device(), bytes);
    ctx_.device().copy_from_host(buffer->data(), values.data(), bytes);
    return {std::move(buffer), {n}, DType::kF32};
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
    PackedMatrix out(ctx_.shared_device(), format, static_cast<int64_t>(rows.size()), k);
    try {
      ctx_.threads().parallel_for(out.panels(), 1, [&](int64_t begin, int64_t end) {
        for (int64_t p = begin; p < end; ++p) {
          const auto first = static_cast<std::size_t>(p * kPanelRows);
          const std::size_t n = std::min<std::size_t>(kPanelRows, rows.size() - first);
          out.pack_panel(p, std::span(rows).subspan(first, n));
        }
      });
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
  const LoadWeightsOptions& options_;
  Context& ctx_;
  int64_t done_ = 0, total_ = 0;
};

/// One table serves as embedding and as head, unless they are to have different formats.
void load_tied(const WeightFormats& formats, const TensorSpec& table, Packer& pack,
               Decoder::Weights& w) {
  const auto head = plan_format(formats, WeightPart::kHead, table.k);
  const auto embedding = plan_format(formats, WeightPart::kEmbedding, table.k);
  if (head != embedding) w.embedding = pack.table(table, WeightPart::kEmbedding);
  w.head = {{pack.table(table, WeightPart::kHead)}, {}};
}

}  // namespace

Decoder load_decoder(const ModelConfig& config, WeightSource& source,
                     const LoadWeightsOptions& options, Context& ctx) {
  ModelConfig actual = with_actual_head(config, source);
  Packer pack(actual, source, options, ctx);
  const TensorSpec table = tensor_of(config, TensorRole::kEmbedding);
  Decoder::Weights w;
  if (actual.tie_word_embeddings) {
    load_tied(options.formats, table, pack, w);
  } else {
    w.embedding = pack.table(table, WeightPart::kEmbedding);
    w.head = pack.linear({tensor_of(config, TensorRole::kHead)});
  }
  for (int64_t l = 0; l < config.n_layers; ++l) {
    w.layers.push_back(make_decoder_layer(config, l, pack));
  }
  w.final_norm = pack.vector(tensor_of(config, TensorRole::kFinalNorm));
  stored_tensors(actual, source);  // refuses those that have no place
  return {std::move(actual), std::move(w)};
}

DecoderLayer load_decoder_layer(const ModelConfig& config, int64_t l, WeightSource& source,
                                Context& ctx) {
  const LoadWeightsOptions as_stored;
  Packer pack(config, source, as_stored, ctx);
  return make_decoder_layer(config, l, pack);
}

}  // namespace pangu
