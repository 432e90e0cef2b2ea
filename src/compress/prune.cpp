// SPDX-License-Identifier: Apache-2.0
#include "compress/prune.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/resources.h"
#include "compress/mask.h"
#include "compress/prune_plan.h"
#include "compress/prune_state.h"
#include "compress/selection.h"
#include "io/atomic_folder.h"
#include "io/checkpoint.h"
#include "models/companion_files.h"
#include "pangu/tokenizer.h"
#include "train/finished_model.h"
#include "train/output_lock.h"

namespace pangu::compress {
namespace {

namespace fs = std::filesystem;

/// What a round starts from: opened anew each time, as each round leaves another checkpoint.
struct OpenModel {
  explicit OpenModel(const fs::path& folder)
      : config(read_model_config(folder)),
        checkpoint(Checkpoint::open(folder)),
        source(checkpoint_source(checkpoint, config.quantization)) {
    config.tie_word_embeddings = config.tie_word_embeddings || !source->has("lm_head.weight");
  }

  ModelConfig config;
  Checkpoint checkpoint;
  std::unique_ptr<WeightSource> source;
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

/// The same file in two places, without a copy where the file system can.
void link_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  if (error) copy_file_whole(from, to);
}

class PruneRun {
 public:
  PruneRun(const PruneOptions& options, const PruneHooks& hooks, Context& ctx)
      : options_(options), hooks_(hooks), ctx_(ctx), plan_(options) {
    result_.config_before = plan_.before();
  }

  PruneResult run() {
    const OutputLock lock(options_.out);
    state_.emplace(options_.out, plan_.course(), options_.resume);
    if (plan_.needs_text()) read_calibration_text();
    start();
    for (std::int64_t round = next_round(); round <= plan_.rounds(); ++round) run_round(round);
    finish();
    return std::move(result_);
  }

 private:
  void read_calibration_text() {
    calibration_ = read_calibration(options_.calibration, load_tokenizer(options_.in),
                                    result_.config_before.vocab_size, options_.out, hooks_.progress,
                                    ctx_.threads());
    result_.calibration_tokens = calibration_->tokens;
    state_->require_digest(calibration_->digest);
  }

  void say(const std::string& line) const {
    if (hooks_.say) hooks_.say(line);
  }

  /// The model before is round 0, so that what is measured of it stands beside the others.
  void start() {
    if (state_->rounds().empty()) {
      const OpenModel model(options_.in);
      RoundResult before{.config = model.config, .kept = plan_.sizes_of(model.config)};
      for (const auto& [name, view] : model.checkpoint.tensors()) {
        before.parameters += element_count(*view);
        before.bytes += std::ssize(view->data);
      }
      if (hooks_.measure) before.measured = hooks_.measure(0, options_.in);
      state_->add(before);
    }
    if (const auto done = std::ssize(state_->rounds()) - 1; done > 0) {
      say(fmt::format("resumed  after round {} of {}", done, plan_.rounds()));
    }
  }

  std::int64_t next_round() const { return std::ssize(state_->rounds()); }

  fs::path round_folder(std::int64_t round) const {
    return round == 0 ? options_.in : options_.out / "rounds" / fmt::format("round-{}", round);
  }
  fs::path cut_folder(std::int64_t round) const {
    return options_.out / "rounds" / fmt::format("cut-{}", round);
  }

  void run_round(std::int64_t round) {
    const fs::path from = round_folder(round - 1), to = round_folder(round);
    const Stopwatch watch;
    RoundResult r{.round = round, .ratio = plan_.ratio(round)};
    const fs::path cut = hooks_.improve ? cut_folder(round) : to;
    const auto& pending = state_->pending();
    if (pending && pending->round == round && fs::exists(cut / "config.json")) {
      // An interrupted run had cut already; what it learnt since is in `to`.
      r = *pending;
      say(fmt::format("round {}  goes on with what was cut", round));
    } else {
      fs::remove_all(cut);
      make_cut(from, cut, r);
      r.seconds = watch.seconds();
      state_->set_pending(r);
      say(line_of(r));
    }
    if (hooks_.improve) hooks_.improve(round, cut, to);
    if (hooks_.measure) r.measured = hooks_.measure(round, to);
    state_->add(r);
    if (hooks_.improve) fs::remove_all(cut);
    if (!options_.keep_rounds && round > 1) fs::remove_all(round_folder(round - 1));
  }

  std::string line_of(const RoundResult& r) const {
    const auto [least, most] = std::ranges::minmax(r.kept);
    const std::string kept =
        least == most ? std::to_string(least) : fmt::format("{} to {}", least, most);
    return fmt::format("round {}  {} {} left{}, {} parameters; {:.1f} s{}", r.round, kept,
                       name(options_.unit), r.kept.size() > 1 ? " in each layer" : "", r.parameters,
                       r.seconds, rounding_note(r));
  }

  /// Where sizes that are multiples of something depart far from what was asked for.
  std::string rounding_note(const RoundResult& r) const {
    constexpr double kFar = 0.02;
    if (plan_.is_weights()) return "";
    const auto sum = [](const std::vector<std::int64_t>& sizes) {
      return static_cast<double>(std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}));
    };
    const double removed = 1 - sum(r.kept) / sum(plan_.sizes_of(result_.config_before));
    if (std::fabs(removed - r.ratio) < kFar) return "";
    return fmt::format(
        "\n         {:.1f}% removed where {:.1f}% was asked for: sizes are multiples of {}",
        100 * removed, 100 * r.ratio, plan_.rounding().align);
  }

  void make_cut(const fs::path& from, const fs::path& to, RoundResult& r) {
    const OpenModel model(from);
    if (plan_.is_weights()) {
      make_sparse(model, from, to, r);
      return;
    }
    const SelectionJob job{.config = model.config,
                           .source = *model.source,
                           .calibration = calibration_ ? &*calibration_ : nullptr,
                           .method = plan_.method(),
                           .unit = options_.unit,
                           .score = options_.score,
                           .sizes = plan_.sizes_after(model.config, r.round),
                           .allocation = options_.allocation,
                           .rounding = plan_.rounding(),
                           .repair = plan_.repair(),
                           .progress = hooks_.progress};
    Selection selection = select_units(job, ctx_);
    r.kept = kept_of(selection.cut);
    for (std::vector<double>& scores : selection.scores) {
      r.profile.push_back(profile_of(std::move(scores)));
    }
    r.influence = std::move(selection.influence);
    for (const RepairedMatrix& m : selection.repaired) {
      r.repaired.push_back(
          {{"name", m.name}, {"error_before", m.error_before}, {"error_after", m.error_after}});
    }
    if (options_.mask)
      mask_instead(selection.cut, model.config, *model.source, selection.edits, ctx_);
    write_round(from, to, selection.cut, selection.edits, r);
  }

  void make_sparse(const OpenModel& model, const fs::path& from, const fs::path& to,
                   RoundResult& r) {
    const SparsifyResult sparse =
        sparsify({.config = model.config,
                  .source = *model.source,
                  .calibration = calibration_ ? &*calibration_ : nullptr,
                  .method = plan_.weight_method(),
                  .scope = options_.sparse.scope,
                  .sparsity = {.ratio = r.ratio, .pattern = options_.sparse.pattern},
                  .seed = options_.score.seed,
                  .progress = hooks_.progress},
                 ctx_);
    const std::size_t per_layer =
        sparse.matrices.size() / static_cast<std::size_t>(model.config.n_layers);
    for (std::size_t i = 0; i < sparse.matrices.size(); ++i) {
      const SparseMatrix& m = sparse.matrices[i];
      if (i % per_layer == 0) r.kept.push_back(0);
      r.kept.back() += m.weights - m.zeros;
      r.sparsity.push_back({{"name", m.name}, {"zeros", m.zeros}, {"weights", m.weights}});
    }
    write_round(from, to, Cut::nothing(model.config), sparse.edits, r);
  }

  void write_round(const fs::path& from, const fs::path& to, const Cut& cut,
                   const TensorEdits& edits, RoundResult& r) {
    fs::create_directories(to.parent_path());
    AtomicFolder folder(to);
    const CutSizes sizes = cut_checkpoint(
        from, folder.path(), cut, edits,
        plan_.pruning_config(r.round, r.kept, hooks_.improve != nullptr), hooks_.progress);
    folder.commit();
    r.config = read_model_config(to);
    r.parameters = sizes.parameters_after;
    r.bytes = sizes.bytes_after;
    ctx_.trim();  // of the text's activations, which are many
  }

  std::vector<std::int64_t> kept_of(const Cut& cut) const {
    if (options_.unit == Unit::kLayers) return {std::ssize(cut.layers)};
    if (options_.unit == Unit::kChannels) return {std::ssize(cut.channels)};
    std::vector<std::int64_t> kept;
    for (const LayerCut& layer : cut.within) {
      kept.push_back(options_.unit == Unit::kHeads ? std::ssize(layer.groups)
                                                   : std::ssize(layer.neurons));
    }
    return kept;
  }

  bool is_finished() const {
    return next_round() > plan_.rounds() && !fs::exists(round_folder(plan_.rounds())) &&
           fs::exists(options_.out / "config.json");
  }

  void finish() {
    result_.rounds = state_->rounds();
    if (is_finished()) {
      say("done     this run was complete already");
      return;
    }
    write_finished_model(options_.out, [&](const fs::path& folder) {
      // Training leaves some of them out.
      copy_files(options_.in, folder, &is_companion_file);
      for (const auto& entry : fs::directory_iterator(round_folder(plan_.rounds()))) {
        const fs::path to = folder / entry.path().filename();
        if (entry.is_regular_file() && !fs::exists(to)) link_file(entry.path(), to);
      }
      if (hooks_.finish) hooks_.finish(result_, folder);
    });
    if (!options_.keep_rounds) fs::remove_all(options_.out / "rounds");
  }

  const PruneOptions& options_;
  const PruneHooks& hooks_;
  Context& ctx_;
  PrunePlan plan_;
  std::optional<Calibration> calibration_;
  std::optional<PruneState> state_;
  PruneResult result_;
};

}  // namespace

PruneResult prune_checkpoint(const PruneOptions& options, const PruneHooks& hooks, Context& ctx) {
  return PruneRun(options, hooks, ctx).run();
}

}  // namespace pangu::compress
