// SPDX-License-Identifier: Apache-2.0
#include "compress/selection_walk.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "compress/matrix.h"

namespace pangu::compress {
namespace {

/// Columns of o that belong to key/value heads.
Kept columns_of(const Kept& groups, const ModelConfig& c) {
  return elements_of(groups, c.n_heads / c.n_kv_heads * c.head_dim);
}

/// The weight of walk's layer that plays a role.
TensorSpec matrix_of_layer(const ModelConfig& config, TensorRole role, const LayerWalk& walk) {
  return tensor_of(config, role, walk.index());
}

}  // namespace

void SelectionWalk::walk(std::string_view what, const EachLayer& behind_attention,
                         const EachLayer& behind_neurons, const EachLayer& behind_layer) {
  const ModelConfig& c = job_.config;
  for (LayerWalk walk(c, job_.source, job_.calibration->sequences, ctx_); walk.next();) {
    LayerEvidence evidence = job_.method.needs == Needs::kForward
                                 ? weigh(c, job_.unit, walk.index(), job_.source, ctx_.threads())
                                 : LayerEvidence{.unit = job_.unit, .layer = walk.index()};
    walk.run_attention();
    behind_attention(walk, evidence);
    walk.add_attention();
    walk.run_neurons();
    behind_neurons(walk, evidence);
    walk.add_neurons();
    behind_layer(walk, evidence);
    if (job_.progress) job_.progress(what, walk.index() + 1, c.n_layers);
  }
}

void SelectionWalk::look_at_heads(LayerWalk& walk, LayerEvidence& evidence) const {
  const ModelConfig& c = job_.config;
  evidence.activations = by_group(column_sums(walk.heads(), ctx_), c);
  const std::vector<float> o = read_matrix(
      job_.source, matrix_of_layer(c, TensorRole::kAttentionOutput, walk), ctx_.threads());
  evidence.heads = head_contributions(walk.heads(), o, c, ctx_);
}

void SelectionWalk::look_at_neurons(LayerWalk& walk, LayerEvidence& evidence) const {
  evidence.activations = column_sums(walk.neurons(), ctx_);
  if (!job_.method.needs_feature_energy || job_.score.feature_power == 0) return;
  std::vector<Tensor> outputs;
  for (const Tensor& h : walk.neurons()) {
    outputs.push_back(ops::linear(h, walk.layer().down, ctx_));
  }
  const TensorSpec down = matrix_of_layer(job_.config, TensorRole::kDown, walk);
  evidence.feature_energy =
      feature_energy(outputs, read_matrix(job_.source, down, ctx_.threads()), down.rows, ctx_);
}

void SelectionWalk::look_at_channels(LayerWalk& walk, LayerEvidence& evidence) const {
  std::vector<Tensor> normed;
  for (std::size_t i = 0; i < walk.inputs().size(); ++i) {
    normed.push_back(walk.attention_input(i));
    normed.push_back(walk.mlp_input(i));
  }
  evidence.activations = column_sums(normed, ctx_);
}

std::vector<LayerEvidence> SelectionWalk::observe() {
  std::vector<LayerEvidence> all;
  const bool scores = job_.method.needs == Needs::kForward;
  walk(
      "observing",
      [&](LayerWalk& w, LayerEvidence& e) {
        if (scores && job_.unit == Unit::kHeads) look_at_heads(w, e);
      },
      [&](LayerWalk& w, LayerEvidence& e) {
        if (scores && job_.unit == Unit::kNeurons) look_at_neurons(w, e);
        if (scores && job_.unit == Unit::kChannels) look_at_channels(w, e);
      },
      [&](LayerWalk& w, LayerEvidence& e) {
        e.influence = influence(w.inputs(), w.outputs());
        all.push_back(std::move(e));
      });
  return all;
}

void SelectionWalk::remove_inputs(const TensorSpec& matrix, std::span<const Tensor> inputs,
                                  const Kept& kept_inputs, Linear& linear, Selection& out) {
  const std::int64_t rows = matrix.rows, k = matrix.k;
  std::vector<float> weights = read_matrix(job_.source, matrix, ctx_.threads());
  if (job_.repair == Repair::kNone) {
    std::vector<bool> stays(static_cast<std::size_t>(k), false);
    for (const std::int32_t c : kept_inputs) stays[static_cast<std::size_t>(c)] = true;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (!stays[i % static_cast<std::size_t>(k)]) weights[i] = 0;
    }
    linear.parts = {packed_matrix(weights, k, ctx_)};
    return;
  }
  const bool has_bias = linear.bias.defined();
  Repaired repaired =
      regress(weights, rows, input_moments(inputs, ctx_), kept_inputs, has_bias, job_.repair, ctx_);
  out.repaired.push_back({stem_of(matrix), repaired.error_before, repaired.error_after});
  linear.parts = {packed_matrix(repaired.weights, k, ctx_)};
  out.edits[matrix.name] = std::move(repaired.weights);
  if (!has_bias) return;
  std::vector<float>& bias = out.edits[bias_name(matrix)];
  bias.assign(linear.bias.data<float>(), linear.bias.data<float>() + rows);
  for (std::size_t r = 0; r < bias.size(); ++r) bias[r] += repaired.bias[r];
  std::ranges::copy(bias, linear.bias.data<float>());
}

void SelectionWalk::prune(const Choose& choose, Selection& out) {
  const ModelConfig& c = job_.config;
  const bool scores = job_.method.needs == Needs::kForward;
  const auto cut_of = [&](const LayerWalk& w) -> LayerCut& {
    return out.cut.within[static_cast<std::size_t>(w.index())];
  };
  walk(
      "pruning",
      [&](LayerWalk& w, LayerEvidence& e) {
        if (job_.unit != Unit::kHeads) return;
        if (scores) look_at_heads(w, e);
        Kept& kept = cut_of(w).groups = choose(e);
        if (std::ssize(kept) == c.n_kv_heads) return;
        remove_inputs(matrix_of_layer(c, TensorRole::kAttentionOutput, w), w.heads(),
                      columns_of(kept, c), w.layer().o, out);
      },
      [&](LayerWalk& w, LayerEvidence& e) {
        if (job_.unit != Unit::kNeurons) return;
        if (scores) look_at_neurons(w, e);
        Kept& kept = cut_of(w).neurons = choose(e);
        if (std::ssize(kept) == c.intermediate_size[static_cast<std::size_t>(w.index())]) return;
        remove_inputs(matrix_of_layer(c, TensorRole::kDown, w), w.neurons(), kept, w.layer().down,
                      out);
      },
      [](LayerWalk&, LayerEvidence&) {});
}

}  // namespace pangu::compress
