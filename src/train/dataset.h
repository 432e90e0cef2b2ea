// SPDX-License-Identifier: Apache-2.0
// Reads the files of a data set and turns them into tokens, once, before training begins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/thread_pool.h"
#include "train/example_encoder.h"
#include "train/token_store.h"

namespace pangu {

/// One file of a data set: .jsonl (a record a line, see data/training_record.h) or .txt.
struct DataSource {
  std::filesystem::path path;
  /// How often an epoch goes over it; 0.5 is every other row.
  double weight = 1;
};

struct DatasetOptions {
  /// What parts the documents of a .txt file: this text, or a blank line where it is absent. The
  /// empty text makes the whole file one document.
  std::optional<std::string> document_separator;
  std::int64_t vocabulary = 0;  ///< ids must be below
  ProgressFn progress;          ///< called with bytes read; may be empty, may throw
};

struct DatasetCounts {
  std::int64_t documents = 0, tokens = 0;
  std::int64_t loss_tokens = 0;   ///< of `tokens`, those that are learnt
  std::int64_t without_loss = 0;  ///< documents left out because nothing in them is learnt
  friend bool operator==(const DatasetCounts&, const DatasetCounts&) = default;
};

/// The tokens of one source.
struct Dataset {
  DataSource source;
  std::unique_ptr<TokenStore> store;
  DatasetCounts counts;
};

/// Reads every source in order; tokens go to a file in `scratch`. Memory is bounded, whatever the
/// size of the files. Throws FileError for a file that is missing, empty, of another kind, or has a
/// line of more than 16 MiB; what parse_training_record() and ExampleEncoder throw, with file and
/// line; InputError for a source with nothing to learn or with ids outside the vocabulary.
std::vector<Dataset> read_datasets(const std::vector<DataSource>& sources,
                                   const ExampleEncoder& encoder, const DatasetOptions& options,
                                   const std::filesystem::path& scratch, ThreadPool& threads);

}  // namespace pangu
