// SPDX-License-Identifier: Apache-2.0
#include "apps/train/train_report.h"

#include <fmt/format.h>

#include <utility>

#include "apps/shared/output.h"
#include "base/resources.h"
#include "report/units.h"

namespace pangu::app {
namespace {

std::string data_text(const RowStream& data) {
  std::string text;
  for (std::size_t i = 0; i < data.datasets().size(); ++i) {
    const auto& [source, store, counts] = data.datasets()[i];
    const PackedRows& rows = data.packed(i);
    text += fmt::format("data     {}: {} documents, {} tokens, {} learnt, {} rows",
                        source.path.filename().string(), counts.documents, counts.tokens,
                        counts.loss_tokens, rows.size());
    if (rows.counts().too_long > 0) {
      text += fmt::format("; {} too long, {} tokens left out", rows.counts().too_long,
                          rows.counts().tokens_left_out);
    }
    text += "\n";
  }
  return text;
}

Json result_json(const TrainConfig& config, const recipes::TrainRunResult& run) {
  const TrainResult& result = run.training;
  Json json{{"step", result.step},
            {"loss", result.loss},
            {"validation_loss", result.validation_loss ? Json(*result.validation_loss) : Json()},
            {"tokens", result.tokens},
            {"tokens_per_s", result.tokens_per_s},
            {"flops_per_s", result.flops_per_s},
            {"seconds", result.seconds},
            {"peak_rss_bytes", peak_rss_bytes()},
            {"interrupted", result.interrupted},
            {"weights_changed", result.interrupted ? Json() : Json(run.weights_changed)},
            {"output", config.output.string()}};
  if (run.teacher) {
    json["teacher_documents_run"] = run.teacher->documents_run;
    json["teacher_documents_cached"] = run.teacher->documents_cached;
  }
  return json;
}

std::string result_text(const TrainResult& result) {
  std::string text = fmt::format("trained  {} steps, loss {:.4f}", result.step, result.loss);
  if (result.validation_loss) text += fmt::format(", validation {:.4f}", *result.validation_loss);
  const std::string speed =
      result.tokens_per_s > 0
          ? fmt::format("{} tokens/s, {}", count_text(result.tokens_per_s),
                        decimal_text(result.flops_per_s, "FLOP/s"))
          : std::string("no step was left to train");  // of a run that had ended
  return text + fmt::format("; {}, peak memory {}\n", speed, bytes_text(peak_rss_bytes()));
}

std::string teacher_text(const recipes::TeacherUse& teacher) {
  return fmt::format("teacher  ran over {} documents; {} came from the cache\n",
                     teacher.documents_run, teacher.documents_cached);
}

}  // namespace

std::string memory_text(const MemoryEstimate& e) {
  std::string text = fmt::format(
      "memory   {} parameters: weights {}, gradients {}, moments {}, activations {}, working {}, "
      "{}data {}; in all {} of {}\n",
      e.parameters, bytes_text(e.weights), bytes_text(e.gradients), bytes_text(e.moments),
      bytes_text(e.activations), bytes_text(e.working),
      e.teacher > 0 ? fmt::format("teacher {}, ", bytes_text(e.teacher)) : "", bytes_text(e.data),
      bytes_text(e.total()), bytes_text(total_memory_bytes()));
  if (e.total() > total_memory_bytes()) {
    text +=
        "         more than this machine has: fewer batch.rows, a shorter "
        "data.sequence_length or a smaller model would fit\n";
  }
  return text;
}

void print_estimate(const TrainConfig& config, const CommandFrame& frame) {
  if (frame.is_silent()) return;
  const MemoryEstimate e = recipes::training_memory(config);
  if (frame.prints_json()) {
    print_json({{"parameters", e.parameters},
                {"weights_bytes", e.weights},
                {"gradients_bytes", e.gradients},
                {"moments_bytes", e.moments},
                {"activations_bytes", e.activations},
                {"working_bytes", e.working},
                {"teacher_bytes", e.teacher},
                {"total_bytes", e.total()}});
  } else {
    print(memory_text(e));
  }
}

TrainReport::TrainReport(CommandFrame& frame, std::string resume_command, bool prints_json)
    : frame_(frame),
      resume_command_(std::move(resume_command)),
      prints_json_(prints_json),
      reading_(frame.bar("bytes")) {}

recipes::TrainRunHooks TrainReport::hooks() {
  using Mode = TrainingDisplay::Mode;
  recipes::TrainRunHooks hooks;
  hooks.reading = frame_.progress(reading_);
  hooks.data = [this](const RowStream& data) {
    reading_.clear();
    frame_.say(data_text(data));
  };
  hooks.memory = [this](const MemoryEstimate& size) { frame_.say(memory_text(size)); };
  hooks.begin = [this](std::optional<std::int64_t> resumed_after) {
    if (resumed_after) frame_.say(fmt::format("resumed  after step {}\n", *resumed_after));
    display_.emplace(!frame_.takes_notes()  ? Mode::kSilent
                     : is_terminal_stderr() ? Mode::kBar
                                            : Mode::kLines);
  };
  hooks.step = [this](const StepReport& report) { display_->update(report); };
  hooks.stop = [this] { return frame_.interrupts().requested(); };
  return hooks;
}

void TrainReport::show(const TrainConfig& config, const recipes::TrainRunResult& run) {
  display_.reset();
  if (frame_.is_silent()) return;
  if (prints_json_ && frame_.prints_json()) print_json(result_json(config, run));
  frame_.say(result_text(run.training));
  if (run.teacher) frame_.say(teacher_text(*run.teacher));
  if (!run.weights_changed) {
    // Said even when --quiet: the model is not what was asked for.
    note(fmt::format(
        "pangu: warning: the trained weights, saved as {}, are those of {} bit for bit. Train for "
        "more steps, raise the learning rate, or save as f32 (save.dtype).\n",
        name(config.save_dtype), config.from->string()));
  }
  if (!run.training.interrupted) {
    frame_.say(fmt::format("model    {}, with log.csv and loss.svg\n", config.output.string()));
  } else {
    frame_.say(fmt::format("stopped  after step {}, which is saved; go on with\n         {}\n",
                           run.training.step, resume_command_));
  }
}

}  // namespace pangu::app
