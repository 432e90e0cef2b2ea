// SPDX-License-Identifier: Apache-2.0
// Learns from a model's own answers when thinking is worth its tokens.
//
// Each item is answered at once and after thinking. A head learns from what the request looks like
// (the features of intent/) which of the two is right where the other is not; a threshold on its
// prediction then trades tokens for accuracy, as routers between a weak and a strong model do.
// source  Ong et al. 2024, "RouteLLM: Learning to Route LLMs with Preference Data",
// arXiv:2406.18665;
//         Chen et al. 2025, "Pangu Embedded: An Efficient Dual-system LLM Reasoner with
//         Metacognition", arXiv:2505.22375 (fast and slow modes of one model).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "adaptive/explore/kind_task.h"
#include "adaptive/intent/probe/train_head.h"
#include "adaptive/thinking/outcomes.h"
#include "base/progress.h"

namespace pangu::adaptive {

struct ThinkingTrainOptions {
  TrainHeadOptions head;  ///< its max_error is not used
  double keep = 0.98;     ///< share of always slow's right items, of every task
  int jobs = 1;           ///< programs of code tasks that run at the same time
  std::int64_t batch = 16;
  std::optional<std::int64_t> max_tokens;  ///< of a reply, where the tasks' own is not wanted
  std::stop_token cancel = {};
};

/// Penalties that are tried: what thinking is worth shows in few items, so stronger ones, too.
std::vector<double> thinking_lambdas();

/// Items, what they ask and what became of them; one of each for an item.
struct ThinkingItems {
  std::vector<std::string> tasks;  ///< "math (generated word_problems, level 2)"
  std::vector<ThinkingOutcome> outcomes;
  std::vector<Request> requests;
};

/// Answers all items of the tasks fast and slow, greedily. Throws Unsupported for a model without
/// modes of thinking, ConfigError for a task whose items are answered by choices, which nobody
/// thinks about, Cancelled when stopped, and what evaluate() throws.
ThinkingItems answer_in_both_modes(const Model& model, Context& ctx,
                                   std::span<const KindTask> tasks,
                                   const ThinkingTrainOptions& options,
                                   const ProgressFn& progress = {});

struct TrainedThinking {
  Head head;
  std::vector<TriedSetting> tried;  ///< none where there was nothing to learn
  ThinkingScore score;  ///< of items that neither fits nor the threshold had seen: cross-validated
  std::vector<ThinkingScore> of_tasks;        ///< the same, task by task
  std::int64_t only_slow = 0, only_fast = 0;  ///< items that one mode alone has right
};

/// A head and its threshold from features, one for each outcome. Which mode is the right one is
/// learnt where at least one item a fold shows it; with fewer the head says the same of every
/// request. Throws ShapeError for sizes that do not fit, InputError for fewer items than folds and
/// for a share outside 0 to 1.
TrainedThinking train_thinking_head(const ThinkingItems& items, std::vector<Features> features,
                                    const ThinkingTrainOptions& options, std::int64_t hidden_size,
                                    ThreadPool& threads);

/// Reads the features of the items and trains.
TrainedThinking train_thinking(const Model& model, Context& ctx, const ThinkingItems& items,
                               ThinkingTrainOptions options, const ProgressFn& progress = {});

}  // namespace pangu::adaptive
