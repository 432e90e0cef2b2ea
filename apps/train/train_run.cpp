// SPDX-License-Identifier: Apache-2.0
#include "apps/train/train_run.h"

#include <fmt/format.h>

#include <cmath>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "apps/shared/output.h"
#include "apps/shared/progress_bar.h"
#include "apps/shared/units.h"
#include "apps/train/training_line.h"
#include "base/error.h"
#include "base/resources.h"
#include "comm/process_group.h"
#include "io/atomic_file.h"
#include "models/model_files.h"
#include "models/weights/output_head.h"
#include "pangu/tokenizer.h"
#include "train/decoder_objective.h"
#include "train/finished_model.h"
#include "train/output_lock.h"

namespace pangu::app {
namespace {

namespace fs = std::filesystem;

/// How long a run is: full steps, or whole epochs, of which the last step takes what is left.
struct RunLength {
  std::int64_t steps = 0, total_rows = 0;
};

RunLength length_of(const TrainConfig& config, const RowStream& data) {
  if (!config.epochs) return {.steps = config.schedule.steps};
  const double rows = std::ceil(*config.epochs * static_cast<double>(data.rows_per_epoch()));
  const std::int64_t a_step = config.rows * config.accumulate, total = std::llround(rows);
  return {.steps = (total + a_step - 1) / a_step, .total_rows = total};
}

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

Json result_json(const TrainConfig& config, const TrainResult& result, const Distiller* distiller,
                 bool changed) {
  Json json{{"step", result.step},
            {"loss", result.loss},
            {"validation_loss", result.validation_loss ? Json(*result.validation_loss) : Json()},
            {"tokens", result.tokens},
            {"tokens_per_s", result.tokens_per_s},
            {"flops_per_s", result.flops_per_s},
            {"seconds", result.seconds},
            {"peak_rss_bytes", peak_rss_bytes()},
            {"interrupted", result.interrupted},
            {"weights_changed", result.interrupted ? Json() : Json(changed)},
            {"output", config.output.string()}};
  if (distiller) {
    json["teacher_documents_run"] = distiller->documents_run();
    json["teacher_documents_cached"] = distiller->documents_remembered();
  }
  return json;
}

std::string teacher_text(const Distiller& distiller) {
  return fmt::format("teacher  ran over {} documents; {} came from the cache\n",
                     distiller.documents_run(), distiller.documents_remembered());
}

/// The model that is trained: a head may be stored beside an embedding that is tied to it.
ModelConfig trained_model(const TrainConfig& config) {
  ModelConfig model = config.model;
  if (config.from) {
    const ModelFiles files = ModelFiles::open(*config.from);
    model.tie_word_embeddings = find_output_head(model, *files.source).is_embedding;
  }
  return model;
}

}  // namespace

MemoryEstimate memory_estimate(const TrainConfig& config) {
  const std::int64_t tokens = config.rows * config.packing.length;
  MemoryEstimate e = estimate_training_memory(trained_model(config),
                                              {.dtype = config.dtype,
                                               .tokens = tokens,
                                               .optimizer = config.optimizer.kind,
                                               .recompute_layers = config.recompute_layers});
  if (config.distill) {
    e.teacher =
        estimate_teacher_memory(ModelFiles::open(config.distill->teacher), config.dtype, tokens);
  }
  return e;
}

void print_estimate(const TrainConfig& config, const CommonOptions& common) {
  const MemoryEstimate e = memory_estimate(config);
  if (common.json) {
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

void TrainRun::say(const std::string& text) const {
  if (ranks.rank() == 0 && !common.quiet) note(text);
}

/// Refuses what would only fill the machine until the system ends it. The estimate may be somewhat
/// too high, and data can be read again from its file.
void TrainRun::require_memory(const MemoryEstimate& size) const {
  const std::int64_t needed = size.total() - size.data, memory = total_memory_bytes();
  if (needed / 5 * 4 <= memory) return;
  fail<ConfigError>(
      "[memory] the run needs about {}, and this machine has {}. Choose fewer batch.rows (and more "
      "batch.accumulate), a shorter data.sequence_length or a smaller model; --estimate says what "
      "they need.",
      bytes_text(needed), bytes_text(memory));
}

std::vector<fs::path> TrainRun::models_read() const {
  std::vector<fs::path> models{config.tokenizer};
  if (config.from) models.push_back(*config.from);
  if (config.distill) models.push_back(config.distill->teacher);
  return models;
}

/// Refuses to mix two runs, and tidies up after a killed one.
void TrainRun::prepare_output() const {
  const fs::path& out = config.output;
  const bool has_run = !checkpoint_steps(out / "checkpoints").empty();
  if (has_run && !resume) {
    fail<FileError>(
        "[output] {} holds checkpoints of a run. Add --resume to go on with it, or choose another "
        "output folder.",
        out.string());
  }
  if (!has_run) require_free_output(out, config.tokenizer, resume);
  // Other programs may write to a folder that is not ours yet.
  if (has_run) remove_unfinished(out);
  remove_unfinished(out / "checkpoints");
}

std::vector<Dataset> TrainRun::read_data(const std::vector<DataSource>& sources,
                                         ThreadPool& threads) const {
  require_tokenizer_files(config.tokenizer);
  const auto tokenizer = load_tokenizer(config.tokenizer);
  const ExampleEncoder encoder(tokenizer, {.loss_on = config.loss_on,
                                           .append_eos = config.append_eos,
                                           .origin = config.tokenizer.string()});
  ProgressBar bar("bytes", ranks.rank() == 0 && !common.quiet && is_terminal_stderr());
  return read_datasets(sources, encoder,
                       {.document_separator = config.document_separator,
                        .vocabulary = config.model.vocab_size,
                        .progress =
                            [&](std::string_view what, std::int64_t done, std::int64_t total) {
                              interrupts.check();
                              bar.update(what, done, total);
                            }},
                       config.output, threads);
}

/// Opened before anything is written: a teacher that does not fit ends the run early.
std::optional<TeacherModel> TrainRun::open_teacher(Context& ctx) const {
  if (!config.distill) return std::nullopt;
  require_tokenizer_files(config.tokenizer);
  const auto tokenizer = load_tokenizer(config.tokenizer);
  std::optional<TeacherModel> teacher;
  teacher.emplace(config.distill->teacher,
                  StudentNeeds{.config = config.model,
                               .tokenizer = *tokenizer,
                               .length = config.packing.length,
                               .hidden_states = config.distill->hidden_weight > 0},
                  ctx);
  return teacher;
}

TrainerOptions TrainRun::trainer_options(const RowStream& data, const Distiller* distiller) const {
  TrainerOptions o;
  o.optimizer = config.optimizer;
  o.schedule = config.schedule;
  const RunLength length = length_of(config, data);
  o.schedule.steps = length.steps;
  o.total_rows = length.total_rows;
  o.clip_norm = config.clip_norm;
  o.rows = config.rows;
  o.accumulate = config.accumulate;
  o.validate_every = config.validate_every;
  o.validate_rows = config.validate_rows;
  o.save_every = config.save_every;
  o.keep = config.keep;
  o.log_every = config.log_every;
  o.divergence = config.divergence;
  o.output = config.output;
  o.save_dtype = config.save_dtype;
  o.course = distiller ? config.course(distiller->teacher().digest()) : config.course();
  o.add_files = [this](const fs::path& folder) { copy_tokenizer_files(config.tokenizer, folder); };
  return o;
}

bool TrainRun::finish(Objective& objective, const TrainResult& result,
                      const MemoryEstimate& size) const {
  bool changed = true;
  if (ranks.rank() == 0) {
    write_finished_model(config.output, [&](const fs::path& folder) {
      objective.save_model(folder, config.save_dtype);
      changed = !config.from || !same_weights(*config.from, folder);
      copy_tokenizer_files(config.tokenizer, folder);
      write_file_atomically(folder / "README.md", training_card(config, result, size, command));
    });
  }
  ranks.barrier();
  return changed;
}

void TrainRun::report(const TrainResult& result, const Distiller* distiller, bool changed) const {
  if (ranks.rank() != 0) return;
  if (common.json) print_json(result_json(config, result, distiller, changed));
  std::string text = fmt::format("trained  {} steps, loss {:.4f}", result.step, result.loss);
  if (result.validation_loss) text += fmt::format(", validation {:.4f}", *result.validation_loss);
  text += fmt::format("; {} tokens/s, {}, peak memory {}\n", count_text(result.tokens_per_s),
                      decimal_text(result.flops_per_s, "FLOP/s"), bytes_text(peak_rss_bytes()));
  say(text);
  if (distiller) say(teacher_text(*distiller));
  if (!changed) {
    // Said even when --quiet: the model is not what was asked for.
    note(fmt::format(
        "pangu: warning: the trained weights, saved as {}, are those of {} bit for bit. Train for "
        "more steps, raise the learning rate, or save as f32 (save.dtype).\n",
        name(config.save_dtype), config.from->string()));
  }
  if (!result.interrupted) {
    say(fmt::format("model    {}, with log.csv and loss.svg\n", config.output.string()));
  } else {
    say(fmt::format("stopped  after step {}, which is saved; go on with\n         {}\n",
                    result.step, resume_command));
  }
}

TrainResult TrainRun::run() {
  check_output_folder(config.output, models_read());
  ContextOptions machine = context_options(common);
  machine.dtype = config.dtype;
  Context ctx(machine);
  std::optional<TeacherModel> teacher = open_teacher(ctx);
  std::optional<OutputLock> lock;
  if (ranks.rank() == 0) {
    lock.emplace(config.output);
    prepare_output();
  }
  ranks.barrier();
  std::unique_ptr<Distiller> distiller;
  if (teacher) distiller = std::make_unique<Distiller>(*config.distill, *teacher, ctx);
  PackingOptions packing = config.packing;
  const RowStream train(read_data(config.train, ctx.threads()), packing);
  std::optional<RowStream> validation;
  if (!config.validation.empty()) {
    validation.emplace(read_data(config.validation, ctx.threads()), packing);
  }
  say(data_text(train));
  MemoryEstimate size = memory_estimate(config);
  size.data = train.bytes() + (validation ? validation->bytes() : 0);
  say(memory_text(size));
  require_memory(size);
  const auto objective = make_decoder_objective({.config = config.model,
                                                 .checkpoint = config.from,
                                                 .seed = config.seed,
                                                 .initializer = config.initializer,
                                                 .initializer_range = config.initializer_range,
                                                 .decay_embeddings = config.decay_embeddings,
                                                 .keep_zeros = config.keep_zeros,
                                                 .recompute_layers = config.recompute_layers,
                                                 .distiller = distiller.get()},
                                                ctx);
  Trainer trainer(*objective, train, validation ? &*validation : nullptr, ranks, ctx.executor(),
                  trainer_options(train, distiller.get()));
  if (resume && trainer.resume()) {
    say(fmt::format("resumed  after step {}\n", trainer.state().step));
  }
  using Mode = TrainingDisplay::Mode;
  TrainingDisplay display(common.quiet           ? Mode::kSilent
                          : is_terminal_stderr() ? Mode::kBar
                                                 : Mode::kLines);
  const TrainResult result = trainer.run({.step = [&](const StepReport& r) { display.update(r); },
                                          .stop = [&] { return interrupts.requested(); }});
  display.clear();
  const bool changed = result.interrupted || finish(*objective, result, size);
  report(result, distiller.get(), changed);
  if (result.interrupted) fail<Cancelled>("[cancel] stopped by Ctrl-C.");
  return result;
}

void run_in_ranks(const std::function<void(Communicator& ranks, Interrupts& interrupts)>& work) {
  Interrupts interrupts;
  const auto ranks = join_process_group();
  if (ranks->size() == 1) {
    work(*ranks, interrupts);
    return;
  }
  // The other ranks wait for this one: nobody ends alone.
  try {
    work(*ranks, interrupts);
  } catch (const Cancelled&) {
    throw;
  } catch (const std::exception& error) {
    note(fmt::format("pangu: error: {} (process {} of {})\n", error.what(), ranks->rank(),
                     ranks->size()));
    ranks->abort(1);
  }
}

}  // namespace pangu::app
