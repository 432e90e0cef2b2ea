// SPDX-License-Identifier: Apache-2.0
// pangu bench --against: two models or shapes that take turns, and how much faster one is.
#pragma once

#include <string>

#include "apps/bench/bench_run.h"
#include "apps/shared/command_frame.h"

namespace pangu::app {

/// Measures `subject` beside `other`, a model or, where the subject is a shape, another shape, and
/// prints a table or JSON (measure/speed_comparison.h). `other` is first: ratios are over it.
void run_bench_against(const BenchSubject& subject, const std::string& other,
                       const FormatOptions& formats, BenchOptions bench, const CommandFrame& frame);

}  // namespace pangu::app
