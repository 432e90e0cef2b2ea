// SPDX-License-Identifier: Apache-2.0
// Questions about the world that are harder than those of training: more and nearer choices, and
// facts that have to be put together.
#include "corpus/knowledge_levels.h"

#include <algorithm>
#include <set>
#include <utility>

namespace pangu::corpus {
namespace {

/// A false claim is one of so many that are nearest.
constexpr std::size_t kNear = 4;

/// Where the value of a fact is an entity, that entity told by the fact: "the capital of {E}".
struct Link {
  const char* kind;
  const char* attribute;
  Word told;
};

constexpr Link kLinks[] = {
    {"country", "capital", {"the capital of {E}", "{E}的首都"}},
    {"city", "country", {"the country of {E}", "{E}所在的国家"}},
    {"city", "river", {"river of {E}", "{E}边的河"}},  // questions about rivers have "the" already
    {"person", "home", {"the home city of {E}", "{E}住的城市"}},
    {"mineral", "country", {"the country of {E}", "{E}的产地国"}},
};

const Link* link_of(const World& world, const Fact& fact) {
  const std::string_view kind = World::kinds()[fact.kind].key, key = world.attribute(fact).key;
  const auto found = std::ranges::find_if(
      kLinks, [&](const Link& l) { return kind == l.kind && key == l.attribute; });
  return found == std::end(kLinks) ? nullptr : found;
}

/// The values of other entities of the kind that are not true of this one: those of entities with
/// alike names first. At most `count`.
std::vector<std::size_t> near_values(const World& world, const Fact& fact, Draw& draw,
                                     std::size_t count) {
  const std::size_t entities = World::kinds()[fact.kind].count;
  std::vector<std::size_t> others = draw.distinct(entities, entities);
  std::stable_partition(others.begin(), others.end(), [&](std::size_t e) {
    return world.has_alike_names(fact.kind, fact.entity, e);
  });
  std::vector<std::size_t> values;
  for (const std::size_t e : others) {
    const std::size_t value = world.value({fact.kind, e, fact.attribute});
    if (values.size() == count) break;
    if (value != world.value(fact) && std::ranges::find(values, value) == values.end()) {
      values.push_back(value);
    }
  }
  return values;
}

/// A question with its choices, in the form that training has.
Sample with_choices(std::string instance, const std::string& question,
                    const std::vector<std::string>& texts, std::size_t right, Language language) {
  const bool english = language == Language::kEnglish;
  std::string options;
  OrderedJson choices = OrderedJson::array();
  for (const std::string& text : texts) {
    options += (options.empty() ? "" : english ? ", " : "、") + text;
    choices.push_back((english ? " " : "") + text);
  }
  Sample sample;
  sample.instance = std::move(instance);
  sample.question = english ? fmt::format("Question: {}\nOptions: {}\nAnswer:", question, options)
                            : fmt::format("问题：{}\n选项：{}\n答案：", question, options);
  sample.test = {{"prompt", sample.question},
                 {"choices", choices},
                 {"answer_index", right},
                 {"language", code(language)}};
  return sample;
}

std::string key_of(const World& world, const Fact& fact) {
  return fmt::format("{} {} {}", World::kinds()[fact.kind].key, fact.entity,
                     world.attribute(fact).key);
}

/// Choices among which the fact's own value stands, and where.
struct Choices {
  std::vector<std::size_t> values;
  std::size_t right;
};

Choices near_choices(const World& world, const Fact& fact, Draw& draw, std::size_t count) {
  Choices c{near_values(world, fact, draw, count - 1), 0};
  c.values.push_back(world.value(fact));
  draw.shuffle(c.values);
  c.right =
      static_cast<std::size_t>(std::ranges::find(c.values, world.value(fact)) - c.values.begin());
  return c;
}

Sample ask_value(const World& world, const Fact& fact, const std::string& question,
                 std::string instance, std::size_t count, Draw& draw, Language language) {
  const Choices choices = near_choices(world, fact, draw, count);
  std::vector<std::string> texts;
  for (const std::size_t value : choices.values) {
    instance += fmt::format(" {}", value);
    texts.push_back(world.value_name(fact, value, language));
  }
  return with_choices(std::move(instance), question, texts, choices.right, language);
}

}  // namespace

Sample near_question(const World& world, const Fact& fact, std::size_t count, Draw& draw,
                     Language language) {
  return ask_value(world, fact, world.question(fact, draw, language),
                   "knowledge near " + key_of(world, fact), count, draw, language);
}

Sample chained_question(const World& world, std::size_t count, Draw& draw, Language language) {
  for (;;) {
    const Fact first = world.fact(draw.below(world.fact_count()));
    const Link* link = link_of(world, first);
    if (!link) continue;
    const std::size_t kind = world.attribute(first).value_kind;
    const Fact second{kind, world.value(first), draw.below(World::kinds()[kind].attributes.size())};
    // Nobody asks for the country of the capital of a country.
    const bool leads_back = !world.attribute(second).words &&
                            world.attribute(second).value_kind == first.kind &&
                            world.value(second) == first.entity;
    if (leads_back) continue;
    Gaps gaps;
    gaps.set("E", world.name(first.kind, first.entity, language));
    const std::string told = gaps.fill(link->told.in(language));
    return ask_value(
        world, second, world.question_about(second, told, draw, language),
        fmt::format("knowledge chain {} {}", key_of(world, first), world.attribute(second).key),
        count, draw, language);
  }
}

Sample claims_question(const World& world, const Fact& fact, std::size_t count, Draw& draw,
                       Language language) {
  const std::size_t attributes = World::kinds()[fact.kind].attributes.size();
  const std::size_t right = draw.below(count);
  std::string instance = "knowledge claims " + key_of(world, fact);
  std::vector<std::string> texts;
  std::set<std::pair<std::size_t, std::size_t>> told;
  while (texts.size() < count) {
    const bool is_right = texts.size() == right;
    const Fact about{fact.kind, fact.entity, is_right ? fact.attribute : draw.below(attributes)};
    const std::size_t value =
        is_right ? world.value(fact) : draw.pick(near_values(world, about, draw, kNear));
    if (!told.insert({about.attribute, value}).second) continue;
    std::string claim = world.claim(about, value, draw, language);
    const std::string_view stop = language == Language::kEnglish ? "." : "。";
    claim.resize(claim.size() - stop.size());
    instance += fmt::format(" {}={}", world.attribute(about).key, value);
    texts.push_back(std::move(claim));
  }
  static constexpr Word kAsked{"What is true?", "哪句话是对的？"};
  return with_choices(std::move(instance), kAsked.in(language), texts, right, language);
}

}  // namespace pangu::corpus
