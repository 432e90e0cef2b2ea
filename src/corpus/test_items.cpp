// SPDX-License-Identifier: Apache-2.0
#include "corpus/test_items.h"

#include <utility>

#include "base/error.h"
#include "corpus/level.h"
#include "corpus/world.h"

namespace pangu::corpus {
namespace {

/// Draws for one more item that was not there before; then there are none to find.
constexpr int kMaxDraws = 5000;

/// Streams of random numbers from here on are those of test items, one for each family and
/// language (corpus/generate.cpp has the others).
constexpr int kFirstTestStream = 16;

Draw draw_of(const Family& family, std::uint64_t seed, Language language, int level) {
  const int stream = kFirstTestStream + family.share() * 2 + static_cast<int>(language);
  return {seed, static_cast<std::uint32_t>(stream), static_cast<std::uint64_t>(level - 1)};
}

}  // namespace

void require_level(int level) {
  if (level >= 1 && level <= kLevels) return;
  fail<InputError>("[corpus] there is no level {}. Levels are 1 to {}.", level, kLevels);
}

TestItems::TestItems(const Family& family, std::uint64_t seed, Language language, int level)
    : family_(family),
      language_(language),
      level_(level),
      draw_(draw_of(family, seed, language, level)) {}

OrderedJson TestItems::next() {
  for (int attempt = 0; attempt < kMaxDraws; ++attempt) {
    Sample sample = sample_of(family_, draw_, language_, Split::kTest, level_);
    if (!sample.test.is_null() && seen_.insert(std::move(sample.instance)).second) {
      return std::move(sample.test);
    }
  }
  fail<InputError>(
      "[corpus] the family {} has about {} test items in {} at level {}, fewer than were asked "
      "for. Ask for fewer (--test-size).",
      family_.name(), seen_.size(), code(language_), level_);
}

std::vector<OrderedJson> test_items(const TestOptions& options) {
  require_level(options.level);
  const World world(options.world.value_or(options.seed));
  const Families families = choose_families(make_families(world), {options.family});
  std::vector<OrderedJson> items;
  for (const Language language : chosen_languages(options.languages)) {
    TestItems source(*families.front(), options.seed, language, options.level);
    for (std::int64_t i = 0; i < options.count; ++i) items.push_back(source.next());
  }
  return items;
}

}  // namespace pangu::corpus
