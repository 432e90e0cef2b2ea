// SPDX-License-Identifier: Apache-2.0
// The options of commands that measure variants of a model: what is asked, what is tried.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adaptive/explore/explore.h"
#include "apps/adaptive/item_options.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/common_options.h"

namespace pangu::app {

struct ExploreFlags {
  ItemFlags asked;
  std::vector<std::string> sources;
  std::string formats, kv_formats, speculation = "auto", draft;
  std::optional<double> budget;
  bool no_thinking = false;
  adaptive::LaboratoryOptions laboratory;

  /// Reads the files of the tasks. `kinds`: those that are wanted; empty: all that are given.
  adaptive::ExploreOptions options(const std::string& model, const CommonOptions& common,
                                   CommandFrame& frame) const;
};

/// --task, --items, --formats, --kv-formats, --also, --spec, --draft, --no-thinking, --budget,
/// --pp,
/// --tg.
void add_explore_flags(CLI::App& command, ExploreFlags& flags);

/// The names of those that say what is asked and tried, for what does neither.
inline constexpr std::initializer_list<const char*> kExploreScopeFlags = {
    "--task", "--items", "--formats",     "--kv-formats", "--also",
    "--spec", "--draft", "--no-thinking", "--pp"};

/// Draws pieces of work on a bar, and says before them how many there are and how long they take.
class ExploreReporter {
 public:
  ExploreReporter(const CommandFrame& frame, std::optional<double> budget);
  /// Refer to this.
  adaptive::ExploreHooks hooks();
  void clear() { bar_.clear(); }

 private:
  void estimate(const adaptive::ExploreProgress& progress);
  void piece(const adaptive::ExploreProgress& progress);

  const CommandFrame& frame_;
  std::optional<double> budget_;
  ProgressBar bar_;
};

}  // namespace pangu::app
