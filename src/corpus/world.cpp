// SPDX-License-Identifier: Apache-2.0
#include "corpus/world.h"

#include <cctype>

namespace pangu::corpus {
namespace {

/// Names are two of these and the ending of their kind: the same syllables in both languages.
const std::vector<Word> kSyllables = {
    {"ba", "巴"}, {"be", "贝"}, {"bo", "波"}, {"da", "达"}, {"de", "德"}, {"do", "多"},
    {"fa", "法"}, {"fe", "菲"}, {"ga", "加"}, {"go", "戈"}, {"ha", "哈"}, {"he", "赫"},
    {"ka", "卡"}, {"ke", "克"}, {"ko", "科"}, {"la", "拉"}, {"le", "勒"}, {"lo", "洛"},
    {"ma", "马"}, {"me", "梅"}, {"mo", "莫"}, {"na", "纳"}, {"ne", "内"}, {"no", "诺"},
    {"pa", "帕"}, {"pe", "佩"}, {"po", "珀"}, {"ra", "兰"}, {"re", "瑞"}, {"ro", "罗"},
    {"sa", "萨"}, {"se", "塞"}, {"so", "索"}, {"ta", "塔"}, {"te", "特"}, {"to", "托"},
    {"va", "瓦"}, {"ve", "维"}, {"vo", "沃"}, {"za", "扎"}, {"zo", "佐"}};

constexpr std::uint32_t kWorldStream = 0;

/// Living things and minerals are common nouns.
bool is_capitalized(const Kind& kind) {
  return std::string_view(kind.key) != "animal" && std::string_view(kind.key) != "mineral" &&
         std::string_view(kind.key) != "plant";
}

/// Names of persons and places begin so, and sentences, also where they begin with a name.
std::string capitalized(std::string text, Language language) {
  if (language == Language::kEnglish) {
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  }
  return text;
}

}  // namespace

World::World(std::uint64_t seed) {
  Draw draw(seed, kWorldStream, 0);
  std::size_t total = 0;
  for (const Kind& kind : kinds()) total += kind.count;
  // Every name has a stem of its own, so that no two differ in their ending alone.
  const std::size_t n = kSyllables.size();
  const std::vector<std::size_t> stems = draw.distinct(total, n * n);
  std::size_t next_stem = 0;
  for (std::size_t k = 0; k < kinds().size(); ++k) {
    const Kind& kind = kinds()[k];
    auto& entities = entities_.emplace_back(kind.count);
    for (std::size_t e = 0; e < kind.count; ++e) {
      const std::size_t stem = stems[next_stem++];
      entities[e].stem[0] = stem / n;
      entities[e].stem[1] = stem % n;
      for (std::size_t a = 0; a < kind.attributes.size(); ++a) {
        facts_.push_back({k, e, a});
        entities[e].values.push_back(draw.below(value_count(facts_.back())));
      }
    }
  }
  // A capital lies in its country: city i belongs to country i, as far as there are countries.
  for (std::size_t e = 0; e < entities_[0].size(); ++e) {
    entities_[0][e].values[0] = e;
    entities_[1][e].values[0] = e;
  }
}

const Attribute& World::attribute(const Fact& fact) const {
  return kinds()[fact.kind].attributes[fact.attribute];
}

std::string World::name(std::size_t kind, std::size_t entity, Language language) const {
  const Entity& e = entities_[kind][entity];
  std::string text;
  for (const std::size_t syllable : e.stem) text += kSyllables[syllable].in(language);
  if (is_capitalized(kinds()[kind])) text = capitalized(std::move(text), language);
  return text + kinds()[kind].suffix.in(language);
}

bool World::has_alike_names(std::size_t kind, std::size_t one, std::size_t other) const {
  const Entity &a = entities_[kind][one], &b = entities_[kind][other];
  return a.stem[0] == b.stem[0] || a.stem[1] == b.stem[1];
}

std::size_t World::value(const Fact& fact) const {
  return entities_[fact.kind][fact.entity].values[fact.attribute];
}

std::size_t World::value_count(const Fact& fact) const {
  const Attribute& a = attribute(fact);
  return a.words ? a.words->size() : kinds()[a.value_kind].count;
}

std::string World::value_name(const Fact& fact, std::size_t value, Language language) const {
  const Attribute& a = attribute(fact);
  return a.words ? (*a.words)[value].in(language) : name(a.value_kind, value, language);
}

std::string World::claim(const Fact& fact, std::size_t value, Draw& draw, Language language) const {
  Gaps gaps;
  gaps.set("E", name(fact.kind, fact.entity, language)).set("V", value_name(fact, value, language));
  return capitalized(gaps.fill(attribute(fact).statement.pick(draw, language)), language);
}

std::string World::statement(const Fact& fact, Draw& draw, Language language) const {
  return claim(fact, value(fact), draw, language);
}

std::string World::question_about(const Fact& fact, const std::string& name, Draw& draw,
                                  Language language) const {
  Gaps gaps;
  gaps.set("E", name);
  return gaps.fill(attribute(fact).question.pick(draw, language));
}

std::string World::question(const Fact& fact, Draw& draw, Language language) const {
  return question_about(fact, name(fact.kind, fact.entity, language), draw, language);
}

}  // namespace pangu::corpus
