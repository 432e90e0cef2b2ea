// SPDX-License-Identifier: Apache-2.0
// The kinds of task in a corpus. Each is one file that knows its instances and their wordings.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/draw.h"
#include "corpus/record.h"

namespace pangu::corpus {

class World;

class Family {
 public:
  virtual ~Family() = default;

  /// As in the key "family", in --families and in the name of the test file.
  virtual std::string_view name() const = 0;
  /// Records of this family among 100, when all families are there.
  virtual int share() const = 0;
  /// An instance and its wording. The same draws give the same sample.
  virtual Sample sample(Draw& draw, Language language) const = 0;
  /// The same at a level above 1 (corpus/level.h), to be tested with only: it always has a test,
  /// and no example to train on.
  virtual Sample harder(Draw& draw, Language language, int level) const = 0;
};

using Families = std::vector<std::unique_ptr<const Family>>;

std::unique_ptr<const Family> make_word_problems();
/// `world` must outlive the family.
std::unique_ptr<const Family> make_knowledge(const World& world);
std::unique_ptr<const Family> make_code();
std::unique_ptr<const Family> make_extraction();
std::unique_ptr<const Family> make_chat(const World& world);
/// Asks about questions of the other families, which it makes for itself.
std::unique_ptr<const Family> make_task_kind(const World& world);

/// All of them, in the order of the documentation. `world` must outlive them.
Families make_families(const World& world);

/// Those of `all` that are named, in the order of `all`; all if none is. Throws InputError for a
/// name that none of them has.
Families choose_families(Families all, const std::vector<std::string>& names);

/// `chosen`, or all languages if that is empty.
std::vector<Language> chosen_languages(const std::vector<Language>& chosen);

/// Family::sample() at level 1, Family::harder() above.
Sample sample_at(const Family& family, Draw& draw, Language language, int level);

/// Draws until a sample belongs to the split. What is never asked in tests belongs to training.
Sample sample_of(const Family& family, Draw& draw, Language language, Split split, int level = 1);

}  // namespace pangu::corpus
