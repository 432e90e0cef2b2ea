// SPDX-License-Identifier: Apache-2.0
// What an evaluation found: the items, the scores with their intervals, the speed; and how two
// models compare on the same items.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eval/rows.h"
#include "eval/statistics.h"
#include "pangu/speculation.h"
#include "pangu/token.h"
#include "runtime/generate/thinking_counts.h"

namespace pangu::eval {

/// How the measures of items become a score.
enum class MetricKind {
  kShare,        ///< of items that are right; values are 0 or 1, weights 1
  kRate,         ///< sum of values over sum of weights
  kExpRate,      ///< e to the power of that
  kPooledShare,  ///< the same of units that are right or not, some of them in each item
  kRootRate      ///< its square root
};

struct MetricInfo {
  std::string name;
  MetricKind kind = MetricKind::kShare;
};

struct EvalItem {
  RowInfo info;
  std::vector<Cluster> measures;                 ///< one for each metric
  Json details = {};                             ///< for the file of predictions
  std::vector<double> values = {};               ///< of kl: the divergence at each position
  std::vector<TokenId> prompt = {}, reply = {};  ///< of tasks with replies
};

struct Metric {
  std::string name;
  double value = 0;
  Interval ci95;
};

/// A quantile of the values of some items: "median", "p90", ..., "max".
struct NamedQuantile {
  std::string name;
  double value = 0;
};

/// The items whose key ("language") has a value ("zh").
struct GroupScore {
  std::string key, value;
  std::int64_t n = 0;
  std::vector<Metric> metrics;
  std::vector<NamedQuantile> quantiles;  ///< of tasks whose items have values
};

struct EvalResult {
  std::string task;
  std::vector<MetricInfo> measured;  ///< the first one is the score
  std::vector<EvalItem> items;       ///< that are done, in the order of the file
  std::int64_t planned = 0;          ///< items in the file, or the limit
  bool partial = false;              ///< stopped before all were done
  bool decided = false;  ///< of kl: stopped because the score is above the caller's limit
  Json settings =
      Json::object();  ///< prompt form, examples, window, ...: what the score depends on

  std::int64_t prompt_tokens = 0;  ///< run through the model
  std::int64_t shared_tokens = 0;  ///< taken from the cache in place of that
  std::int64_t reply_tokens = 0;
  std::int64_t replies = 0;                       ///< that are over, judged or not
  std::int64_t cut_replies = 0;                   ///< of them, ended by max_tokens or the context
  ThinkingCounts thinking;                        ///< of replies
  std::int64_t chosen_fast = 0, chosen_slow = 0;  ///< replies over that were asked so, item by item
  double prompt_s = 0;
  double reply_s = 0;
  SpeculationStats speculation;  ///< of replies; without passes if it is off
  double seconds = 0;            ///< in all, without loading

  double prompt_tokens_per_s() const {
    return prompt_s > 0 ? static_cast<double>(prompt_tokens) / prompt_s : 0;
  }
  double reply_tokens_per_s() const {
    return reply_s > 0 ? static_cast<double>(reply_tokens) / reply_s : 0;
  }
};

/// The scores of some items.
std::vector<Metric> summarize(std::span<const MetricInfo> measured,
                              std::span<const EvalItem* const> items);
std::vector<Metric> summarize(const EvalResult& result);
/// Median, 90, 95, 99 and 99.9 % and the largest of the values of all items, as quantile() defines
/// them; none without values.
std::vector<NamedQuantile> summarize_values(std::span<const EvalItem* const> items);
std::vector<NamedQuantile> summarize_values(const EvalResult& result);
/// One for each value of each key, in order of key and value.
std::vector<GroupScore> summarize_groups(const EvalResult& result);
/// The first metric alone, without its interval: quick enough for every step.
double running_score(const EvalResult& result);

/// Two models on the same items, on one metric.
struct Comparison {
  std::string metric;
  std::int64_t n = 0;  ///< items that both have
  double a = 0, b = 0;
  double difference = 0;                ///< b - a
  Interval ci95;                        ///< of the difference, by paired bootstrap
  std::int64_t only_a = 0, only_b = 0;  ///< of shares: items that only one has right
  double p_value = 1;                   ///< of shares: exact McNemar test, two-sided
};

/// Compares the items of the same lines, metric by metric. Metrics whose weights differ between the
/// models are left out: perplexities of different tokenizers cannot be compared, bits per byte can.
std::vector<Comparison> compare(const EvalResult& a, const EvalResult& b, std::uint64_t seed);

}  // namespace pangu::eval
