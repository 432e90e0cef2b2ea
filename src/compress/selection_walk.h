// SPDX-License-Identifier: Apache-2.0
// Calibration text through the layers of a model while it is being pruned: gathers the evidence of
// each layer, asks what stays, and lets the layers behind see the result.
#pragma once

#include <functional>
#include <vector>

#include "compress/layer_walk.h"
#include "compress/selection_job.h"

namespace pangu::compress {

class SelectionWalk {
 public:
  /// Asked once a layer for the units that stay; rising.
  using Choose = std::function<Kept(const LayerEvidence&)>;

  SelectionWalk(const SelectionJob& job, Context& ctx) : job_(job), ctx_(ctx) {}

  /// Evidence of every layer, nothing being removed.
  std::vector<LayerEvidence> observe();
  /// Prunes on the way: neurons or heads. Adds to the cut, the edits and the scores of `out`.
  void prune(const Choose& choose, Selection& out);

 private:
  using EachLayer = std::function<void(LayerWalk&, LayerEvidence&)>;
  void walk(std::string_view what, const EachLayer& behind_attention,
            const EachLayer& behind_neurons, const EachLayer& behind_layer);
  void look_at_heads(LayerWalk& walk, LayerEvidence& evidence) const;
  void look_at_neurons(LayerWalk& walk, LayerEvidence& evidence) const;
  void look_at_channels(LayerWalk& walk, LayerEvidence& evidence) const;
  /// Removes columns of the matrix that `inputs` enter, with a repair if there is to be one.
  void remove_inputs(const TensorSpec& matrix, std::span<const Tensor> inputs,
                     const Kept& kept_inputs, Linear& linear, Selection& out);

  const SelectionJob& job_;
  Context& ctx_;
};

}  // namespace pangu::compress
