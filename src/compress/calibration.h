// SPDX-License-Identifier: Apache-2.0
// The text that shows a method which parts of a model matter.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/progress.h"
#include "base/thread_pool.h"
#include "ops/batch.h"
#include "pangu/tokenizer.h"
#include "train/example_encoder.h"
#include "train/token_batch.h"

namespace pangu::compress {

struct CalibrationOptions {
  /// .jsonl (a record a line, see data/training_record.h) or .txt.
  std::vector<std::filesystem::path> files;
  std::int64_t sequences = 128;
  std::int64_t length = 512;  ///< tokens in a sequence, at most
  LossOn loss_on = LossOn::kAssistant;
  std::uint64_t seed = 0;  ///< of the order in which documents are taken
};

struct Calibration {
  std::vector<TokenBatch> sequences;
  std::int64_t tokens = 0;
  std::int64_t targets = 0;  ///< tokens with a loss
  std::uint64_t digest = 0;  ///< changes with the tokens

  /// The sequences as a model reads them.
  std::vector<Batch> texts() const;
};

/// Packs whole documents into sequences, as training does, and takes as many as are asked for;
/// `scratch` is a folder for the tokens. Throws ConfigError if no file or no sequence is asked for,
/// InputError naming how much there is if that is too little, and what reading data sets throws.
Calibration read_calibration(const CalibrationOptions& options,
                             std::shared_ptr<const Tokenizer> tokenizer, std::int64_t vocabulary,
                             const std::filesystem::path& scratch, const ProgressFn& progress,
                             ThreadPool& threads);

}  // namespace pangu::compress
