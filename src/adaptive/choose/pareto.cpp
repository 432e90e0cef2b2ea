// SPDX-License-Identifier: Apache-2.0
#include "adaptive/choose/pareto.h"

#include <algorithm>

namespace pangu::adaptive {
namespace {

struct Point {
  double seconds, memory, lost;
};

Point point_of(const Candidate& c) {
  const bool told = c.pairs.n > 0 && !c.tells_nothing;
  return {c.answer_s(), static_cast<double>(c.memory), told ? 1 - c.pairs.kept() : 0};
}

bool beats(const Point& a, const Point& b) {
  const bool no_worse = a.seconds <= b.seconds && a.memory <= b.memory && a.lost <= b.lost;
  return no_worse && (a.seconds < b.seconds || a.memory < b.memory || a.lost < b.lost);
}

bool counts(const Candidate& c) {
  if (c.rejected_by_divergence) return false;
  return c.items == 0 || c.tells_nothing || c.pairs.n > 0 || c.is_baseline();
}

}  // namespace

std::vector<std::size_t> pareto_front(const std::vector<Candidate>& list) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!counts(list[i])) continue;
    const bool beaten = std::any_of(list.begin(), list.end(), [&](const Candidate& other) {
      return counts(other) && beats(point_of(other), point_of(list[i]));
    });
    if (!beaten) out.push_back(i);
  }
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    return list[a].answer_s() < list[b].answer_s();
  });
  return out;
}

}  // namespace pangu::adaptive
