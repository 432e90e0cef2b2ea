// SPDX-License-Identifier: Apache-2.0
// Data sets made of numbers, for tests that need no tokenizer.
#pragma once

#include <filesystem>
#include <random>
#include <utility>
#include <vector>

#include "train/dataset.h"
#include "train/row_stream.h"

namespace pangu::test {

/// A source with these documents; every token has a loss bit unless it says otherwise.
inline Dataset dataset_of(const std::vector<std::vector<LossToken>>& documents, double weight = 1) {
  Dataset d{.source = {.path = "numbers.jsonl", .weight = weight},
            .store = std::make_unique<TokenStore>(std::filesystem::temp_directory_path()),
            .counts = {}};
  for (const auto& document : documents) d.store->add(document);
  d.store->finish();
  return d;
}

/// Documents of 2 to `longest` tokens below `vocabulary`, each token two thirds of the time the
/// successor of the one before, so that there is something to learn.
inline std::vector<std::vector<LossToken>> random_documents(std::size_t count, std::size_t longest,
                                                            std::uint32_t vocabulary,
                                                            std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::vector<std::vector<LossToken>> documents(count);
  for (auto& document : documents) {
    document.resize(2 + engine() % (longest - 1));
    std::uint32_t last = engine() % vocabulary;
    for (LossToken& t : document) {
      t = last | kLossBit;
      last = engine() % 3 != 0 ? (last + 1) % vocabulary : engine() % vocabulary;
    }
  }
  return documents;
}

inline RowStream stream_of(const std::vector<std::vector<LossToken>>& documents,
                           const PackingOptions& options) {
  std::vector<Dataset> datasets;
  datasets.push_back(dataset_of(documents));
  return {std::move(datasets), options};
}

}  // namespace pangu::test
