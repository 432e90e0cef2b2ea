// SPDX-License-Identifier: Apache-2.0
// The training config of a distillation, for commands that only ask for teacher, student and data.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "train/train_config.h"

namespace pangu {

/// The defaults are those of the published distillation of openPangu-Embedded after pruning; what
/// it does not tell is as in any training.
struct DistillSettings {
  std::string teacher;                        ///< folder or GGUF file, quantized or not
  std::string student;                        ///< folder with float weights, where training begins
  std::vector<std::string> data, validation;  ///< .jsonl or .txt
  std::string output;

  double learning_rate = 5e-5;
  double epochs = 2;
  std::optional<std::int64_t> steps;  ///< in place of epochs
  double temperature = 2, ce_weight = 0, hidden_weight = 0;
  std::optional<std::string> cache;
  std::int64_t top_k = 256;
  /// A step has 32 rows, of which two are in memory at a time.
  std::int64_t rows = 2, accumulate = 16;
  std::optional<std::int64_t> length;  ///< of rows; absent: 1024, or as far as both models reach
  std::uint64_t seed = 0;
  std::vector<std::string> overrides;  ///< "key=value" for any other key
  /// Options of the command that gave values, by the key they are of; for messages.
  std::map<std::string, std::string, std::less<>> options;
};

/// AdamW (0.9, 0.999, eps 1e-6, decay 0.01), a straight line from learning_rate to 0, gradients
/// clipped at 1, loss on what assistants say, validation every 50 steps. Throws ConfigError for
/// what does not fit, and what reading the configs of the models throws; no weights are read.
TrainConfig distill_config(const DistillSettings& settings);

}  // namespace pangu
