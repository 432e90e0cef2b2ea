// SPDX-License-Identifier: Apache-2.0
#include "corpus/level.h"

#include "base/error.h"

namespace pangu::corpus {
namespace {

struct FamilyLevel {
  std::string_view family;
  std::optional<int> level;
};

// Measured with pangu-nano: docs/corpus.md, "Levels".
constexpr FamilyLevel kDiscriminating[] = {
    {"word_problems", 2}, {"knowledge", 3},       {"code", 2},
    {"extraction", 2},    {"chat", std::nullopt}, {"task_kind", 3},
};

}  // namespace

std::optional<int> discriminating_level(std::string_view family) {
  for (const FamilyLevel& known : kDiscriminating) {
    if (known.family == family) return known.level;
  }
  fail<InputError>("[corpus] there is no family '{}'. Use one of those of family_names().", family);
}

}  // namespace pangu::corpus
