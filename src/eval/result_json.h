// SPDX-License-Identifier: Apache-2.0
// Scores as JSON: the same keys in every report.
#pragma once

#include <vector>

#include "eval/result.h"
#include "io/json.h"

namespace pangu::eval {

/// [low, high]
Json interval_json(const Interval& interval);

/// {"value", "ci95"}
Json metric_json(const Metric& metric);

/// The same for each, by name.
Json metrics_json(const std::vector<Metric>& metrics);

}  // namespace pangu::eval
