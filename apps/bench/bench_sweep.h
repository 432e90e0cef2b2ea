// SPDX-License-Identifier: Apache-2.0
// pangu bench --sweep: every combination of formats, threads, contexts and batch sizes.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "apps/bench/bench_run.h"
#include "apps/shared/command_frame.h"

namespace pangu::app {

/// As given: lists with commas, empty for the default.
struct SweepOptions {
  std::string folder;
  std::string formats, batches, contexts, thread_counts;

  bool wanted() const { return !folder.empty(); }
};

/// --sweep and its lists, checked. `options` must outlive the app.
void add_sweep_options(CLI::App& command, SweepOptions& options);

/// Measures, prints a table as it goes, and writes bench.csv, bench.md and bench.svg anew after
/// each run, so that what was measured is kept when something stops it.
void run_sweep(const BenchSubject& subject, const FormatOptions& formats, const SweepOptions& sweep,
               const BenchOptions& bench, const CommandFrame& frame);

}  // namespace pangu::app
