// SPDX-License-Identifier: Apache-2.0
#include "compress/allocation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "io/json.h"

namespace pangu::compress {
namespace {

constexpr std::array kNames = {
    std::pair{Allocation::kUniform, std::string_view("uniform")},
    std::pair{Allocation::kGlobal, std::string_view("global")},
    std::pair{Allocation::kSensitivity, std::string_view("sensitivity")},
};

/// Makes the sizes add up to about `total`, a step of the alignment at a time, where the change
/// departs least from what each layer ideally has.
std::vector<std::int64_t> fit_total(std::span<const double> ideal,
                                    std::span<const std::int64_t> available, std::int64_t total,
                                    std::int64_t align) {
  std::vector<std::int64_t> sizes;
  std::int64_t sum = 0;
  for (std::size_t l = 0; l < ideal.size(); ++l) {
    const std::int64_t most = available[l] / align * align;
    const auto wanted =
        static_cast<std::int64_t>(std::llround(ideal[l] / static_cast<double>(align)));
    sizes.push_back(std::clamp(wanted * align, std::min(align, most), most));
    sum += sizes.back();
  }
  while (std::abs(total - sum) >= align) {
    const std::int64_t step = sum < total ? align : -align;
    std::size_t best = sizes.size();
    double least = 0;
    for (std::size_t l = 0; l < sizes.size(); ++l) {
      const std::int64_t size = sizes[l] + step;
      if (size < align || size > available[l]) continue;
      const double departs = std::fabs(static_cast<double>(size) - ideal[l]);
      if (best == sizes.size() || departs < least) best = l, least = departs;
    }
    if (best == sizes.size()) break;
    sizes[best] += step;
    sum += step;
  }
  return sizes;
}

std::int64_t sum_of(std::span<const std::int64_t> sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
}

}  // namespace

std::string_view name(Allocation allocation) {
  for (const auto& [known, text] : kNames) {
    if (known == allocation) return text;
  }
  return "?";
}

Allocation parse_allocation(std::string_view text) {
  for (const auto& [allocation, known] : kNames) {
    if (known == text) return allocation;
  }
  fail<ConfigError>(
      "[prune] there is no allocation '{}'. One of uniform, global, sensitivity was expected.",
      clipped(text));
}

std::int64_t kept_size(std::int64_t n, std::int64_t original, double ratio,
                       const Rounding& rounding) {
  if (!(ratio > 0 && ratio < 1)) {
    fail<ConfigError>(
        "[prune] the ratio is {}; the share to remove was expected, above 0 and below 1.", ratio);
  }
  const auto removed = static_cast<std::int64_t>(static_cast<double>(original) * ratio + 1e-9);
  const std::int64_t align = rounding.align;
  std::int64_t kept = original - removed;
  // What is cut off is the target, not the removed part.
  if (!rounding.up) {
    kept = static_cast<std::int64_t>(static_cast<double>(original) * (1 - ratio) + 1e-9);
  }
  kept = (rounding.up ? kept + align - 1 : kept) / align * align;
  if (kept < 1) {
    fail<ConfigError>(
        "[prune] with a ratio of {} and sizes that are multiples of {}, none of {} units would "
        "stay. Choose a smaller ratio or --align.",
        ratio, align, original);
  }
  return std::min(kept, n);
}

double ratio_after(double ratio, std::int64_t round, std::int64_t rounds, Pace pace) {
  const double t = static_cast<double>(round) / static_cast<double>(rounds);
  return pace == Pace::kLinear ? ratio * t : ratio * (1 - std::pow(1 - t, 3));
}

std::vector<std::int64_t> by_importance(std::span<const std::int64_t> sizes,
                                        std::span<const std::int64_t> available,
                                        std::span<const double> importance,
                                        const Rounding& rounding) {
  constexpr double kShare = 0.5, kLeast = 0.5;
  const std::int64_t total = sum_of(sizes);
  const auto layers = static_cast<double>(sizes.size());
  const double mean = std::accumulate(importance.begin(), importance.end(), 0.0) / layers;
  // The scale at which what the bounds leave adds up to the total.
  const auto ideal_at = [&](double scale) {
    std::vector<double> ideal;
    for (std::size_t l = 0; l < sizes.size(); ++l) {
      const double weight = (1 - kShare) + (mean > 0 ? kShare * importance[l] / mean : kShare);
      const auto all = static_cast<double>(available[l]);
      ideal.push_back(
          std::clamp(static_cast<double>(sizes[l]) * weight * scale, kLeast * all, all));
    }
    return ideal;
  };
  double low = 0, high = 1e3;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    const std::vector<double> ideal = ideal_at(middle);
    const double sum = std::accumulate(ideal.begin(), ideal.end(), 0.0);
    (sum < static_cast<double>(total) ? low : high) = middle;
  }
  return fit_total(ideal_at(high), available, total, rounding.align);
}

std::vector<std::int64_t> by_score(std::span<const std::int64_t> sizes,
                                   const std::vector<std::vector<double>>& scores,
                                   const Rounding& rounding) {
  std::vector<double> all;
  std::vector<std::int64_t> available;
  for (const auto& layer : scores) {
    all.insert(all.end(), layer.begin(), layer.end());
    available.push_back(std::ssize(layer));
  }
  const std::int64_t total = std::min(sum_of(sizes), std::ssize(all));
  const auto cut = all.begin() + (std::ssize(all) - total);
  if (cut != all.end()) std::ranges::nth_element(all, cut);
  std::vector<double> ideal;
  for (const auto& layer : scores) {
    const auto above =
        std::ranges::count_if(layer, [&](double s) { return cut != all.end() && s >= *cut; });
    ideal.push_back(static_cast<double>(above));
  }
  return fit_total(ideal, available, total, rounding.align);
}

Kept highest(std::span<const double> scores, std::int64_t n) {
  Kept order = all_of(std::ssize(scores));
  std::ranges::stable_sort(order, [&](std::int32_t a, std::int32_t b) {
    return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
  });
  order.resize(static_cast<std::size_t>(n));
  std::ranges::sort(order);
  return order;
}

}  // namespace pangu::compress
