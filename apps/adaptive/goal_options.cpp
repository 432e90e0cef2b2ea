// SPDX-License-Identifier: Apache-2.0
#include "apps/adaptive/goal_options.h"

#include <CLI/Config.hpp>

#include "apps/shared/common_options.h"
#include "apps/shared/quantities.h"

namespace pangu::app {

void add_goal_flags(CLI::App& command, GoalFlags& flags) {
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    return command.add_option(flag, value, text)->type_name(type)->group("What is wanted");
  };
  add("--objective", flags.objective, "NAME",
      "What is to be least: latency (seconds per answer), throughput (of many answers at once), "
      "memory, or balanced (latency and memory)")
      ->capture_default_str()
      ->transform(one_of({"latency", "throughput", "memory", "balanced"}));
  add("--min-quality", flags.constraints.min_quality, "SHARE",
      "Of the original's score, to be kept")
      ->capture_default_str()
      ->check(number_in({.min = 0, .max = 1}));
  add("--max-memory", flags.constraints.max_memory, "SIZE", "Memory of the process: 2GiB, 900MB")
      ->transform(byte_count());
  add("--max-first-token", flags.constraints.max_first_token, "SECONDS", "Wait for the first token")
      ->check(float_number());
  add("--min-speed", flags.constraints.min_speed, "N", "Tokens per second of one reply")
      ->check(float_number());
}

}  // namespace pangu::app
