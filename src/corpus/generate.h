// SPDX-License-Identifier: Apache-2.0
// A corpus on disk: records to train on, records to validate on, items to test with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/progress.h"
#include "corpus/record.h"

namespace pangu::corpus {

/// Changes whenever the same options give other bytes.
inline constexpr int kGeneratorVersion = 3;

struct CorpusOptions {
  std::uint64_t seed = 1;
  std::int64_t train_records = 100'000;
  /// Items per family and language.
  std::int64_t test_size = 200;
  /// Of the test items, 1 to kLevels (corpus/level.h). Training and validation are of level 1.
  int level = 1;
  std::vector<std::string> families;  ///< empty: all
  std::vector<Language> languages;    ///< empty: all
  ProgressFn progress = {};
};

struct FileCount {
  std::int64_t records = 0;
  std::int64_t bytes = 0;
};

struct CorpusReport {
  /// By the file's name within the folder: "train.jsonl", "test/code.jsonl".
  std::map<std::string, FileCount> files;
  /// Training records by family and language.
  std::map<std::string, std::map<std::string, std::int64_t>> train;
  std::int64_t facts = 0;  ///< of the invented world
};

/// Writes the folder `out`, which must be new or empty: train.jsonl, validation.jsonl (one record
/// for 50 of training), test/FAMILY.jsonl, manifest.json and README.md. The same options give the
/// same bytes on every machine; train.jsonl and validation.jsonl do not depend on the level. Memory
/// does not grow with the size. Throws InputError for a family or level that is not there, and for
/// more test items than a family has instances; FileError if `out` cannot be written.
CorpusReport generate_corpus(const std::filesystem::path& out, const CorpusOptions& options);

/// What CorpusOptions::families may name, in the order of the documentation.
std::vector<std::string> family_names();

/// README.md of such a folder.
std::string corpus_card(const CorpusOptions& options, const CorpusReport& report);

}  // namespace pangu::corpus
