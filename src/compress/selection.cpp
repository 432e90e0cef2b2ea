// SPDX-License-Identifier: Apache-2.0
#include "compress/selection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "compress/selection_walk.h"
#include "compress/taylor.h"
#include "models/schema.h"

namespace pangu::compress {
namespace {

using Scores = std::vector<std::vector<double>>;

bool is_within_layers(Unit unit) {
  return unit == Unit::kNeurons || unit == Unit::kHeads;
}

class Selector {
 public:
  Selector(const SelectionJob& job, Context& ctx)
      : job_(job), ctx_(ctx), score_(job.method.score(job.unit)) {
    out_.cut = Cut::nothing(job.config);
  }

  Selection select() {
    if (job_.unit == Unit::kLayers) {
      take_layers();
    } else if (job_.unit == Unit::kChannels) {
      take_channels();
    } else if (job_.method.follows_pruned && job_.allocation != Allocation::kGlobal) {
      prune_on_the_way();
    } else {
      prune_at_once();
    }
    return std::move(out_);
  }

 private:
  /// What is known about every layer of the model as it is.
  std::vector<LayerEvidence> evidence() {
    std::vector<LayerEvidence> all;
    if (job_.method.needs == Needs::kForward || wants_influence()) {
      all = SelectionWalk(job_, ctx_).observe();
      for (const LayerEvidence& e : all) out_.influence.push_back(e.influence);
    }
    if (job_.method.needs == Needs::kForward) return all;
    all.clear();
    std::vector<UnitSums> taylor;
    if (job_.method.needs == Needs::kGradients) {
      taylor = taylor_sums(job_.config, job_.source, job_.unit, job_.calibration->sequences,
                           job_.progress, ctx_);
    }
    for (std::int64_t l = 0; l < job_.config.n_layers; ++l) {
      all.push_back(weigh(job_.config, job_.unit, l, job_.source, ctx_.threads()));
      if (!taylor.empty()) all.back().taylor = std::move(taylor[static_cast<std::size_t>(l)]);
    }
    return all;
  }

  bool wants_influence() const {
    return is_within_layers(job_.unit) && job_.allocation == Allocation::kSensitivity;
  }

  std::vector<double> score(const LayerEvidence& e) const {
    std::vector<double> scores = score_(e, job_.score);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (!std::isfinite(scores[i])) {
        fail<NumericError>("[prune] the score of {} {} of layer {} is {}. Are the weights sound?",
                           name(job_.unit), i, e.layer, scores[i]);
      }
    }
    return scores;
  }

  Kept choose(const LayerEvidence& e, const std::vector<double>& scores, std::int64_t n) const {
    const Kept kept = highest(scores, n);
    const bool refines = job_.unit == Unit::kHeads && job_.method.refine_heads;
    return refines ? job_.method.refine_heads(e, kept) : kept;
  }

  std::vector<std::int64_t> available() const {
    std::vector<std::int64_t> all;
    for (std::int64_t l = 0; l < job_.config.n_layers; ++l) {
      all.push_back(unit_count(job_.config, job_.unit, l));
    }
    return all;
  }

  std::vector<std::int64_t> shared_out(const Scores& scores) const {
    switch (job_.allocation) {
      case Allocation::kGlobal:
        return by_score(job_.sizes, scores, job_.rounding);
      case Allocation::kSensitivity:
        return by_importance(job_.sizes, available(), out_.influence, job_.rounding);
      case Allocation::kUniform:
        break;
    }
    return job_.sizes;
  }

  /// Each layer is scored on what the pruned layers before it give.
  void prune_on_the_way() {
    if (wants_influence()) {
      for (const LayerEvidence& e : SelectionWalk(job_, ctx_).observe()) {
        out_.influence.push_back(e.influence);
      }
    }
    const std::vector<std::int64_t> sizes = shared_out({});
    SelectionWalk(job_, ctx_)
        .prune(
            [&](const LayerEvidence& e) {
              out_.scores.push_back(score(e));
              return choose(e, out_.scores.back(), sizes[static_cast<std::size_t>(e.layer)]);
            },
            out_);
  }

  /// All layers are scored before anything is removed.
  void prune_at_once() {
    const std::vector<LayerEvidence> all = evidence();
    for (const LayerEvidence& e : all) out_.scores.push_back(score(e));
    const std::vector<std::int64_t> sizes = shared_out(out_.scores);
    for (std::size_t l = 0; l < all.size(); ++l) {
      LayerCut& cut = out_.cut.within[l];
      Kept& kept = job_.unit == Unit::kHeads ? cut.groups : cut.neurons;
      kept = choose(all[l], out_.scores[l], sizes[l]);
    }
    if (job_.repair == Repair::kNone) return;
    const Cut cut = out_.cut;
    SelectionWalk(job_, ctx_)
        .prune(
            [&](const LayerEvidence& e) {
              const LayerCut& layer = cut.within[static_cast<std::size_t>(e.layer)];
              return job_.unit == Unit::kHeads ? layer.groups : layer.neurons;
            },
            out_);
  }

  /// The first layer makes what all others work on, and the last what the head reads: they stay.
  void take_layers() {
    std::vector<double> scores;
    for (const LayerEvidence& e : evidence()) {
      out_.scores.push_back(score(e));
      scores.push_back(out_.scores.back().front());
    }
    scores.front() = scores.back() = std::numeric_limits<double>::infinity();
    out_.cut.layers = highest(scores, job_.sizes.front());
  }

  /// Channels run through all layers, so their scores are added up. Norm weights grow so that
  /// their length stays (SLNP of Pangu Light, arXiv:2505.20155).
  void take_channels() {
    std::vector<double> sums(static_cast<std::size_t>(job_.config.hidden_size), 0.0);
    for (const LayerEvidence& e : evidence()) {
      const std::vector<double> scores = score(e);
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += scores[i];
    }
    out_.cut.channels = highest(sums, job_.sizes.front());
    out_.scores = {std::move(sums)};
    for (const TensorSpec& t : model_tensors(job_.config)) {
      if (!t.is_matrix() && !t.is_bias && t.has(Axis::kResidual)) keep_norm(t);
    }
  }

  void keep_norm(const TensorSpec& norm) {
    std::vector<float> weights = job_.source.vector(norm.name, norm.rows);
    double all = 0, kept = 0;
    for (const float w : weights) all += double{w} * w;
    for (const std::int32_t c : out_.cut.channels) {
      const double w = weights[static_cast<std::size_t>(c)];
      kept += w * w;
    }
    if (kept > 0) {
      for (float& w : weights) w = static_cast<float>(w * std::sqrt(all / kept));
    }
    out_.edits[norm.name] = std::move(weights);
  }

  const SelectionJob& job_;
  Context& ctx_;
  ScoreFn score_;
  Selection out_;
};

}  // namespace

bool needs_calibration(const Method& method, Allocation allocation, Repair repair) {
  return method.needs != Needs::kWeights || allocation == Allocation::kSensitivity ||
         repair != Repair::kNone;
}

Selection select_units(const SelectionJob& job, Context& ctx) {
  if (!is_within_layers(job.unit) &&
      (job.allocation != Allocation::kUniform || job.repair != Repair::kNone)) {
    fail<ConfigError>(
        "[prune] {} are not shared out among layers, and no matrix is left to repair: --allocation "
        "and --repair go with neurons and heads.",
        name(job.unit));
  }
  if (job.unit == Unit::kHeads && job.allocation != Allocation::kUniform) {
    fail<ConfigError>(
        "[prune] config.json has one number of heads for all layers; --unit heads goes with "
        "--allocation uniform.");
  }
  return Selector(job, ctx).select();
}

}  // namespace pangu::compress
