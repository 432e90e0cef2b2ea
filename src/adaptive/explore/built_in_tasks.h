// SPDX-License-Identifier: Apache-2.0
// Items that need no file: the generated tests of `pangu corpus`, at the levels that tell variants
// apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adaptive/explore/kind_task.h"

namespace pangu::adaptive {

struct BuiltInItems {
  std::int64_t items = 180;      ///< of each task, half of them Chinese
  std::vector<int> levels = {};  ///< a task of each; empty: the level that tells variants apart
  std::uint64_t seed = 1;        ///< of the items; the world that they ask about is always the same
  bool written = false;          ///< knowledge is asked for a reply in place of a choice
};

/// math, code, knowledge, extraction, one task for each level. Models that were not trained on such
/// a corpus may know nothing of them, which measuring notices. Throws InputError for a level that
/// is not there and for more items than a family has.
std::vector<KindTask> built_in_tasks(const BuiltInItems& options);

/// Their kinds.
std::vector<std::string> built_in_task_kinds();

}  // namespace pangu::adaptive
