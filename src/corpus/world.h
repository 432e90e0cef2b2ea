// SPDX-License-Identifier: Apache-2.0
// The invented world that the corpus tells about: entities of some kinds, and facts about them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "corpus/wording.h"

namespace pangu::corpus {

/// Something that every entity of a kind has one of.
struct Attribute {
  const char* key;
  /// The values, in words; or, if null, the entities of the kind `value_kind`.
  const std::vector<Word>* words;
  std::size_t value_kind;
  Phrases statement;  ///< with the gaps {E} and {V}
  Phrases question;   ///< with the gap {E}
};

struct Kind {
  const char* key;
  Word plural;
  /// What names of the kind end in.
  Word suffix;
  std::size_t count;
  std::vector<Attribute> attributes;
};

struct Fact {
  std::size_t kind, entity, attribute;
};

/// The kinds are the same in every world; names and facts follow from the seed.
class World {
 public:
  explicit World(std::uint64_t seed);

  static std::span<const Kind> kinds();

  std::size_t fact_count() const { return facts_.size(); }
  const Fact& fact(std::size_t index) const { return facts_[index]; }
  const Attribute& attribute(const Fact& fact) const;

  std::string name(std::size_t kind, std::size_t entity, Language language) const;
  /// Whether the names of two entities have a syllable in common, at the same place.
  bool has_alike_names(std::size_t kind, std::size_t one, std::size_t other) const;
  /// Which of the attribute's values is true.
  std::size_t value(const Fact& fact) const;
  std::size_t value_count(const Fact& fact) const;
  std::string value_name(const Fact& fact, std::size_t value, Language language) const;

  /// A sentence that tells the fact, or asks for it.
  std::string statement(const Fact& fact, Draw& draw, Language language) const;
  std::string question(const Fact& fact, Draw& draw, Language language) const;
  /// The sentence that tells `value` of the entity, true or not.
  std::string claim(const Fact& fact, std::size_t value, Draw& draw, Language language) const;
  /// The question, asked about what `name` describes: "the capital of Zotonia".
  std::string question_about(const Fact& fact, const std::string& name, Draw& draw,
                             Language language) const;

 private:
  struct Entity {
    std::size_t stem[2];
    std::vector<std::size_t> values;  ///< by attribute
  };

  std::vector<std::vector<Entity>> entities_;  ///< by kind
  std::vector<Fact> facts_;
};

}  // namespace pangu::corpus
