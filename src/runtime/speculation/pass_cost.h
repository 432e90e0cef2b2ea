// SPDX-License-Identifier: Apache-2.0
// What a pass over n rows takes on this machine at this time, learnt from the passes that were run.
#pragma once

#include <array>
#include <cstdint>

namespace pangu {

/// A curve of ratios, seconds for n rows over seconds for one, that is learnt slowly because it
/// belongs to model and machine; and the seconds of one row, which follow quickly because they
/// change with the load of the machine and the length of the context. A ratio that was not measured
/// for long fades into what its neighbours suggest, so that one unlucky pass is not believed for
/// ever.
class PassCost {
 public:
  /// A pass over `rows` rows, at least 1, took this long.
  void record(std::int64_t rows, double seconds);

  /// Expected seconds of a pass; 0 before anything was recorded. Rises with the rows, and is
  /// interpolated where nothing was measured.
  double seconds(std::int64_t rows) const;
  /// Rows more than which a draft should not have: twice as many as a pass ever had, and a few at
  /// first. Beyond, seconds() is a guess.
  std::int64_t most_drafted() const { return most_drafted_; }
  /// Whether anything was recorded: without that, nothing has a price.
  bool is_known() const { return one_row_s_ > 0; }

 private:
  /// Row counts that have a ratio of their own; beyond 16, all up to each share one. Passes over
  /// more rows than the last are not recorded.
  static constexpr std::array<std::int64_t, 22> kRows = {
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 32, 48, 64, 96, 128};
  /// A weighted sum of what was measured.
  struct Ratio {
    double sum = 0, weight = 0;
  };

  double ratio(std::int64_t rows) const;

  std::array<Ratio, kRows.size()> ratios_{};
  double one_row_s_ = 0;
  std::int64_t most_drafted_ = 6;
};

}  // namespace pangu
