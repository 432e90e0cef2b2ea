// SPDX-License-Identifier: Apache-2.0
// What a user wants of a model: objective and constraints.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "adaptive/choose/recommend.h"

namespace pangu::app {

struct GoalFlags {
  std::string objective = "balanced";
  adaptive::Constraints constraints;

  adaptive::Goal goal() const { return {adaptive::parse_objective(objective), constraints}; }
};

/// --objective, --min-quality, --max-memory, --max-first-token, --min-speed.
void add_goal_flags(CLI::App& command, GoalFlags& flags);

}  // namespace pangu::app
