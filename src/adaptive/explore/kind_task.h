// SPDX-License-Identifier: Apache-2.0
// The items that stand for a kind of task: most are answered while measuring, every third is kept
// back, so that what was chosen can be checked on items that took no part in the choice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eval/eval.h"

namespace pangu::adaptive {

enum class ItemPart : std::uint8_t { kMeasured, kKeptBack };

struct KindTask {
  std::string kind;  ///< "math"
  std::string name;  ///< "gsm8k: problems.jsonl"
  eval::EvalOptions options;
  eval::EvalData data;
  std::string digest;  ///< of the items and how they are asked
  double chance = 0;   ///< score of somebody who guesses

  std::int64_t size(ItemPart part) const;
  /// Items first to first + count of a part.
  eval::EvalData items(ItemPart part, std::int64_t first, std::int64_t count) const;
};

/// The lines of a file that items come from, in their order.
std::vector<std::int64_t> lines_of(const eval::EvalData& data);

/// "math=gsm8k:problems.jsonl": a kind, a task of `pangu eval` whose items are right or wrong, and
/// its file, of which `limit` items are taken at most (-1: all). Throws ConfigError for another
/// form, for ppl, kl and for a name that no kind can have; what load_eval_data() throws.
KindTask parse_kind_task(const std::string& text, std::int64_t limit);

/// Items made of rows at hand, whose text `content` is what the digest is of.
KindTask make_kind_task(std::string kind, std::string name, const eval::EvalOptions& options,
                        eval::Rows rows, std::string_view content);

}  // namespace pangu::adaptive
