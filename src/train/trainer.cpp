// SPDX-License-Identifier: Apache-2.0
#include "train/trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/resources.h"
#include "train/gradients.h"
#include "train/resume_settings.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// Share of the past in the running mean of losses, and the steps until it is trusted.
constexpr double kMemory = 0.98;
constexpr std::int64_t kTrustedAfter = 20;

fs::path checkpoint_folder(const TrainerOptions& o) {
  return o.output / "checkpoints";
}

/// What to do when the newest of some checkpoints is damaged.
std::string way_around(const fs::path& folder, std::span<const std::int64_t> steps) {
  const fs::path damaged = checkpoint_path(folder, steps.back());
  for (auto step = steps.rbegin() + 1; step != steps.rend(); ++step) {
    const fs::path earlier = checkpoint_path(folder, *step);
    if (!is_readable_checkpoint(earlier)) continue;
    return fmt::format("An earlier checkpoint is there: to go on from {}, remove {} and resume.",
                       earlier.string(), damaged.string());
  }
  return "No earlier checkpoint is there that could take its place: begin anew in another output "
         "folder.";
}

/// Calls `read`, which reads a checkpoint; damage is said together with a way around it.
template <class Read>
void read_or_advise(const fs::path& folder, std::span<const std::int64_t> steps, const Read& read) {
  try {
    read();
  } catch (const FileError& error) {
    fail<FileError>("{} {}", error.what(), way_around(folder, steps));
  } catch (const ConfigError& error) {
    fail<ConfigError>("{} {}", error.what(), way_around(folder, steps));
  } catch (const Unsupported& error) {
    fail<Unsupported>("{} {}", error.what(), way_around(folder, steps));
  }
}

}  // namespace

Trainer::Trainer(Objective& objective, const RowStream& train, const RowStream* validation,
                 Communicator& communicator, const Executor& on, TrainerOptions options)
    : objective_(objective),
      train_(train),
      validation_(validation),
      communicator_(communicator),
      on_(on),
      options_(std::move(options)),
      optimizer_(objective.parameters(), options_.optimizer) {
  const std::int64_t rows = options_.rows * options_.accumulate;
  if (rows % communicator_.size() != 0) {
    fail<ConfigError>(
        "[train] {} rows a step (batch.rows {} x batch.accumulate {}) do not divide among {} "
        "processes. Choose a multiple.",
        rows, options_.rows, options_.accumulate, communicator_.size());
  }
  state_.data_digest = train_.digest();
  state_.config = options_.resume_settings;
  state_.rows = 0;
}

bool Trainer::resume() {
  const fs::path folder = checkpoint_folder(options_);
  const auto steps = checkpoint_steps(folder);
  if (steps.empty()) return false;
  const fs::path from = checkpoint_path(folder, steps.back());
  TrainerState state;
  read_or_advise(folder, steps, [&] { state = read_trainer_state(from); });
  require_same_settings(state.config, options_.resume_settings, from.string());
  if (state.data_digest != state_.data_digest) {
    fail<ConfigError>(
        "[resume] {} was made with other training data: tokens or rows differ. Restore the data "
        "files and the tokenizer, or begin a new run with model.from = \"{}\".",
        from.string(), from.string());
  }
  read_or_advise(folder, steps, [&] {
    require_undamaged(from, state);
    load_checkpoint(from, objective_.parameters(), optimizer_.moments());
  });
  objective_.parameters_changed();
  state.config = options_.resume_settings;
  // Checkpoints of earlier versions do not say: their steps were all full.
  if (!state.rows) state.rows = state.step * options_.rows * options_.accumulate;
  state_ = std::move(state);
  return true;
}

bool Trainer::is_due(std::int64_t every) const {
  return every > 0 && state_.step % every == 0;
}

bool Trainer::is_done() const {
  return options_.total_rows > 0 ? *state_.rows >= options_.total_rows
                                 : state_.step >= options_.schedule.steps;
}

TrainResult Trainer::run(const TrainerHooks& hooks) {
  if (is_first()) log_ = std::make_unique<TrainingLog>(options_.output / "log.csv", state_.step);
  TrainResult result;
  double tokens = 0, flops = 0;
  while (!is_done() && !result.interrupted) {
    const std::int64_t number = state_.step + 1;
    const double rate = options_.schedule.rate(number);
    Stopwatch watch;
    const Step step = train_step();
    check(step, number);
    optimizer_.update(number, rate, clip_scale(step.norm, options_.clip_norm), on_);
    objective_.parameters_changed();
    state_.step = number;
    state_.tokens += step.tokens;
    state_.running_loss =
        number == 1 ? step.loss : kMemory * state_.running_loss + (1 - kMemory) * step.loss;
    state_.loss = step.loss;
    const double seconds = watch.seconds();
    result.seconds += seconds;
    tokens += static_cast<double>(step.tokens);
    flops += step.flops;

    const bool last = is_done();
    const bool validated = validation_ && (last || is_due(options_.validate_every));
    if (validated) state_.validation_loss = validate();
    if (is_first()) {
      LogRow row{.step = number,
                 .tokens = state_.tokens,
                 .loss = step.loss,
                 .validation_loss = validated ? state_.validation_loss : std::nullopt,
                 .learning_rate = rate,
                 .gradient_norm = step.norm,
                 .tokens_per_s = static_cast<double>(step.tokens) / seconds,
                 .flops_per_s = step.flops / seconds};
      if (last || validated || is_due(options_.log_every)) log_->append(row);
      if (hooks.step) hooks.step({.row = row, .steps = options_.schedule.steps});
    }
    result.interrupted = !last && asked_to_stop(hooks);
    if (last || result.interrupted || is_due(options_.save_every)) save();
  }
  result.step = state_.step;
  result.tokens = state_.tokens;
  result.loss = state_.loss;
  result.validation_loss = state_.validation_loss;
  if (result.seconds > 0) {
    result.tokens_per_s = tokens / result.seconds;
    result.flops_per_s = flops / result.seconds;
  }
  if (is_first()) log_->write_plot(options_.output / "loss.svg");
  return result;
}

Trainer::Step Trainer::train_step() {
  zero_gradients(objective_.parameters(), on_.threads);
  const std::int64_t full = options_.rows * options_.accumulate, first = *state_.rows;
  const std::int64_t left = options_.total_rows > 0 ? options_.total_rows - first : full;
  const std::int64_t rows = std::min(full, left);
  // Every rank knows all rows of the step, so the mean needs no exchange.
  std::int64_t targets = 0;
  for (std::int64_t r = first; r < first + rows; ++r) targets += train_.row_targets(r);
  const std::int64_t share = (rows + communicator_.size() - 1) / communicator_.size();
  const std::int64_t begin = first + std::min(rows, communicator_.rank() * share);
  const std::int64_t end = std::min(first + rows, begin + share);
  std::array<double, 3> sums{};  // loss, tokens, flops
  for (std::int64_t r = begin; r < end; r += options_.rows) {
    TokenBatch batch;
    for (std::int64_t i = r; i < std::min(end, r + options_.rows); ++i) {
      train_.append_row(i, batch);
    }
    sums[0] += objective_.accumulate(batch, 1.0 / static_cast<double>(targets));
    sums[1] += static_cast<double>(batch.size());
    sums[2] += objective_.flops(batch);
  }
  communicator_.all_reduce_sum(std::span<double>(sums));
  for (Parameter& p : objective_.parameters()) communicator_.all_reduce_sum(p.grad);
  state_.targets += targets;
  state_.rows = first + rows;
  return {.loss = sums[0] / static_cast<double>(targets),
          .tokens = std::llround(sums[1]),
          .flops = sums[2],
          .norm = gradient_norm(objective_.parameters(), on_.threads)};
}

void Trainer::check(const Step& step, std::int64_t number) const {
  if (!std::isfinite(step.loss))
    stop_run(fmt::format("step {}: the loss is {}", number, step.loss));
  if (!std::isfinite(step.norm)) {
    stop_run(fmt::format("step {}: the norm of the gradients is {}", number, step.norm));
  }
  if (options_.divergence > 0 && number > kTrustedAfter &&
      step.loss > state_.running_loss + options_.divergence) {
    stop_run(
        fmt::format("step {}: the loss is {:.4f}, more than {} (divergence) above its recent "
                    "mean of {:.4f}",
                    number, step.loss, options_.divergence, state_.running_loss));
  }
}

void Trainer::stop_run(const std::string& what) const {
  const auto steps = checkpoint_steps(checkpoint_folder(options_));
  const std::string from =
      steps.empty() ? "There is no checkpoint yet; begin anew"
                    : fmt::format(
                          "The last checkpoint is whole; begin a new run with model.from "
                          "= \"{}\"",
                          checkpoint_path(checkpoint_folder(options_), steps.back()).string());
  fail<NumericError>(
      "[train] {}. A loss that falls was expected. {} and a lower optimizer.learning_rate or a "
      "longer schedule.warmup_steps.",
      what, from);
}

double Trainer::validate() {
  const std::int64_t rows = std::min(options_.validate_rows, validation_->rows_per_epoch());
  std::array<double, 2> sums{};  // loss, targets
  for (std::int64_t r = communicator_.rank(); r < rows; r += communicator_.size()) {
    TokenBatch batch;
    validation_->append_row(r, batch);
    sums[0] += objective_.evaluate(batch);
    sums[1] += static_cast<double>(batch.target_count());
  }
  communicator_.all_reduce_sum(std::span<double>(sums));
  return sums[0] / sums[1];
}

bool Trainer::asked_to_stop(const TrainerHooks& hooks) {
  // Ranks must agree: one that stops would leave the others waiting.
  std::array<double, 1> votes{hooks.stop && hooks.stop() ? 1.0 : 0.0};
  communicator_.all_reduce_sum(std::span<double>(votes));
  return votes[0] > 0;
}

void Trainer::save() {
  if (is_first()) {
    fs::create_directories(checkpoint_folder(options_));
    save_checkpoint({.folder = checkpoint_folder(options_), .keep = options_.keep}, state_,
                    objective_.parameters(), optimizer_.moments(), [&](const fs::path& folder) {
                      objective_.save_model(folder, options_.save_dtype);
                      if (options_.add_files) options_.add_files(folder);
                    });
    log_->write_plot(options_.output / "loss.svg");
  }
  communicator_.barrier();
}

}  // namespace pangu
