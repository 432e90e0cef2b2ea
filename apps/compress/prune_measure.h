// SPDX-License-Identifier: Apache-2.0
// Scores of the models of a pruning run on the tasks that were asked for, kept as JSON from round
// to round and from run to run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "apps/shared/common_options.h"
#include "apps/shared/interrupt.h"
#include "eval/eval.h"
#include "io/json.h"

namespace pangu::app {

struct EvalTask {
  std::string name;  ///< as reports call it: "gsm8k: problems.jsonl"
  eval::EvalOptions options;
};

/// "gsm8k:problems.jsonl". Throws ConfigError for anything else.
EvalTask parse_eval_task(const std::string& text, std::int64_t limit);

class PruneMeasure {
 public:
  /// Reads the files of all tasks. Throws as load_eval_data does.
  PruneMeasure(const std::vector<std::string>& tasks, std::int64_t limit,
               const CommonOptions& common, Interrupts& interrupts);

  bool empty() const { return tasks_.empty(); }
  /// Scores a model: a list of {"task", "metrics", "items"}; throws Cancelled when interrupted.
  Json scores(const std::filesystem::path& model, Context& ctx);
  /// Whether "measured" of a round that was read back is what scores() returns for these tasks.
  /// Throws ConfigError naming what is not.
  void check(const JsonObject& round) const;

 private:
  struct Loaded {
    EvalTask task;
    eval::EvalData data;
  };
  std::vector<Loaded> tasks_;
  const CommonOptions& common_;
  Interrupts& interrupts_;
};

/// What scores() kept of one task, as far as tables need it. Throws ConfigError for another form.
eval::EvalResult kept_result(const JsonObject& task);

}  // namespace pangu::app
