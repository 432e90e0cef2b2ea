// SPDX-License-Identifier: Apache-2.0
// The speed of a variant beside the original's, in turns within a second or a few.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "adaptive/profile/profile_data.h"
#include "models/language_model.h"
#include "ops/context.h"
#include "quant/kv_format.h"

namespace pangu::adaptive {

/// A turn reads and writes at least so long, over several prompts if need be, so that for small
/// models the clock and the scheduler do not matter; rounds begin that long, and as many at most.
inline constexpr double kShortestTurn = 0.05, kTurnSeconds = 0.6;
inline constexpr int kTurnRounds = 5;

struct SpeedSetting {
  std::int64_t prompt_tokens = 128, decode_tokens = 16;
  std::int64_t batch = 1;
  double seconds = kTurnSeconds;     ///< when no further round begins; one is always made
  int rounds = kTurnRounds;          ///< at most
  std::function<void()> check = {};  ///< called between passes; may throw to end it all
};

struct SpeedSide {
  const LanguageModel* network = nullptr;
  KvFormat kv = KvFormat::kBF16;
};

/// Tokens per second in every round, of both sides in the same seconds. Those of the original are
/// empty without one, and the variant's where they are the same.
struct SpeedTurns {
  std::vector<double> prefill, decode, reference_prefill, reference_decode;
};

/// Without an `original`, or where that is `variant` itself, only one is timed. Throws OutOfMemory
/// if the caches do not fit.
SpeedTurns take_turns(const SpeedSide& variant, const SpeedSide& original,
                      const SpeedSetting& setting, Context& ctx);

/// Medians over the rounds. Throws as take_turns() does.
SpeedReading read_speed(const SpeedSide& variant, const SpeedSide& original,
                        const SpeedSetting& setting, Context& ctx);

}  // namespace pangu::adaptive
