// SPDX-License-Identifier: Apache-2.0
#include "eval/result.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

namespace pangu::eval {
namespace {

Metric score(const MetricInfo& info, std::size_t m, std::span<const EvalItem* const> items) {
  std::vector<Cluster> clusters;
  for (const EvalItem* item : items) clusters.push_back(item->measures[m]);
  const Ratio ratio = ratio_of(clusters);
  Metric out{.name = info.name, .value = ratio.value, .ci95 = ratio.ci95};
  if (info.kind == MetricKind::kShare) {
    std::int64_t right = 0;
    for (const Cluster& c : clusters) right += c.value > 0 ? 1 : 0;
    out.ci95 = wilson(right, static_cast<std::int64_t>(clusters.size()));
  } else if (info.kind == MetricKind::kExpRate) {
    out.value = std::exp(ratio.value);
    out.ci95 = {std::exp(ratio.ci95.low), std::exp(ratio.ci95.high)};
  } else if (info.kind == MetricKind::kPooledShare) {
    out.ci95 = share_of(clusters).ci95;
  } else if (info.kind == MetricKind::kRootRate) {
    out.value = std::sqrt(ratio.value);
    // The delta method knows nothing of squares: below 0 there are none.
    out.ci95 = {std::sqrt(std::max(ratio.ci95.low, 0.0)), std::sqrt(ratio.ci95.high)};
  }
  return out;
}

/// Of the items that both have; nothing if the units differ.
std::optional<Comparison> compare_metric(
    const MetricInfo& info, std::size_t m,
    const std::vector<std::pair<const EvalItem*, const EvalItem*>>& pairs, std::uint64_t seed) {
  Comparison out{.metric = info.name, .n = static_cast<std::int64_t>(pairs.size())};
  std::vector<Cluster> differences;
  double weight = 0;
  for (const auto& [a, b] : pairs) {
    const Cluster &x = a->measures[m], &y = b->measures[m];
    if (x.weight != y.weight) return std::nullopt;
    weight += x.weight;
    out.a += x.value;
    out.b += y.value;
    differences.push_back({y.value - x.value, x.weight});
    out.only_a += x.value > y.value ? 1 : 0;
    out.only_b += y.value > x.value ? 1 : 0;
  }
  if (weight <= 0) return std::nullopt;
  out.a /= weight;
  out.b /= weight;
  out.difference = out.b - out.a;
  out.ci95 = bootstrap_ratio(differences, seed);
  if (info.kind == MetricKind::kShare) {
    out.p_value = mcnemar_exact(out.only_a, out.only_b);
  } else {
    out.only_a = out.only_b = 0;
  }
  return out;
}

std::vector<const EvalItem*> pointers(const EvalResult& result) {
  std::vector<const EvalItem*> items;
  for (const EvalItem& item : result.items) items.push_back(&item);
  return items;
}

}  // namespace

std::vector<Metric> summarize(std::span<const MetricInfo> measured,
                              std::span<const EvalItem* const> items) {
  std::vector<Metric> metrics;
  for (std::size_t m = 0; m < measured.size(); ++m) metrics.push_back(score(measured[m], m, items));
  return metrics;
}

std::vector<Metric> summarize(const EvalResult& result) {
  return summarize(result.measured, pointers(result));
}

std::vector<NamedQuantile> summarize_values(std::span<const EvalItem* const> items) {
  constexpr std::array<std::pair<const char*, double>, 6> kShares{
      {{"median", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}}};
  std::vector<double> values;
  for (const EvalItem* item : items) {
    values.insert(values.end(), item->values.begin(), item->values.end());
  }
  if (values.empty()) return {};
  std::ranges::sort(values);
  std::vector<NamedQuantile> out;
  for (const auto& [name, share] : kShares) out.push_back({name, quantile(values, share)});
  return out;
}

std::vector<NamedQuantile> summarize_values(const EvalResult& result) {
  return summarize_values(pointers(result));
}

std::vector<GroupScore> summarize_groups(const EvalResult& result) {
  std::map<std::pair<std::string, std::string>, std::vector<const EvalItem*>> groups;
  for (const EvalItem& item : result.items) {
    for (const auto& group : item.info.groups) groups[group].push_back(&item);
  }
  std::vector<GroupScore> out;
  for (const auto& [group, items] : groups) {
    out.push_back({.key = group.first,
                   .value = group.second,
                   .n = static_cast<std::int64_t>(items.size()),
                   .metrics = summarize(result.measured, items),
                   .quantiles = summarize_values(items)});
  }
  return out;
}

double running_score(const EvalResult& result) {
  double value = 0, weight = 0;
  for (const EvalItem& item : result.items) {
    value += item.measures[0].value;
    weight += item.measures[0].weight;
  }
  const double ratio = weight > 0 ? value / weight : 0;
  return result.measured[0].kind == MetricKind::kExpRate ? std::exp(ratio) : ratio;
}

std::vector<Comparison> compare(const EvalResult& a, const EvalResult& b, std::uint64_t seed) {
  std::map<std::int64_t, const EvalItem*> of_b;
  for (const EvalItem& item : b.items) of_b[item.info.line] = &item;
  std::vector<std::pair<const EvalItem*, const EvalItem*>> pairs;
  for (const EvalItem& item : a.items) {
    const auto other = of_b.find(item.info.line);
    if (other != of_b.end()) pairs.emplace_back(&item, other->second);
  }
  std::vector<Comparison> out;
  for (std::size_t m = 0; m < a.measured.size(); ++m) {
    // Differences of such scores are no rates.
    const MetricKind kind = a.measured[m].kind;
    if (kind == MetricKind::kExpRate || kind == MetricKind::kRootRate) continue;
    if (auto comparison = compare_metric(a.measured[m], m, pairs, seed)) {
      out.push_back(std::move(*comparison));
    }
  }
  return out;
}

}  // namespace pangu::eval
