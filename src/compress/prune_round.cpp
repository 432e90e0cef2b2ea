// SPDX-License-Identifier: Apache-2.0
#include "compress/prune_round.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>

#include "base/log.h"
#include "base/resources.h"
#include "checkpoint/quantize.h"
#include "compress/mask.h"
#include "compress/selection.h"
#include "io/atomic_folder.h"
#include "io/checkpoint.h"
#include "models/weights/output_head.h"

namespace pangu::compress {
namespace {

namespace fs = std::filesystem;

/// What a round starts from: opened anew each time, as each round leaves another checkpoint.
struct OpenModel {
  explicit OpenModel(const fs::path& folder)
      : config(read_model_config(folder)),
        checkpoint(Checkpoint::open(folder)),
        source(checkpoint_source(checkpoint, config.quantization)) {
    OutputHead head = find_output_head(config, *source);
    config.tie_word_embeddings = head.is_embedding;
    remark = std::move(head.remark);
  }

  ModelConfig config;
  Checkpoint checkpoint;
  std::unique_ptr<WeightSource> source;
  std::string remark;  ///< on its output head
};

/// Scores from the highest to the lowest in bins, as multiples of their mean.
std::vector<double> profile_of(std::vector<double> scores) {
  constexpr std::size_t kBins = 64;
  std::ranges::sort(scores, std::greater<>());
  const double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
  const double mean = sum / static_cast<double>(scores.size());
  const std::size_t bins = std::min(kBins, scores.size());
  std::vector<double> profile;
  for (std::size_t b = 0; b < bins; ++b) {
    const std::size_t begin = b * scores.size() / bins, end = (b + 1) * scores.size() / bins;
    double bin = 0;
    for (std::size_t i = begin; i < end; ++i) bin += scores[i];
    const double value = bin / static_cast<double>(end - begin);
    profile.push_back(mean != 0 ? value / mean : value);
  }
  return profile;
}

std::vector<std::int64_t> kept_of(const Cut& cut, Unit unit) {
  if (unit == Unit::kLayers) return {std::ssize(cut.layers)};
  if (unit == Unit::kChannels) return {std::ssize(cut.channels)};
  std::vector<std::int64_t> kept;
  for (const LayerCut& layer : cut.within) {
    kept.push_back(unit == Unit::kHeads ? std::ssize(layer.groups) : std::ssize(layer.neurons));
  }
  return kept;
}

/// Scores and cuts.
class CutRound {
 public:
  CutRound(const RoundJob& job, std::int64_t round, const fs::path& from, const fs::path& to,
           const ProgressFn& progress, Context& ctx)
      : job_(job),
        from_(from),
        to_(to),
        progress_(progress),
        ctx_(ctx),
        model_(from),
        r_{.round = round, .ratio = job.plan.ratio(round)} {}

  RoundResult run() {
    if (job_.plan.is_weights()) {
      make_sparse();
    } else {
      remove_units();
    }
    return std::move(r_);
  }

 private:
  void remove_units() {
    const SelectionJob job{.config = model_.config,
                           .source = *model_.source,
                           .calibration = job_.calibration,
                           .method = job_.plan.method(),
                           .unit = job_.options.unit,
                           .score = job_.options.score,
                           .sizes = job_.plan.sizes_after(model_.config, r_.round),
                           .allocation = job_.options.allocation,
                           .rounding = job_.plan.rounding(),
                           .repair = job_.plan.repair(),
                           .progress = progress_};
    Selection selection = select_units(job, ctx_);
    r_.kept = kept_of(selection.cut, job_.options.unit);
    for (std::vector<double>& scores : selection.scores) {
      r_.profile.push_back(profile_of(std::move(scores)));
    }
    r_.influence = std::move(selection.influence);
    for (const RepairedMatrix& m : selection.repaired) {
      r_.repaired.push_back(
          {{"name", m.name}, {"error_before", m.error_before}, {"error_after", m.error_after}});
    }
    if (job_.options.mask) {
      mask_instead(selection.cut, model_.config, *model_.source, selection.edits, ctx_);
    }
    write(selection.cut, selection.edits);
  }

  void make_sparse() {
    const SparsifyResult sparse =
        sparsify({.config = model_.config,
                  .source = *model_.source,
                  .calibration = job_.calibration,
                  .method = job_.plan.weight_method(),
                  .scope = job_.options.sparse.scope,
                  .sparsity = {.ratio = r_.ratio, .pattern = job_.options.sparse.pattern},
                  .seed = job_.options.score.seed,
                  .progress = progress_},
                 ctx_);
    const std::size_t per_layer =
        sparse.matrices.size() / static_cast<std::size_t>(model_.config.n_layers);
    for (std::size_t i = 0; i < sparse.matrices.size(); ++i) {
      const SparseMatrix& m = sparse.matrices[i];
      if (i % per_layer == 0) r_.kept.push_back(0);
      r_.kept.back() += m.weights - m.zeros;
      r_.sparsity.push_back({{"name", m.name}, {"zeros", m.zeros}, {"weights", m.weights}});
    }
    write(Cut::nothing(model_.config), sparse.edits);
  }

  void write(const Cut& cut, const TensorEdits& edits) {
    fs::create_directories(to_.parent_path());
    AtomicFolder folder(to_);
    const CutSizes sizes =
        cut_checkpoint(from_, folder.path(), cut, edits,
                       job_.plan.pruning_config(r_.round, r_.kept, job_.distilled), progress_);
    folder.commit();
    r_.config = read_model_config(to_);
    r_.parameters = sizes.parameters_after;
    r_.bytes = sizes.bytes_after;
    ctx_.trim();  // of the text's activations, which are many
  }

  const RoundJob& job_;
  const fs::path &from_, &to_;
  const ProgressFn& progress_;
  Context& ctx_;
  OpenModel model_;
  RoundResult r_;
};

}  // namespace

RoundResult round_before(const fs::path& folder, const PrunePlan& plan) {
  const OpenModel model(folder);
  if (!model.remark.empty()) log::warning("{}", model.remark);
  RoundResult before{.config = model.config, .kept = plan.sizes_of(model.config)};
  for (const auto& [name, view] : model.checkpoint.tensors()) {
    before.parameters += element_count(*view);
    before.bytes += std::ssize(view->data);
  }
  return before;
}

RoundResult cut_round(const RoundJob& job, std::int64_t round, const fs::path& from,
                      const fs::path& to, const ProgressFn& progress, Context& ctx) {
  const Stopwatch watch;
  RoundResult result = CutRound(job, round, from, to, progress, ctx).run();
  result.seconds = watch.seconds();
  return result;
}

RoundResult quantize_round(const RoundResult& last, const WeightFormats& formats,
                           const fs::path& from, const fs::path& to,
                           std::vector<std::string>& notes, const ProgressFn& progress,
                           Context& ctx) {
  const Stopwatch watch;
  const QuantizeReport report = quantize_checkpoint(
      from, to, {.formats = formats, .command = {}, .progress = progress}, ctx.threads());
  notes = report.notes();
  RoundResult result = last;
  result.round = last.round + 1;
  result.format = name(formats.layers.value());
  result.config = read_model_config(to);
  result.parameters = report.parameters_out;
  result.bytes = report.bytes_out;
  result.seconds = watch.seconds();
  return result;
}

}  // namespace pangu::compress
