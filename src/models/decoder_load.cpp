// SPDX-License-Identifier: Apache-2.0
#include "models/decoder_load.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/decoder_parts.h"
#include "models/finite_weights.h"
#include "models/output_head.h"

namespace pangu {
namespace {

class Packer {
 public:
  Packer(const ModelConfig& config, WeightSource& source, const LoadWeightsOptions& options,
         Context& ctx)
      : config_(config), source_(source), options_(options), ctx_(ctx) {
    total_ = parameter_count(config).total();
  }

  Tensor vector(const std::string& name, int64_t n) { return store(take_vector(name, n)); }

  Linear matrix(const std::string& name, int64_t rows, int64_t k, WeightPart part) {
    return {pack({{name, rows}}, k, part), {}};
  }

  PackedMatrix table(int64_t vocab, int64_t width) {
    return std::move(
        pack({{"model.embed_tokens.weight", vocab}}, width, WeightPart::kEmbedding).front());
  }

  /// Parts are named without ".weight"; biases are taken wherever the checkpoint has them.
  Linear linear(const std::vector<DecoderPart>& parts, int64_t k,
                WeightPart where = WeightPart::kLayer) {
    std::vector<DecoderPart> weights;
    bool has_bias = false;
    for (const DecoderPart& p : parts) {
      weights.push_back({p.name + ".weight", p.rows});
      has_bias = has_bias || source_.has(p.name + ".bias");
    }
    Linear out{pack(weights, k, where), {}};
    if (has_bias) {
      std::vector<float> bias;
      for (const DecoderPart& p : parts) {
        const auto part = source_.has(p.name + ".bias")
                              ? take_vector(p.name + ".bias", p.rows)
                              : std::vector<float>(static_cast<std::size_t>(p.rows), 0.0f);
        bias.insert(bias.end(), part.begin(), part.end());
      }
      out.bias = store(bias);
    }
    return out;
  }

  /// Throws if the source has tensors that nobody asked for.
  void check_all_used() const {
    std::string unused;
    int count = 0;
    for (const std::string& name : source_.names()) {
      // Frequencies follow from the config; a head that is the embedding may be stored once more.
      const bool harmless = name.ends_with(".rotary_emb.inv_freq") ||
                            (config_.tie_word_embeddings && name == kHeadName);
      if (harmless || used_.contains(name)) continue;
      if (++count <= 3) unused += (count > 1 ? ", " : "") + name;
    }
    if (count > 0) {
      fail<Unsupported>(
          "[load] the checkpoint has {} tensors that {} has no place for: {}{}. Does config.json "
          "name the right architecture and number of layers?",
          count, config_.architecture, unused, count > 3 ? ", ..." : "");
    }
  }

 private:
  std::vector<float> take_vector(const std::string& name, int64_t n) {
    used_.insert(name);
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

  /// The parts one after the other; neighbours of one format share a matrix.
  std::vector<PackedMatrix> pack(const std::vector<DecoderPart>& parts, int64_t k,
                                 WeightPart where) {
    std::vector<StoredMatrix> stored;
    for (const DecoderPart& p : parts) {
      used_.insert(p.name);
      stored.push_back(source_.matrix(p.name, p.rows, k));
    }
    const auto planned = plan_format(options_.formats, where, k);
    const auto format = [&](std::size_t i) { return planned.value_or(stored[i].format); };
    std::vector<PackedMatrix> out;
    for (std::size_t i = 0; i < stored.size();) {
      const std::size_t first = i;
      while (i < stored.size() && format(i) == format(first)) ++i;
      out.push_back(pack_together(std::span(stored).subspan(first, i - first), format(first), k,
                                  parts[first].name));
    }
    for (const DecoderPart& p : parts) source_.release(p.name);
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
  std::set<std::string> used_;
  int64_t done_ = 0, total_ = 0;
};

/// One table serves as embedding and as head, unless they are to have different formats.
void load_tied(const WeightFormats& formats, int64_t vocab, int64_t width, Packer& pack,
               Decoder::Weights& w) {
  const auto head = plan_format(formats, WeightPart::kHead, width);
  const auto embedding = plan_format(formats, WeightPart::kEmbedding, width);
  if (head != embedding) w.embedding = pack.table(vocab, width);
  w.head = pack.matrix("model.embed_tokens.weight", vocab, width, WeightPart::kHead);
}

}  // namespace

Decoder load_decoder(const ModelConfig& config, WeightSource& source,
                     const LoadWeightsOptions& options, Context& ctx) {
  ModelConfig actual = with_actual_head(config, source);
  Packer pack(actual, source, options, ctx);
  const int64_t E = config.hidden_size, V = config.vocab_size;
  Decoder::Weights w;
  if (actual.tie_word_embeddings) {
    load_tied(options.formats, V, E, pack, w);
  } else {
    w.embedding = pack.table(V, E);
    w.head = pack.linear({{"lm_head", V}}, E, WeightPart::kHead);
  }
  for (int64_t l = 0; l < config.n_layers; ++l) {
    w.layers.push_back(make_decoder_layer(config, l, pack));
  }
  w.final_norm = pack.vector("model.norm.weight", E);
  pack.check_all_used();
  return {std::move(actual), std::move(w)};
}

DecoderLayer load_decoder_layer(const ModelConfig& config, int64_t l, WeightSource& source,
                                Context& ctx) {
  const LoadWeightsOptions as_stored;
  Packer pack(config, source, as_stored, ctx);
  return make_decoder_layer(config, l, pack);
}

}  // namespace pangu
