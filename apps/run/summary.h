// SPDX-License-Identifier: Apache-2.0
// What a run took: the block on standard error at its end, and the numbers of --json.
#pragma once

#include <cstdint>
#include <string>

#include "apps/shared/common_options.h"
#include "io/json.h"
#include "pangu/engine.h"
#include "runtime/generate/thinking_counts.h"

namespace pangu::app {

/// Sums over all replies of a run.
struct Summary {
  double load_s = 0;
  std::int64_t prompt_tokens = 0;
  std::int64_t cached_tokens = 0;
  std::int64_t completion_tokens = 0;
  std::int64_t decoded_tokens = 0;  ///< replies without their first tokens, which prefill gives
  double prefill_s = 0;
  double decode_s = 0;
  double first_token_s = 0;  ///< of the first reply
  std::string finish_reason;
  std::string thinking_end;  ///< of the last reply, as finish_reason
  ThinkingCounts thinking;
  SpeculationStats speculation;

  void add(const Generation& generation);
  /// Tokens computed per second; 0 if there were none.
  double prefill_tokens_per_s() const;
  double decode_tokens_per_s() const;
};

/// The block for people, newline at its end.
std::string summary_text(const Summary& summary, const CommonOptions& options);

/// The keys of `pangu run --json` that a summary knows.
Json summary_json(const Summary& summary, const CommonOptions& options);

}  // namespace pangu::app
