// SPDX-License-Identifier: Apache-2.0
// Facts of the invented world: told in texts, asked for openly, and asked for with four choices.
//
// Choices are texts that continue the prompt, not letters: what is measured is whether the fact is
// known, not whether a small model can look up which letter stands before it.
#include <algorithm>

#include "corpus/family.h"
#include "corpus/knowledge_levels.h"
#include "corpus/world.h"

namespace pangu::corpus {
namespace {

constexpr std::size_t kChoices = 4;
constexpr std::size_t kNearChoices = 16;

class Knowledge final : public Family {
 public:
  explicit Knowledge(const World& world) : world_(world) {}

  std::string_view name() const override { return "knowledge"; }
  int share() const override { return 23; }

  Sample sample(Draw& draw, Language language) const override {
    const Fact& fact = world_.fact(draw.below(world_.fact_count()));
    const int form = draw.between(0, 99);
    if (form < 48) return profile(fact, draw, language, form < 34);
    if (form < 64) return open_question(fact, draw, language);
    return four_choices(fact, draw, language);
  }

  Sample harder(Draw& draw, Language language, int level) const override {
    if (level == 4) return chained_question(world_, kChoices, draw, language);
    const Fact& fact = world_.fact(draw.below(world_.fact_count()));
    return level == 2 ? near_question(world_, fact, kNearChoices, draw, language)
                      : claims_question(world_, fact, kChoices, draw, language);
  }

 private:
  /// Everything about the entity of a fact, in any order: as a text, or when asked.
  Sample profile(const Fact& about, Draw& draw, Language language, bool as_text) const {
    const std::size_t count = World::kinds()[about.kind].attributes.size();
    std::vector<std::string> parts;
    for (const std::size_t a : draw.distinct(count, count)) {
      parts.push_back(world_.statement({about.kind, about.entity, a}, draw, language));
    }
    std::string text = sentences(parts, language);
    Sample sample;
    if (as_text) {
      sample.example = TrainingExample::plain(std::move(text));
      return sample;
    }
    static const Phrases kRequests = {{"What do you know about {E}?", "Tell me about {E}."},
                                      {"关于{E}你知道什么？", "介绍一下{E}。"}};
    Gaps gaps;
    gaps.set("E", world_.name(about.kind, about.entity, language));
    sample.question = gaps.fill(kRequests.pick(draw, language));
    sample.example = TrainingExample::fast(sample.question, std::move(text));
    return sample;
  }

  Sample open_question(const Fact& fact, Draw& draw, Language language) const {
    Sample sample;
    sample.question = world_.question(fact, draw, language);
    const std::string answer = world_.value_name(fact, world_.value(fact), language);
    sample.example =
        draw.percent(40)
            ? TrainingExample::slow(sample.question, world_.statement(fact, draw, language), answer)
            : TrainingExample::fast(sample.question, answer);
    return sample;
  }

  /// The true value and three others, in random order.
  std::vector<std::size_t> choices(const Fact& fact, Draw& draw) const {
    const std::size_t truth = world_.value(fact);
    auto values = draw.distinct(kChoices, world_.value_count(fact));
    if (std::ranges::find(values, truth) == values.end()) values[draw.below(kChoices)] = truth;
    draw.shuffle(values);
    return values;
  }

  Sample four_choices(const Fact& fact, Draw& draw, Language language) const {
    const bool english = language == Language::kEnglish;
    const std::vector<std::size_t> values = choices(fact, draw);
    Sample sample;
    sample.instance = fmt::format("knowledge {} {} {}", World::kinds()[fact.kind].key, fact.entity,
                                  world_.attribute(fact).key);
    std::string options;
    OrderedJson texts = OrderedJson::array();
    std::size_t right = 0;
    for (std::size_t i = 0; i < kChoices; ++i) {
      sample.instance += fmt::format(" {}", values[i]);
      const std::string text = world_.value_name(fact, values[i], language);
      options += (i == 0 ? "" : english ? ", " : "、") + text;
      texts.push_back((english ? " " : "") + text);
      if (values[i] == world_.value(fact)) right = i;
    }
    const std::string question = world_.question(fact, draw, language);
    sample.question = english ? fmt::format("Question: {}\nOptions: {}\nAnswer:", question, options)
                              : fmt::format("问题：{}\n选项：{}\n答案：", question, options);
    sample.test = {{"prompt", sample.question},
                   {"choices", texts},
                   {"answer_index", right},
                   {"language", code(language)}};
    const std::string answer = world_.value_name(fact, values[right], language);
    const int form = draw.between(0, 99);
    if (form < 38) {
      sample.example = TrainingExample::plain(sample.question + texts[right].get<std::string>());
    } else if (form < 72) {
      sample.example = TrainingExample::fast(sample.question, answer);
    } else {
      sample.example =
          TrainingExample::slow(sample.question, world_.statement(fact, draw, language), answer);
    }
    return sample;
  }

  const World& world_;
};

}  // namespace

std::unique_ptr<const Family> make_knowledge(const World& world) {
  return std::make_unique<Knowledge>(world);
}

}  // namespace pangu::corpus
