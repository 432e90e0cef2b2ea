// SPDX-License-Identifier: Apache-2.0
// REPORT.md of a pruned model with its pictures, and its model card.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "compress/prune.h"
#include "eval/score_table.h"
#include "measure/speed_comparison.h"

namespace pangu::recipes {

struct PruneReport {
  const compress::PruneOptions& options;
  const compress::PruneResult& result;
  std::string command;
  std::string machine;  ///< what speed was measured on
  bool distilled = false;
  std::vector<eval::ScoreRow> scores;  ///< before and after
  std::vector<ModelSpeed> speeds;      ///< before and after; empty if not measured
};

/// REPORT.md, README.md, sizes.svg, importance.svg, scores.svg in `folder`, as far as there is
/// something to show. Throws FileError.
void write_prune_report(const PruneReport& report, const std::filesystem::path& folder);

/// A line for each round: kept units, parameters and the first score of each task.
std::string rounds_markdown(const compress::PruneResult& result, compress::Unit unit);

}  // namespace pangu::recipes
