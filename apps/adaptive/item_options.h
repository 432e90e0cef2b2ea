// SPDX-License-Identifier: Apache-2.0
// The items that a model answers: files by kind of task, or generated ones.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "adaptive/explore/built_in_tasks.h"
#include "adaptive/explore/kind_task.h"

namespace pangu::app {

struct ItemFlags {
  std::vector<std::string> files;  ///< "KIND=TASK:FILE"
  std::int64_t items = 180;

  /// What the files have, or where there are none generated items; of each at most `items`.
  std::vector<adaptive::KindTask> tasks(adaptive::BuiltInItems generated = {}) const;
};

/// How the two are described.
struct ItemTexts {
  const char* task;
  const char* items;
};

/// --task, --items.
void add_item_options(CLI::App& command, ItemFlags& flags, const ItemTexts& texts);

}  // namespace pangu::app
