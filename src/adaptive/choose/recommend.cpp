// SPDX-License-Identifier: Apache-2.0
#include "adaptive/choose/recommend.h"

#include <algorithm>
#include <utility>

namespace pangu::adaptive {
namespace {

constexpr std::size_t kRunnersUp = 2;
constexpr Obstacle kObstacles[] = {Obstacle::kMemory, Obstacle::kFirstToken, Obstacle::kSpeed,
                                   Obstacle::kQuality, Obstacle::kOpen};

bool breaks(const Candidate& c, const Constraints& constraints, Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::kMemory:
      return constraints.max_memory && c.memory > *constraints.max_memory;
    case Obstacle::kFirstToken:
      return constraints.max_first_token && c.first_token_s() > *constraints.max_first_token;
    case Obstacle::kSpeed:
      return constraints.min_speed && c.tokens_per_s() < *constraints.min_speed;
    case Obstacle::kQuality: {
      const Quality quality = c.quality(constraints.min_quality);
      return quality == Quality::kLost || quality == Quality::kMissed;
    }
    case Obstacle::kOpen:
      return c.quality(constraints.min_quality) == Quality::kOpen;
    case Obstacle::kNone:
      break;
  }
  return false;
}

/// The value of a constraint that would let a candidate through.
double needed_for(const Candidate& c, Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::kMemory:
      return static_cast<double>(c.memory);
    case Obstacle::kFirstToken:
      return c.first_token_s();
    case Obstacle::kSpeed:
      return c.tokens_per_s();
    case Obstacle::kQuality:
    case Obstacle::kOpen:
      return c.pairs.kept();
    case Obstacle::kNone:
      break;
  }
  return 0;
}

/// Less is nearer to being let through.
double distance(const Alternative& a) {
  const bool less_is_better =
      a.obstacle == Obstacle::kMemory || a.obstacle == Obstacle::kFirstToken;
  return less_is_better ? a.needed : -a.needed;
}

/// Whether nothing but that constraint is in a candidate's way: with the value that it needs, it
/// would be taken, or its quality would be open.
bool is_all(const Alternative& a, Constraints constraints) {
  switch (a.obstacle) {
    case Obstacle::kMemory:
      constraints.max_memory = a.choice.candidate->memory;
      break;
    case Obstacle::kFirstToken:
      constraints.max_first_token = a.needed;
      break;
    case Obstacle::kSpeed:
      constraints.min_speed = a.needed;
      break;
    case Obstacle::kQuality:
      constraints.min_quality = a.needed;
      break;
    case Obstacle::kOpen:
    case Obstacle::kNone:
      break;
  }
  const Obstacle left = obstacle(*a.choice.candidate, constraints);
  return left == Obstacle::kNone || left == Obstacle::kOpen;
}

Ranked choice_of(const Candidate& c, const Goal& goal) {
  return {&c, c.cost(goal.objective), c.quality(goal.constraints.min_quality)};
}

std::vector<Ranked> by_cost(const std::vector<Candidate>& list, const Goal& goal) {
  std::vector<Ranked> out;
  for (const Candidate& c : list) out.push_back(choice_of(c, goal));
  std::stable_sort(out.begin(), out.end(),
                   [](const Ranked& a, const Ranked& b) { return a.cost < b.cost; });
  return out;
}

std::vector<Alternative> nearest(const std::vector<Ranked>& choices, const Goal& goal) {
  const auto rank = [&](const Alternative& a) {
    return std::pair(!is_all(a, goal.constraints), distance(a));
  };
  std::vector<Alternative> out;
  for (const Obstacle wanted : kObstacles) {
    std::optional<Alternative> best;
    for (const Ranked& choice : choices) {
      if (!breaks(*choice.candidate, goal.constraints, wanted)) continue;
      const Alternative a{choice, wanted, needed_for(*choice.candidate, wanted)};
      if (!best || rank(a) < rank(*best)) best = a;
    }
    if (best) out.push_back(*best);
  }
  return out;
}

}  // namespace

Obstacle obstacle(const Candidate& c, const Constraints& constraints) {
  for (const Obstacle o : kObstacles) {
    if (breaks(c, constraints, o)) return o;
  }
  return Obstacle::kNone;
}

Decision decide(const std::vector<Candidate>& list, const Goal& goal) {
  const std::vector<Ranked> choices = by_cost(list, goal);
  Decision out;
  Recommendation r;
  for (const Ranked& choice : choices) {
    const Obstacle found = obstacle(*choice.candidate, goal.constraints);
    if (found == Obstacle::kNone) {
      if (!r.choice.candidate) {
        r.choice = choice;
      } else if (r.runners_up.size() < kRunnersUp) {
        r.runners_up.push_back(choice);
      }
      continue;
    }
    if (r.choice.candidate) continue;
    if (found == Obstacle::kOpen && !r.open) r.open = choice.candidate;
    const bool known = std::any_of(r.alternatives.begin(), r.alternatives.end(),
                                   [&](const Alternative& a) { return a.obstacle == found; });
    const Alternative a{choice, found, needed_for(*choice.candidate, found)};
    if (!known && is_all(a, goal.constraints)) r.alternatives.push_back(a);
  }
  if (r.choice.candidate) {
    out.recommendation = std::move(r);
  } else {
    out.nearest = nearest(choices, goal);
  }
  return out;
}

const Candidate* leader(const std::vector<Candidate>& list, const Goal& goal) {
  const Candidate* best = nullptr;
  double least = 0;
  for (const Candidate& c : list) {
    const Obstacle found = obstacle(c, goal.constraints);
    if (found != Obstacle::kNone && found != Obstacle::kOpen) continue;
    const double cost = c.cost(goal.objective);
    if (best && cost >= least) continue;
    best = &c;
    least = cost;
  }
  return best;
}

}  // namespace pangu::adaptive
