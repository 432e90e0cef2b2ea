// SPDX-License-Identifier: Apache-2.0
// The runs of a sweep as tables and as a picture.
#pragma once

#include <string>
#include <vector>

#include "apps/bench/bench_run.h"
#include "measure/roofline_plot.h"
#include "report/svg_plot.h"

namespace pangu::app {

struct Sweep {
  std::string title;     ///< the model
  std::string command;   ///< that gives the same again
  std::string date;      ///< "2026-11-21 09:30 UTC"
  std::string machine;   ///< processor and memory
  int roof_threads = 1;  ///< of the roofs; the most that were measured
  Rooflines roofs;
  std::vector<BenchRun> runs;
};

/// Lines for the terminal, newline at the end of each.
std::string table_head();
std::string table_row(const BenchRun& run);

/// RFC 4180: one row for each run, all numbers in full.
std::string sweep_csv(const Sweep& sweep);
/// Date, machine, command, roofs and a table; shows bench.svg beside it.
std::string sweep_markdown(const Sweep& sweep);
Plot sweep_plot(const Sweep& sweep);
Json sweep_json(const Sweep& sweep);

}  // namespace pangu::app
