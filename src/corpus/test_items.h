// SPDX-License-Identifier: Apache-2.0
// The items that a model is tested with, of one family and level, one after the other or at once.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "corpus/family.h"

namespace pangu::corpus {

/// Draws the items of a family in one language: each instance once, and only instances that no
/// corpus trains on.
class TestItems {
 public:
  /// `family` must outlive it. The same seed, language and level give the same items.
  TestItems(const Family& family, std::uint64_t seed, Language language, int level);

  /// A row of test/FAMILY.jsonl. Throws InputError where there are no more items to find.
  OrderedJson next();

 private:
  const Family& family_;
  Language language_;
  int level_;
  Draw draw_;
  std::set<std::string> seen_;
};

struct TestOptions {
  std::string family;
  int level = 1;
  std::uint64_t seed = 1;              ///< of the items
  std::optional<std::uint64_t> world;  ///< seed of the world that knowledge asks about; else `seed`
  std::int64_t count = 200;            ///< items per language
  std::vector<Language> languages{};   ///< empty: all
};

/// The rows of test/FAMILY.jsonl as generate_corpus() writes them for the same seed, level and
/// count, in memory: `docs/corpus.md` says which keys they have. Throws InputError for a family or
/// level that is not there, and for more items than the family has at that level.
std::vector<OrderedJson> test_items(const TestOptions& options);

/// Throws InputError unless there is such a level.
void require_level(int level);

}  // namespace pangu::corpus
