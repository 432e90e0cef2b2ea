// SPDX-License-Identifier: Apache-2.0
#include "recipes/train_run.h"

#include <cmath>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/resources.h"
#include "io/atomic_file.h"
#include "models/model_files.h"
#include "models/weights/output_head.h"
#include "pangu/tokenizer.h"
#include "recipes/output_folder.h"
#include "report/units.h"
#include "train/finished_model.h"
#include "train/output_lock.h"
#include "train/teacher_model.h"

namespace pangu::recipes {
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

/// The model that is trained: a head may be stored beside an embedding that is tied to it.
ModelConfig trained_model(const TrainConfig& config) {
  ModelConfig model = config.model;
  if (config.from) {
    const ModelFiles files = ModelFiles::open(*config.from);
    model.tie_word_embeddings = find_output_head(model, *files.source).is_embedding;
  }
  return model;
}

std::vector<fs::path> models_read(const TrainConfig& config) {
  std::vector<fs::path> models{config.tokenizer};
  if (config.from) models.push_back(*config.from);
  if (config.distill) models.push_back(config.distill->teacher);
  return models;
}

/// Refuses what would only fill the machine until the system ends it. The estimate may be somewhat
/// too high, and data can be read again from its file.
void require_memory(const MemoryEstimate& size) {
  const std::int64_t needed = size.total() - size.data, memory = total_memory_bytes();
  if (needed / 5 * 4 <= memory) return;
  fail<ConfigError>(
      "[memory] the run needs about {}, and this machine has {}. Choose fewer batch.rows (and more "
      "batch.accumulate), a shorter data.sequence_length or a smaller model; --estimate says what "
      "they need.",
      bytes_text(needed), bytes_text(memory));
}

/// Refuses to mix two runs, and tidies up after a killed one.
void prepare_output(const TrainConfig& config, bool resume) {
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

class TrainRun {
 public:
  TrainRun(const TrainConfig& config, const TrainRunOptions& options, const TrainRunHooks& hooks,
           Communicator& communicator)
      : config_(config), options_(options), hooks_(hooks), communicator_(communicator) {}

  TrainRunResult run();

 private:
  bool is_first() const { return communicator_.rank() == 0; }
  template <class Hook, class... Args>
  void tell(const Hook& hook, Args&&... args) const {
    if (is_first() && hook) hook(std::forward<Args>(args)...);
  }

  std::optional<TeacherModel> open_teacher(Context& ctx) const;
  RowStream read_data(const std::vector<DataSource>& sources, ThreadPool& threads) const;
  std::unique_ptr<Objective> make_objective(Distiller* distiller, Context& ctx) const;
  TrainerOptions trainer_options(const RowStream& data, const Distiller* distiller) const;
  /// Writes the model; whether its weights differ from those of config.from.
  bool finish(Objective& objective, const TrainResult& result, const MemoryEstimate& size) const;

  const TrainConfig& config_;
  const TrainRunOptions& options_;
  const TrainRunHooks& hooks_;
  Communicator& communicator_;
};

/// Opened before anything is written: a teacher that does not fit ends the run early.
std::optional<TeacherModel> TrainRun::open_teacher(Context& ctx) const {
  if (!config_.distill) return std::nullopt;
  require_tokenizer_files(config_.tokenizer);
  const auto tokenizer = load_tokenizer(config_.tokenizer);
  std::optional<TeacherModel> teacher;
  teacher.emplace(config_.distill->teacher,
                  StudentNeeds{.config = config_.model,
                               .tokenizer = *tokenizer,
                               .length = config_.packing.length,
                               .hidden_states = config_.distill->hidden_weight > 0},
                  ctx);
  return teacher;
}

RowStream TrainRun::read_data(const std::vector<DataSource>& sources, ThreadPool& threads) const {
  require_tokenizer_files(config_.tokenizer);
  const auto tokenizer = load_tokenizer(config_.tokenizer);
  const ExampleEncoder encoder(tokenizer, {.loss_on = config_.loss_on,
                                           .append_eos = config_.append_eos,
                                           .origin = config_.tokenizer.string()});
  return {read_datasets(sources, encoder,
                        {.document_separator = config_.document_separator,
                         .vocabulary = config_.model.vocab_size,
                         .progress = hooks_.reading},
                        config_.output, threads),
          config_.packing};
}

std::unique_ptr<Objective> TrainRun::make_objective(Distiller* distiller, Context& ctx) const {
  return make_decoder_objective({.config = config_.model,
                                 .checkpoint = config_.from,
                                 .seed = config_.seed,
                                 .initializer = config_.initializer,
                                 .initializer_range = config_.initializer_range,
                                 .decay_embeddings = config_.decay_embeddings,
                                 .keep_zeros = config_.keep_zeros,
                                 .recompute_layers = config_.recompute_layers,
                                 .distiller = distiller},
                                ctx);
}

TrainerOptions TrainRun::trainer_options(const RowStream& data, const Distiller* distiller) const {
  TrainerOptions o;
  o.optimizer = config_.optimizer;
  o.schedule = config_.schedule;
  const RunLength length = length_of(config_, data);
  o.schedule.steps = length.steps;
  o.total_rows = length.total_rows;
  o.clip_norm = config_.clip_norm;
  o.rows = config_.rows;
  o.accumulate = config_.accumulate;
  o.validate_every = config_.validate_every;
  o.validate_rows = config_.validate_rows;
  o.save_every = config_.save_every;
  o.keep = config_.keep;
  o.log_every = config_.log_every;
  o.divergence = config_.divergence;
  o.output = config_.output;
  o.save_dtype = config_.save_dtype;
  o.resume_settings = distiller ? config_.resume_settings(distiller->teacher().digest())
                                : config_.resume_settings();
  o.add_files = [this](const fs::path& folder) { copy_tokenizer_files(config_.tokenizer, folder); };
  return o;
}

bool TrainRun::finish(Objective& objective, const TrainResult& result,
                      const MemoryEstimate& size) const {
  bool changed = true;
  if (is_first()) {
    write_finished_model(config_.output, [&](const fs::path& folder) {
      objective.save_model(folder, config_.save_dtype);
      changed = !config_.from || !same_weights(*config_.from, folder);
      copy_tokenizer_files(config_.tokenizer, folder);
      write_file_atomically(folder / "README.md",
                            training_card(config_, result, size, options_.command));
    });
  }
  communicator_.barrier();
  return changed;
}

TrainRunResult TrainRun::run() {
  require_other_folder(config_.output, models_read(config_));
  ContextOptions machine = options_.machine;
  machine.dtype = config_.dtype;
  Context ctx(machine);
  std::optional<TeacherModel> teacher = open_teacher(ctx);
  std::optional<OutputLock> lock;
  if (is_first()) {
    lock.emplace(config_.output);
    prepare_output(config_, options_.resume);
  }
  communicator_.barrier();
  std::unique_ptr<Distiller> distiller;
  if (teacher) distiller = std::make_unique<Distiller>(*config_.distill, *teacher, ctx);
  const RowStream train = read_data(config_.train, ctx.threads());
  std::optional<RowStream> validation;
  if (!config_.validation.empty()) validation.emplace(read_data(config_.validation, ctx.threads()));
  tell(hooks_.data, train);
  MemoryEstimate size = training_memory(config_);
  size.data = train.bytes() + (validation ? validation->bytes() : 0);
  tell(hooks_.memory, size);
  require_memory(size);
  const auto objective = make_objective(distiller.get(), ctx);
  Trainer trainer(*objective, train, validation ? &*validation : nullptr, communicator_,
                  ctx.executor(), trainer_options(train, distiller.get()));
  const bool resumed = options_.resume && trainer.resume();
  tell(hooks_.begin, resumed ? std::optional(trainer.state().step) : std::nullopt);
  TrainRunResult result;
  result.training = trainer.run({.step = hooks_.step, .stop = hooks_.stop});
  if (!result.training.interrupted) {
    result.weights_changed = finish(*objective, result.training, size);
  }
  if (distiller) {
    result.teacher = {distiller->documents_run(), distiller->documents_cached()};
  }
  return result;
}

}  // namespace

TrainRunResult run_training(const TrainConfig& config, const TrainRunOptions& options,
                            const TrainRunHooks& hooks, Communicator& communicator) {
  return TrainRun(config, options, hooks, communicator).run();
}

MemoryEstimate training_memory(const TrainConfig& config) {
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

}  // namespace pangu::recipes
