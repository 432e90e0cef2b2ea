// SPDX-License-Identifier: Apache-2.0
// Calibration text through the layers of a model while it is being pruned: gathers the evidence of
// each layer, asks what stays, and lets the layers behind see the result.
#pragma once

#include <functional>
#include <vector>

#include "compress/selection_job.h"
#include "models/layer_walk.h"

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
  using EachStage = std::function<void(LayerWalk&, LayerEvidence&)>;
  /// Calls `at_stage` at every stage of every layer, and behind each layer.
  void walk(std::string_view what, const EachStage& at_stage) const;
  /// Adds what the unit shows at this stage.
  void look(LayerWalk& walk, LayerEvidence& evidence);
  void look_at_heads(LayerWalk& walk, LayerEvidence& evidence) const;
  void look_at_neurons(LayerWalk& walk, LayerEvidence& evidence) const;
  void look_at_channels(LayerWalk& walk, LayerEvidence& evidence);
  /// Removes columns of the matrix that `inputs` enter, with a repair if there is to be one.
  void remove_inputs(const TensorSpec& matrix, LayerWalk& walk, const Kept& kept_inputs,
                     Selection& out);

  const SelectionJob& job_;
  Context& ctx_;
  std::vector<Tensor> normed_;  ///< what entered the attention of the layer
};

}  // namespace pangu::compress
