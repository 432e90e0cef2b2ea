// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/probe/folds.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/error.h"
#include "corpus/draw.h"

namespace pangu::adaptive {
namespace {

struct FoldGroup {
  std::vector<std::size_t> members;
};

/// Groups in random order, larger ones first: they are the hardest to place.
std::vector<FoldGroup> fold_groups(std::span<const std::string> names, std::uint64_t seed) {
  std::vector<FoldGroup> groups;
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::size_t at = groups.size();
    if (!names[i].empty()) at = places.try_emplace(names[i], at).first->second;
    if (at == groups.size()) groups.emplace_back();
    groups[at].members.push_back(i);
  }
  corpus::Draw draw(seed, 0, 0);
  draw.shuffle(groups);
  std::stable_sort(groups.begin(), groups.end(), [](const FoldGroup& a, const FoldGroup& b) {
    return a.members.size() > b.members.size();
  });
  return groups;
}

int possible_folds(const std::vector<FoldGroup>& groups, std::span<const int> labels,
                   std::span<const std::string> classes, int wanted) {
  std::vector<int> of_class(classes.size(), 0);
  for (const FoldGroup& group : groups) {
    std::vector<bool> seen(classes.size());
    for (const std::size_t i : group.members) {
      const auto label = static_cast<std::size_t>(labels[i]);
      if (!seen[label]) ++of_class[label];
      seen[label] = true;
    }
  }
  for (std::size_t c = 0; c < classes.size(); ++c) {
    if (of_class[c] >= 2) continue;
    fail<InputError>(
        "[probe] \"{}\" has {} examples that are not of one group. At least 2 were expected, "
        "better "
        "20: give more of them.",
        classes[c], of_class[c]);
  }
  return std::min(wanted, *std::min_element(of_class.begin(), of_class.end()));
}

}  // namespace

std::vector<int> assign_folds(std::span<const int> labels, std::span<const std::string> groups,
                              std::span<const std::string> classes, int folds, std::uint64_t seed) {
  const std::vector<FoldGroup> all = fold_groups(groups, seed);
  const int n = possible_folds(all, labels, classes, std::max(folds, 2));
  std::vector<std::vector<int>> counts(static_cast<std::size_t>(n),
                                       std::vector<int>(classes.size() + 1, 0));
  std::vector<int> out(labels.size());
  for (const FoldGroup& group : all) {
    const auto label = static_cast<std::size_t>(labels[group.members.front()]);
    const auto fewest =
        std::min_element(counts.begin(), counts.end(), [&](const auto& a, const auto& b) {
          return std::pair(a[label], a.back()) < std::pair(b[label], b.back());
        });
    for (const std::size_t i : group.members) {
      out[i] = static_cast<int>(fewest - counts.begin());
      ++(*fewest)[static_cast<std::size_t>(labels[i])];
      ++fewest->back();
    }
  }
  return out;
}

}  // namespace pangu::adaptive
