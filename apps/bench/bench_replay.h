// SPDX-License-Identifier: Apache-2.0
// pangu bench --spec: what speculation gains on recorded or made-up replies.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "apps/bench/bench_run.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/speculation_options.h"

namespace pangu::app {

struct ReplayFlags {
  std::string modes;             ///< of --spec, with commas
  SpeculationFlags speculation;  ///< all but the mode
  std::string file;              ///< of recordings; empty: made-up ones

  bool wanted() const { return !modes.empty() || !file.empty(); }
};

/// --spec and its companions, --replay. `flags` must outlive the app.
void add_replay_options(CLI::App& command, ReplayFlags& flags);

/// Throws UsageError for options that go with --spec, and have no use without it.
void check_replay_usage(const CLI::App& command, const ReplayFlags& flags);

/// Measures each recording with and without speculation, in turns, and prints a table or JSON.
void run_replay_bench(const BenchSubject& subject, const FormatOptions& formats,
                      const ReplayFlags& flags, const BenchOptions& bench, CommandFrame& frame);

}  // namespace pangu::app
