// SPDX-License-Identifier: Apache-2.0
// What a run is to do, as its config file says. docs/training.md lists the keys; --print-defaults
// writes them with their defaults.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"
#include "models/config/config.h"
#include "models/weights/initial_weights.h"
#include "train/dataset.h"
#include "train/distill_options.h"
#include "train/optimizer.h"
#include "train/packing.h"
#include "train/schedule.h"

namespace pangu {

struct TrainConfig {
  std::optional<std::filesystem::path> from;  ///< checkpoint to train on
  ModelConfig model;                          ///< its config, or that of the new model
  Initializer initializer = Initializer::kGpt2;
  double initializer_range = 0.02;
  bool keep_zeros = false;  ///< weights that are 0 at the start stay 0
  std::filesystem::path tokenizer;

  std::vector<DataSource> train, validation;
  LossOn loss_on = LossOn::kAssistant;
  PackingOptions packing;
  std::optional<std::string> document_separator;
  bool append_eos = true;

  std::int64_t rows = 8, accumulate = 1;
  OptimizerOptions optimizer;
  bool decay_embeddings = true;
  double clip_norm = 1;
  Schedule schedule;  ///< `steps` is 0 until the data is known, where epochs were given
  std::optional<double> epochs;
  std::optional<DistillOptions> distill;  ///< absent: nothing but the data is learnt

  std::uint64_t seed = 0;
  DType dtype = DType::kBF16;
  bool recompute_layers = false;
  double divergence = 3;
  std::int64_t validate_every = 0, validate_rows = 64;
  std::int64_t save_every = 500, keep = 2, log_every = 1;
  DType save_dtype = DType::kBF16;
  std::filesystem::path output;

  Json json;  ///< the whole config, defaults filled in

  /// The part of the config that decides about the weights of every step, and that a resumed run
  /// must share. Paths are not in it: the
  /// data has a digest of its own, and so has a teacher (TeacherModel::digest()).
  Json resume_settings(std::string_view teacher_digest = {}) const;
};

/// Fills in defaults and checks everything; `file` names the config in messages. Paths are relative
/// to the working directory; models and tokenizers may be bundled ones, by their names. Throws
/// ConfigError naming file, key, what was found and expected; what reading a model's config throws.
TrainConfig parse_train_config(const Json& json, const std::string& file, JsonOrigin origin = {});

/// Reads a config, in which comments are allowed, and applies "key=value" overrides to it.
TrainConfig read_train_config(const std::filesystem::path& file,
                              std::span<const std::string> overrides);

}  // namespace pangu
