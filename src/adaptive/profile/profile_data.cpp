// SPDX-License-Identifier: Apache-2.0
#include "adaptive/profile/profile_data.h"

#include <fmt/format.h>

#include <algorithm>

namespace pangu::adaptive {
namespace {

template <class T, class Predicate>
const T* found(const std::vector<T>& list, const Predicate& wanted) {
  const auto at = std::find_if(list.begin(), list.end(), wanted);
  return at == list.end() ? nullptr : &*at;
}

}  // namespace

std::string MachineIdentity::key() const {
  return fmt::format("{}; {}; {} thread{}; {}", processor, isa, threads, threads == 1 ? "" : "s",
                     dtype);
}

bool VariantFigures::knows_speed() const {
  return footprint && found(speed, [](const SpeedReading& r) { return r.batch == 1; });
}

const VariantFigures* ProfileData::original() const {
  return found(variants, [](const VariantFigures& v) { return v.variant.is_original(); });
}

const TaskFigures* ProfileData::task(std::string_view kind) const {
  return found(tasks, [&](const TaskFigures& t) { return t.kind == kind; });
}

const AnswerSet* ProfileData::answers_of(std::int64_t task, std::int64_t variant,
                                         Thinking thinking) const {
  return found(answers, [&](const AnswerSet& a) {
    return a.task == task && a.variant == variant && a.thinking == thinking;
  });
}

ProfileData ProfileData::part(const std::vector<std::int64_t>& task_ids,
                              const std::vector<std::int64_t>& variant_ids) const {
  const auto is_in = [](const std::vector<std::int64_t>& ids, std::int64_t id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  const auto is_other = [&](const auto& figures) {
    return !is_in(task_ids, figures.task) || !is_in(variant_ids, figures.variant);
  };
  ProfileData out = *this;
  std::erase_if(out.tasks, [&](const TaskFigures& t) { return !is_in(task_ids, t.id); });
  std::erase_if(out.variants, [&](const VariantFigures& v) { return !is_in(variant_ids, v.id); });
  std::erase_if(out.answers, is_other);
  std::erase_if(out.speculation, is_other);
  return out;
}

}  // namespace pangu::adaptive
