// SPDX-License-Identifier: Apache-2.0
#include "adaptive/explore/plan.h"

#include <algorithm>

namespace pangu::adaptive {
namespace {

const VariantFigures* variant_of(const ProfileData& data, std::int64_t id) {
  for (const VariantFigures& v : data.variants) {
    if (v.id == id) return &v;
  }
  return nullptr;
}

class Planner {
 public:
  Planner(const ProfileData& data, const Scope& scope)
      : data_(data), scope_(scope), original_(data.original()) {}

  std::optional<Work> next() const {
    if (!original_) return std::nullopt;
    if (const auto work = missing_speed()) return work;
    for (const TaskFigures& task : data_.tasks) {
      if (const auto work = first_answers(task)) return work;
    }
    for (const TaskFigures& task : data_.tasks) {
      const auto work = scope_.exhaustive ? everything(task) : race(task);
      if (work) return work;
    }
    return std::nullopt;
  }

  std::optional<Work> missing_speed() const {
    if (!original_->knows_speed()) return Work{.step = Step::kSpeed, .variant = original_->id};
    for (const std::int64_t id : scope_.variants) {
      const VariantFigures* v = variant_of(data_, id);
      if (!v) continue;
      if (!v->knows_speed()) return Work{.step = Step::kSpeed, .variant = id};
      // While it is loaded.
      if (lacks_divergence(*v)) return Work{.step = Step::kDivergence, .variant = id};
    }
    return std::nullopt;
  }

  bool lacks_divergence(const VariantFigures& v) const {
    return scope_.divergence && !v.variant.is_original() && !v.divergence;
  }

  /// Items from the first on without a gap: where answering goes on.
  std::int64_t answered(const TaskFigures& task, std::int64_t variant, Thinking thinking) const {
    const AnswerSet* set = data_.answers_of(task.id, variant, thinking);
    if (!set) return 0;
    std::int64_t done = 0;
    for (const AnswerFigures& answer : set->answers) {
      if (answer.item > done) break;  // one is missing, whoever removed it
      done = answer.item + 1;
    }
    return done;
  }

  /// Ways of thinking that make a difference: the model's own one comes first.
  std::vector<Thinking> ways_of(const TaskFigures& task) const {
    std::vector<Thinking> out = {Thinking::kDefault};
    if (task.chance > 0) return out;  // choices are scored as they stand, nothing is written
    out.insert(out.end(), scope_.thinkings.begin(), scope_.thinkings.end());
    return out;
  }

 private:
  /// Never more looks than intervals hold for, however many items there are.
  std::int64_t chunk(const TaskFigures& task) const {
    return std::max(scope_.chunk, (task.items + kLooks - 1) / kLooks);
  }

  std::int64_t chunk_end(const TaskFigures& task, std::int64_t done) const {
    return std::min(task.items, done + chunk(task));
  }

  /// Answers that bring a candidate to `wanted` items, after the original's to the same ones, which
  /// they are compared with.
  std::optional<Work> answers_up_to(const TaskFigures& task, std::int64_t variant,
                                    Thinking thinking, std::int64_t wanted) const {
    const std::int64_t original = answered(task, original_->id, Thinking::kDefault);
    if (original < wanted) {
      return Work{Step::kAnswers,     original_->id, task.id,
                  Thinking::kDefault, original,      wanted - original};
    }
    const std::int64_t done = answered(task, variant, thinking);
    if (done >= wanted) return std::nullopt;
    return Work{Step::kAnswers, variant, task.id, thinking, done, wanted - done};
  }

  /// How long replies are in each way of thinking, and what speculation does to them.
  std::optional<Work> first_answers(const TaskFigures& task) const {
    const std::vector<Thinking> ways = ways_of(task);
    for (const Thinking way : ways) {
      const std::int64_t first = chunk_end(task, 0);
      if (const auto work = answers_up_to(task, original_->id, way, first)) return work;
      if (const auto work = speculation_of(task, original_->id, way)) return work;
    }
    return std::nullopt;
  }

  std::optional<Work> speculation_of(const TaskFigures& task, std::int64_t variant,
                                     Thinking thinking) const {
    if (scope_.speculation.empty()) return std::nullopt;
    const auto measured = [&](SpeculationMode mode) {
      return std::any_of(data_.speculation.begin(), data_.speculation.end(),
                         [&](const SpeculationFigures& s) {
                           return s.task == task.id && s.variant == variant &&
                                  s.thinking == thinking && s.mode == mode;
                         });
    };
    // A run may have been stopped between two ways.
    if (std::all_of(scope_.speculation.begin(), scope_.speculation.end(), measured)) {
      return std::nullopt;
    }
    return Work{
        .step = Step::kSpeculation, .variant = variant, .task = task.id, .thinking = thinking};
  }

  bool in_scope(const Candidate& c) const {
    return std::find(scope_.variants.begin(), scope_.variants.end(), c.figures->id) !=
           scope_.variants.end();
  }

  std::optional<Work> race(const TaskFigures& task) const {
    std::vector<Candidate> list =
        candidates(data_, {.kind = task.kind, .max_divergence = scope_.max_divergence});
    std::erase_if(list, [&](const Candidate& c) { return !in_scope(c) && !c.is_baseline(); });
    for (const Goal& goal : scope_.goals) {
      const Candidate* first = leader(list, goal);
      if (!first) continue;
      const std::int64_t variant = first->figures->id;
      const Thinking thinking = first->strategy.thinking;
      if (first->quality(goal.constraints.min_quality) == Quality::kOpen) {
        return answers_up_to(task, variant, thinking,
                             chunk_end(task, answered(task, variant, thinking)));
      }
      if (!first->speed_up_is_own) {
        if (const auto work = speculation_of(task, variant, thinking)) return work;
      }
    }
    return std::nullopt;
  }

  std::optional<Work> everything(const TaskFigures& task) const {
    const std::vector<Thinking> ways = ways_of(task);
    for (const std::int64_t variant : scope_.variants) {
      for (const Thinking way : ways) {
        if (const auto work = answers_up_to(task, variant, way, task.items)) return work;
        if (const auto work = speculation_of(task, variant, way)) return work;
      }
    }
    return std::nullopt;
  }

  const ProfileData& data_;
  const Scope& scope_;
  const VariantFigures* original_;
};

}  // namespace

std::optional<Work> next_work(const ProfileData& data, const Scope& scope) {
  return Planner(data, scope).next();
}

bool knows_speeds(const ProfileData& data, const Scope& scope) {
  return !Planner(data, scope).missing_speed();
}

WorkLeft work_left(const ProfileData& data, const Scope& scope) {
  const Planner planner(data, scope);
  WorkLeft out;
  for (const std::int64_t id : scope.variants) {
    const VariantFigures* v = variant_of(data, id);
    if (!v) continue;
    out.speeds += !v->knows_speed();
    out.divergences += planner.lacks_divergence(*v);
  }
  const VariantFigures* original = data.original();
  for (const TaskFigures& task : data.tasks) {
    if (!original) continue;
    const std::int64_t own = task.items - planner.answered(task, original->id, Thinking::kDefault);
    // Each way of thinking is tried, and one candidate at least answers all items.
    const std::vector<Thinking> ways = planner.ways_of(task);
    out.answers_least +=
        own + (std::ssize(ways) - 1) * std::min(scope.chunk, task.items) + task.items;
    for (const std::int64_t id : scope.variants) {
      for (const Thinking way : ways) {
        out.answers_most += task.items - planner.answered(task, id, way);
      }
    }
  }
  out.answers_least = planner.next() ? std::min(out.answers_least, out.answers_most) : 0;
  return out;
}

}  // namespace pangu::adaptive
