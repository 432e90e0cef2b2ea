// SPDX-License-Identifier: Apache-2.0
// The strategies that a profile has figures of, with what each is expected to cost and to keep.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adaptive/choose/objective.h"
#include "adaptive/profile/paired.h"
#include "adaptive/profile/profile_data.h"

namespace pangu::adaptive {

/// Whether a candidate keeps the share of the original's score that is asked for.
enum class Quality : std::uint8_t {
  kKept,    ///< surely
  kLikely,  ///< by its score on all items, though the interval reaches below
  kOpen,    ///< more items would tell
  kMissed,  ///< by its score on all items, though the interval reaches above
  kLost,    ///< surely not
  kUntold   ///< no score can tell: the original knows nothing of this kind, or none was asked for
};

struct Candidate {
  Strategy strategy;
  const VariantFigures* figures = nullptr;

  double prefill = 0, decode = 0;  ///< tokens per second, one sequence, without speculation
  double batch_decode = 0;  ///< of many sequences, together; that of one where nothing was measured
  double speed_up = 1;      ///< by speculation
  bool speed_up_is_own = true;  ///< whether it was measured on this variant, not the original
  std::string draft;            ///< the draft model that the speed-up is of; empty without
  std::int64_t memory = 0;      ///< resident bytes
  /// Means over the kind's items. Those of a candidate that answered fewer items than the original
  /// are the original's, times what it changed on the items of both: the first items may be short.
  double prompt_tokens = 0, reply_tokens = 0;
  bool lengths_are_own = false;  ///< whether the reply's are this candidate's, not the original's

  PairedCounts pairs;          ///< with the original, which thinks as it does by itself
  std::int64_t items = 0;      ///< that there are
  bool tells_nothing = false;  ///< the original scores no better than a guess
  bool rejected_by_divergence = false;

  double first_token_s() const { return prompt_tokens / prefill; }
  double answer_s() const;
  double tokens_per_s() const { return decode * speed_up; }
  /// Less is better.
  double cost(Objective objective) const;
  Quality quality(double min_quality) const;
  bool is_baseline() const;
};

/// Nats a token beyond which a variant counts as lost, where nobody says.
inline constexpr double kMaxDivergence = 0.5;

/// What the items of one kind say, or of none: speed and memory alone, at `prompt_tokens` and
/// `reply_tokens` of candidates without.
struct CandidateOptions {
  std::string_view kind;  ///< empty: quality counts for nothing
  double prompt_tokens = 256, reply_tokens = 128;
  double max_divergence = kMaxDivergence;
};

/// Every strategy whose speed is known (VariantFigures::knows_speed); those with speculation as far
/// as that was measured on the variant or, as an estimate, on the original. The baseline, the
/// original as it thinks by itself without speculation, comes first. `data` must outlive the list.
/// Throws ConfigError naming the kinds there are for one that was not measured.
std::vector<Candidate> candidates(const ProfileData& data, const CandidateOptions& options);

/// Looks at growing data that an interval must survive: intervals of quality() hold at all of them.
inline constexpr int kLooks = 6;

}  // namespace pangu::adaptive
