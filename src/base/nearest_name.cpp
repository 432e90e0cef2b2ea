// SPDX-License-Identifier: Apache-2.0
#include "base/nearest_name.h"

#include <algorithm>
#include <vector>

namespace pangu {
namespace {

/// No name is longer; what is given may be anything.
constexpr std::size_t kLongestName = 64;

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// Row i of the table has the distances of the first i letters of a to all beginnings of b.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return lower_case(a) == lower_case(b);
}

std::string_view nearest_name(std::string_view given, std::span<const std::string_view> names) {
  if (given.empty() || given.size() > kLongestName) return {};
  const std::string wanted = lower_case(given);
  std::string_view best, longer;
  std::size_t best_distance = kLongestName;
  for (const std::string_view name : names) {
    const std::string known = lower_case(name);
    const std::size_t distance = edit_distance(wanted, known);
    const std::size_t most = std::max<std::size_t>(std::max(wanted.size(), known.size()) / 3, 1);
    if (distance <= most && distance < best_distance) {
      best = name;
      best_distance = distance;
    }
    if (longer.empty() && wanted.size() > 1 && known.starts_with(wanted)) longer = name;
  }
  return best.empty() ? longer : best;
}

std::string did_you_mean(std::string_view given, std::span<const std::string_view> names) {
  const std::string_view nearest = nearest_name(given, names);
  return nearest.empty() ? "" : " Did you mean " + std::string(nearest) + "?";
}

}  // namespace pangu
