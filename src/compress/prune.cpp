// SPDX-License-Identifier: Apache-2.0
#include "compress/prune.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "checkpoint/companion_files.h"
#include "compress/prune_round.h"
#include "io/file_digest.h"
#include "pangu/tokenizer.h"
#include "train/checkpoint_store.h"
#include "train/finished_model.h"
#include "train/output_lock.h"

namespace pangu::compress {
namespace {

namespace fs = std::filesystem;

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
    state_.emplace(options_.out, plan_.resume_settings(), options_.resume);
    // A run that was killed behind its last file wrote all, but did not tidy up.
    remove_unfinished(options_.out);
    if (plan_.needs_text()) read_calibration_text();
    start();
    for (std::int64_t round = next_round(); round <= plan_.rounds(); ++round) run_round(round);
    if (next_round() <= plan_.steps()) quantize();
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
      if (const auto warning = plan_.alignment_warning(); !warning.empty()) {
        log::warning("{}", warning);
      }
      RoundResult before = round_before(options_.in, plan_);
      if (hooks_.measure) before.measured = hooks_.measure(0, options_.in);
      state_->add(before);
    }
    state_->require_rounds_up_to(plan_.steps());
    if (hooks_.check_measured) {
      for (const RoundResult& r : state_->rounds()) {
        const Json round{{"measured", r.measured}};
        hooks_.check_measured(JsonObject(state_->file().string(), round));
      }
    }
    if (const auto done = std::ssize(state_->rounds()) - 1; done > 0) {
      if (!is_finished()) require_undamaged(round_folder(done), state_->rounds().back());
      say(fmt::format("resumed  after round {} of {}", std::min(done, plan_.rounds()),
                      plan_.rounds()));
    }
  }

  /// Throws FileError for weights that are not those which were written there.
  void require_undamaged(const fs::path& folder, const RoundResult& r) const {
    if (r.weights_digest.empty()) return;
    const std::string found = weights_digest(folder);
    if (found == r.weights_digest) return;
    fail<FileError>(
        "[resume] {}: the weights of round {} are damaged: their digest is {}, but {} says {}. "
        "Restore the folder, or begin anew in another one without --resume.",
        folder.string(), r.round, found, state_->file().string(), r.weights_digest);
  }

  /// Counts the model before and the step that quantizes, as folders do.
  std::int64_t next_round() const { return std::ssize(state_->rounds()); }

  fs::path round_folder(std::int64_t round) const {
    return round == 0 ? options_.in : options_.out / "rounds" / fmt::format("round-{}", round);
  }
  fs::path cut_folder(std::int64_t round) const {
    return options_.out / "rounds" / fmt::format("cut-{}", round);
  }

  void run_round(std::int64_t round) {
    const fs::path from = round_folder(round - 1), to = round_folder(round);
    RoundResult r;
    const fs::path cut = hooks_.improve ? cut_folder(round) : to;
    const auto& pending = state_->pending();
    if (pending && pending->round == round && fs::exists(cut / "config.json")) {
      // An interrupted run had cut already; what it learnt since is in `to`.
      r = *pending;
      require_undamaged(cut, r);
      say(fmt::format("round {}  goes on with what was cut", round));
    } else {
      fs::remove_all(cut);
      r = cut_round(
          {options_, plan_, calibration_ ? &*calibration_ : nullptr, hooks_.improve != nullptr},
          round, from, cut, hooks_.progress, ctx_);
      r.weights_digest = weights_digest(cut);
      state_->set_pending(r);
      say(line_of(r));
    }
    if (hooks_.improve) hooks_.improve(round, cut, to);
    finish_round(r);
    if (hooks_.improve) fs::remove_all(cut);
  }

  /// The pruned model in the formats that were asked for: a step like a round.
  void quantize() {
    const std::int64_t step = plan_.steps();
    const fs::path to = round_folder(step);
    fs::remove_all(to);
    std::vector<std::string> notes;
    RoundResult r = quantize_round(state_->rounds().back(), *options_.formats,
                                   round_folder(plan_.rounds()), to, notes, hooks_.progress, ctx_);
    say(fmt::format("format   {}; {:.1f} s", r.format, r.seconds));
    for (const std::string& line : notes) say("note     " + line);
    finish_round(r);
  }

  /// Measures what a step left, and forgets the folder that it began with.
  void finish_round(RoundResult& r) {
    r.weights_digest = weights_digest(round_folder(r.round));
    if (hooks_.measure) r.measured = hooks_.measure(r.round, round_folder(r.round));
    state_->add(r);
    if (!options_.keep_rounds && r.round > 1) fs::remove_all(round_folder(r.round - 1));
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
    if (plan_.is_weights()) return "";
    const auto sum = [](const std::vector<std::int64_t>& sizes) {
      return static_cast<double>(std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}));
    };
    const double removed = 1 - sum(r.kept) / sum(plan_.sizes_of(result_.config_before));
    if (std::fabs(removed - r.ratio) < kSameShare) return "";
    return fmt::format(
        "\n         {:.1f}% removed where {:.1f}% was asked for: sizes are multiples of {} "
        "(--align)",
        100 * removed, 100 * r.ratio, plan_.rounding().align);
  }

  /// config.json comes last of all files, in a folder that was empty before.
  bool is_finished() const {
    return next_round() > plan_.steps() && fs::exists(options_.out / "config.json");
  }

  void finish() {
    result_.rounds = state_->rounds();
    if (is_finished()) {
      say("done     this run was complete already");
    } else {
      write_model();
    }
    if (!options_.keep_rounds) fs::remove_all(options_.out / "rounds");
  }

  void write_model() const {
    write_finished_model(options_.out, [&](const fs::path& folder) {
      // Training leaves some of them out.
      copy_files(options_.in, folder, &is_companion_file);
      for (const auto& entry : fs::directory_iterator(round_folder(plan_.steps()))) {
        const fs::path to = folder / entry.path().filename();
        if (entry.is_regular_file() && !fs::exists(to)) link_file(entry.path(), to);
      }
      if (hooks_.finish) hooks_.finish(result_, folder);
    });
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
