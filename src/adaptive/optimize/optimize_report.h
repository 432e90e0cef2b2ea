// SPDX-License-Identifier: Apache-2.0
// What `pangu optimize` says of its result: before and after, for each kind of task.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adaptive/choose/candidates.h"
#include "adaptive/optimize/held_out.h"
#include "io/json.h"

namespace pangu::adaptive {

/// A kind's choice, with what was found when it was measured once more, beside the original.
struct OptimizedKind {
  std::string kind;
  Candidate choice, baseline;
  std::vector<HeldOutCheck> checks;
  SpeedReading fresh;                              ///< of the choice, with the original in turns
  std::int64_t bytes_before = 0, bytes_after = 0;  ///< of weights on disk

  double size_ratio() const;    ///< before over after
  double decode_ratio() const;  ///< plain decode, after over before, as measured last
  double predicted_decode_ratio() const;
  double answer_ratio() const;  ///< seconds per answer, before over after, as expected
};

/// What such a result is meant to reach, where the measurement allows it.
struct OptimizeAims {
  double size_ratio = 2, decode_ratio = 2;
};

/// A table of GitHub's Markdown, one row for each kind.
std::string optimized_markdown(const std::vector<OptimizedKind>& kinds);
/// Sentences about aims that were missed, and by how much; empty if none was.
std::string missed_aims(const std::vector<OptimizedKind>& kinds, const OptimizeAims& aims = {});
Json optimized_json(const OptimizedKind& kind);

/// REPORT.md: the table, aims that were missed, choices that did not hold, plots. `command` is what
/// it was made with.
std::string optimize_report(const ProfileEntry& entry, const std::string& command,
                            const std::vector<OptimizedKind>& kinds);

}  // namespace pangu::adaptive
