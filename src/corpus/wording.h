// SPDX-License-Identifier: Apache-2.0
// Words in both languages, and sentences with gaps.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "corpus/draw.h"
#include "corpus/record.h"

namespace pangu::corpus {

/// The same thing said in both languages.
struct Word {
  const char* en;
  const char* zh;

  const char* in(Language language) const { return language == Language::kEnglish ? en : zh; }
};

/// Ways to say the same thing, in both languages.
struct Phrases {
  std::vector<const char*> en;
  std::vector<const char*> zh;

  const char* pick(Draw& draw, Language language) const {
    return draw.pick(language == Language::kEnglish ? en : zh);
  }
};

/// What stands in the gaps of a sentence: {name} is replaced by the value of "name".
class Gaps {
 public:
  Gaps& set(std::string name, std::string value);
  Gaps& set(std::string name, int value) { return set(std::move(name), std::to_string(value)); }
  const std::string& operator[](std::string_view name) const;

  /// The sentence with every gap filled; a brace that opens no known gap stands for itself.
  std::string fill(std::string_view sentence) const;

 private:
  const std::string* find(std::string_view name) const;

  std::vector<std::pair<std::string, std::string>> values_;
};

/// Countable things, in the English plural; the Chinese word with its measure word.
struct Thing {
  const char* en;
  const char* zh;
  const char* measure;

  const char* in(Language language) const { return language == Language::kEnglish ? en : zh; }
};

extern const std::vector<Word> kPeople;
extern const std::vector<Thing> kThings;
extern const std::vector<Word> kPlaces;  ///< "the market"
extern const std::vector<Word> kDays;    ///< "Monday"

/// Draws `count` different people, under "N", "M", "P", "Q", ....
void set_people(Gaps& gaps, Draw& draw, Language language, std::size_t count);
/// Draws a thing, under "O" with its measure word under "u".
void set_thing(Gaps& gaps, Draw& draw, Language language);

/// "a, b and c", "a、b和c".
std::string listed(const std::vector<std::string>& items, Language language);
/// Joined by what stands between sentences: a blank, or nothing in Chinese.
std::string sentences(const std::vector<std::string>& parts, Language language);

}  // namespace pangu::corpus
