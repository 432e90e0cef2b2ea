// SPDX-License-Identifier: Apache-2.0
// What a run was expected to take, beside what it took.
#pragma once

#include <optional>
#include <string>

#include "adaptive/explore/cost.h"
#include "io/json.h"

namespace pangu::adaptive {

/// "about 1.5 min (50 s to 3.0 min)".
std::string cost_text(const CostEstimate& cost);
/// "2.1 min, where about 1.5 min were expected".
std::string took_text(double seconds, const std::optional<CostEstimate>& cost);
/// {"expected_s": {"about", "low", "high"} or null, "seconds", "settled", "answers"}.
Json run_json(const std::optional<CostEstimate>& cost, double seconds, bool settled,
              std::int64_t answers);

}  // namespace pangu::adaptive
