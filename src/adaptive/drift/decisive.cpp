// SPDX-License-Identifier: Apache-2.0
#include "adaptive/drift/decisive.h"

#include <algorithm>
#include <utility>

#include "adaptive/report/profile_report.h"

namespace pangu::adaptive {
namespace {

/// How often goals take a variant, and have it next.
struct Standing {
  const VariantFigures* figures = nullptr;
  int chosen = 0, second = 0;
};

Standing& standing_of(std::vector<Standing>& list, const VariantFigures* figures) {
  for (Standing& s : list) {
    if (s.figures == figures) return s;
  }
  return list.emplace_back(Standing{figures});
}

/// The first runner-up of other weights or another cache: how else it is asked changes no speed.
const VariantFigures* next_variant(const Recommendation& r) {
  const VariantFigures* chosen = r.choice.candidate->figures;
  for (const Ranked& next : r.runners_up) {
    if (next.candidate->figures != chosen) return next.candidate->figures;
  }
  return chosen;
}

}  // namespace

std::vector<const VariantFigures*> decisive_variants(const ProfileData& data,
                                                     std::span<const Goal> goals) {
  std::vector<Standing> list;
  for (const std::string& kind : kinds_of(data)) {
    const std::vector<Candidate> all = candidates(data, {.kind = kind});
    for (const Goal& goal : goals) {
      const Decision decision = decide(all, goal);
      if (!decision.recommendation) continue;
      ++standing_of(list, decision.recommendation->choice.candidate->figures).chosen;
      ++standing_of(list, next_variant(*decision.recommendation)).second;
    }
  }
  std::stable_sort(list.begin(), list.end(), [](const Standing& a, const Standing& b) {
    return std::pair(a.chosen, a.second) > std::pair(b.chosen, b.second);
  });
  std::vector<const VariantFigures*> out;
  for (const Standing& s : list) {
    if (!s.figures->variant.is_original()) out.push_back(s.figures);
  }
  return out;
}

}  // namespace pangu::adaptive
