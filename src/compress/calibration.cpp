// SPDX-License-Identifier: Apache-2.0
#include "compress/calibration.h"

#include <utility>

#include "base/error.h"
#include "train/dataset.h"
#include "train/document_rows.h"
#include "train/row_stream.h"

namespace pangu::compress {
namespace {

std::string files_text(const std::vector<std::filesystem::path>& files) {
  std::string text;
  for (const auto& file : files) text += (text.empty() ? "" : ", ") + file.string();
  return text;
}

void check(const CalibrationOptions& options) {
  if (options.files.empty()) {
    fail<ConfigError>("[calibration] no text was given. Name a .jsonl or .txt file.");
  }
  if (options.sequences < 1 || options.length < 2) {
    fail<ConfigError>(
        "[calibration] {} sequences of {} tokens were asked for; at least 1 of at least 2 were "
        "expected.",
        options.sequences, options.length);
  }
}

}  // namespace

std::vector<Batch> Calibration::texts() const {
  std::vector<Batch> texts;
  for (const TokenBatch& sequence : sequences) texts.push_back(DocumentRows(sequence).batch);
  return texts;
}

Calibration read_calibration(const CalibrationOptions& options,
                             std::shared_ptr<const Tokenizer> tokenizer, std::int64_t vocabulary,
                             const std::filesystem::path& scratch, const ProgressFn& progress,
                             ThreadPool& threads) {
  check(options);
  std::vector<DataSource> sources;
  for (const auto& file : options.files) sources.push_back({.path = file});
  const ExampleEncoder encoder(std::move(tokenizer), {.loss_on = options.loss_on});
  const RowStream rows(
      read_datasets(sources, encoder, {.vocabulary = vocabulary, .progress = progress}, scratch,
                    threads),
      {.length = options.length, .seed = options.seed});
  if (rows.rows_per_epoch() < options.sequences) {
    std::int64_t tokens = 0;
    for (const Dataset& dataset : rows.datasets()) tokens += dataset.counts.tokens;
    fail<InputError>(
        "[calibration] {} has {} tokens, which fill {} sequences of {}; {} were asked for. Give "
        "more text, or ask for fewer or shorter sequences.",
        files_text(options.files), tokens, rows.rows_per_epoch(), options.length,
        options.sequences);
  }
  Calibration out;
  out.digest = rows.digest();
  for (std::int64_t i = 0; i < options.sequences; ++i) {
    TokenBatch& batch = out.sequences.emplace_back();
    rows.append_row(i, batch);
    out.tokens += std::ssize(batch.tokens);
    out.targets += batch.target_count();
  }
  return out;
}

}  // namespace pangu::compress
