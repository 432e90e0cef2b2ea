// SPDX-License-Identifier: Apache-2.0
#include "compress/selection_walk.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/error.h"
#include "compress/matrix.h"
#include "ops/host.h"

namespace pangu::compress {
namespace {

/// Columns of o that belong to key/value heads.
Kept columns_of(const Kept& groups, const ModelConfig& c) {
  return elements_of(groups, c.n_heads / c.n_kv_heads * c.head_dim);
}

}  // namespace

void SelectionWalk::walk(std::string_view what, const EachStage& at_stage) const {
  const ModelConfig& c = job_.config;
  const auto walk = walk_layers(c, job_.source, job_.calibration->texts(), ctx_);
  while (walk->next_layer()) {
    LayerEvidence evidence = job_.method.needs == Needs::kForward
                                 ? weigh(c, job_.unit, walk->layer(), job_.source, ctx_.threads())
                                 : LayerEvidence{.unit = job_.unit, .layer = walk->layer()};
    for (; walk->stage() != TensorInput::kNone; walk->advance()) at_stage(*walk, evidence);
    at_stage(*walk, evidence);
    if (job_.progress) job_.progress(what, walk->layer() + 1, c.n_layers);
  }
}

void SelectionWalk::look_at_heads(LayerWalk& walk, LayerEvidence& evidence) const {
  const ModelConfig& c = job_.config;
  evidence.activations = by_group(column_sums(walk.stage_inputs(), ctx_), c);
  const std::vector<float> o = read_matrix(
      job_.source, tensor_of(c, TensorRole::kAttentionOutput, walk.layer()), ctx_.threads());
  evidence.heads = head_contributions(walk.stage_inputs(), o, c, ctx_);
}

void SelectionWalk::look_at_neurons(LayerWalk& walk, LayerEvidence& evidence) const {
  evidence.activations = column_sums(walk.stage_inputs(), ctx_);
  if (!job_.method.needs_feature_energy || job_.score.slim.feature_power == 0) return;
  std::vector<Tensor> outputs;
  for (const Tensor& h : walk.stage_inputs()) {
    outputs.push_back(ops::linear(h, walk.linear(), ctx_));
  }
  const TensorSpec down = tensor_of(job_.config, TensorRole::kDown, walk.layer());
  evidence.feature_energy =
      feature_energy(outputs, read_matrix(job_.source, down, ctx_.threads()), down.rows, ctx_);
}

void SelectionWalk::look_at_channels(LayerWalk& walk, LayerEvidence& evidence) {
  const auto inputs = walk.stage_inputs();
  if (walk.stage() == TensorInput::kAttentionNorm) {
    normed_.assign(inputs.begin(), inputs.end());
    return;
  }
  std::vector<Tensor> normed;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    normed.push_back(normed_[i]);
    normed.push_back(inputs[i]);
  }
  evidence.activations = column_sums(normed, ctx_);
}

void SelectionWalk::look(LayerWalk& walk, LayerEvidence& evidence) {
  if (job_.method.needs != Needs::kForward) return;
  const TensorInput stage = walk.stage();
  const bool is_norm = stage == TensorInput::kAttentionNorm || stage == TensorInput::kMlpNorm;
  if (job_.unit == Unit::kHeads && stage == TensorInput::kHeads) look_at_heads(walk, evidence);
  if (job_.unit == Unit::kNeurons && stage == TensorInput::kNeurons) {
    look_at_neurons(walk, evidence);
  }
  if (job_.unit == Unit::kChannels && is_norm) look_at_channels(walk, evidence);
}

std::vector<LayerEvidence> SelectionWalk::observe() {
  std::vector<LayerEvidence> all;
  walk("observing", [&](LayerWalk& w, LayerEvidence& e) {
    look(w, e);
    if (w.stage() != TensorInput::kNone) return;
    e.influence = influence(w.inputs(), w.outputs());
    all.push_back(std::move(e));
  });
  return all;
}

void SelectionWalk::remove_inputs(const TensorSpec& matrix, LayerWalk& walk,
                                  const Kept& kept_inputs, Selection& out) {
  const std::int64_t rows = matrix.rows, k = matrix.k;
  Linear& linear = walk.linear();
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
  Repaired repaired = regress(weights, rows, input_moments(walk.stage_inputs(), ctx_), kept_inputs,
                              has_bias, job_.repair, ctx_);
  out.repaired.push_back({stem_of(matrix), repaired.error_before, repaired.error_after});
  linear.parts = {packed_matrix(repaired.weights, k, ctx_)};
  out.edits[matrix.name] = std::move(repaired.weights);
  if (!has_bias) return;
  std::vector<float>& bias = out.edits[bias_name(matrix)];
  const Tensor before = to_host(linear.bias);
  bias.assign(before.data<float>(), before.data<float>() + rows);
  for (std::size_t r = 0; r < bias.size(); ++r) bias[r] += repaired.bias[r];
  copy_from_host(linear.bias, bias);
}

void SelectionWalk::prune(const Choose& choose, Selection& out) {
  const ModelConfig& c = job_.config;
  const bool of_heads = job_.unit == Unit::kHeads;
  const TensorInput where = of_heads ? TensorInput::kHeads : TensorInput::kNeurons;
  const TensorRole role = of_heads ? TensorRole::kAttentionOutput : TensorRole::kDown;
  walk("pruning", [&](LayerWalk& w, LayerEvidence& e) {
    if (w.stage() != where) return;
    look(w, e);
    LayerCut& cut = out.cut.within[static_cast<std::size_t>(w.layer())];
    Kept& kept = of_heads ? cut.groups : cut.neurons;
    kept = choose(e);
    if (std::ssize(kept) == unit_count(c, job_.unit, w.layer())) return;
    remove_inputs(tensor_of(c, role, w.layer()), w, of_heads ? columns_of(kept, c) : kept, out);
  });
}

}  // namespace pangu::compress
