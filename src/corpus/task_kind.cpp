// SPDX-License-Identifier: Apache-2.0
// Which kind of task a question is: what a router needs to know before a model answers.
#include "corpus/family.h"
#include "corpus/scenes.h"
#include "corpus/wording.h"
#include "corpus/world.h"

namespace pangu::corpus {
namespace {

constexpr int kSlowTaskKindPercent = 25;

class TaskKind final : public Family {
 public:
  explicit TaskKind(const World& world) {
    kinds_.push_back({"math", {"numbers to compute", "要计算数"}, make_word_problems()});
    kinds_.push_back({"knowledge", {"a fact is asked", "问一个事实"}, make_knowledge(world)});
    kinds_.push_back({"code", {"a function to write", "要写函数"}, make_code()});
    kinds_.push_back(
        {"extraction", {"the answer stands in the text", "答案在文中"}, make_extraction()});
    kinds_.push_back(
        {"chat", {"something to say or to write", "要说或写点什么"}, make_chat(world)});
  }

  std::string_view name() const override { return "task_kind"; }
  int share() const override { return 5; }

  Sample sample(Draw& draw, Language language) const override {
    const Kind& kind = draw.pick(kinds_);
    const Sample inner = question_of(kind, draw, language);
    static const Phrases kRequest = {
        {"Which kind of task is this: math, knowledge, code, extraction or chat?\n"},
        {"这是哪类任务：math、knowledge、code、extraction还是chat？\n"}};
    // The instance of what is asked about, so that both lie in the same split.
    Sample sample =
        item_of(kind, inner.instance, kRequest.pick(draw, language) + inner.question, language);
    sample.example =
        draw.percent(kSlowTaskKindPercent)
            ? TrainingExample::slow(sample.question, kind.reason.in(language), kind.label)
            : TrainingExample::fast(sample.question, kind.label);
    return sample;
  }

  /// The questions of level 1, where they are harder to find.
  Sample harder(Draw& draw, Language language, int level) const override {
    const Kind& kind = draw.pick(kinds_);
    const Sample inner = tested_question_of(kind, draw, language);
    if (level == 4) return first_of_two(kind, inner, draw, language);
    const Scene scene = draw_scene(draw, language, level == 2 ? 2 : 5, true);
    static constexpr Word kRequest{
        "Which kind of task is this: math, knowledge, code, extraction or chat?\n{S}{T}",
        "这是哪类任务：math、knowledge、code、extraction还是chat？\n{S}{T}"};
    Gaps gaps;
    gaps.set("S", scene.text).set("T", inner.question);
    return item_of(kind, inner.instance + scene.instance, gaps.fill(kRequest.in(language)),
                   language);
  }

 private:
  struct Kind {
    const char* label;
    Word reason;
    std::unique_ptr<const Family> family;
  };

  static Sample question_of(const Kind& kind, Draw& draw, Language language) {
    Sample inner = kind.family->sample(draw, language);
    while (inner.question.empty()) inner = kind.family->sample(draw, language);
    return inner;
  }

  /// One that may stand in tests.
  static Sample tested_question_of(const Kind& kind, Draw& draw, Language language) {
    Sample inner = question_of(kind, draw, language);
    while (inner.instance.empty()) inner = question_of(kind, draw, language);
    return inner;
  }

  /// A sample without an example.
  static Sample item_of(const Kind& kind, std::string instance, std::string question,
                        Language language) {
    Sample sample;
    sample.instance = std::move(instance);
    sample.question = std::move(question);
    if (!sample.instance.empty()) {
      sample.test = {
          {"prompt", sample.question}, {"answer", kind.label}, {"language", code(language)}};
    }
    return sample;
  }

  Sample first_of_two(const Kind& kind, const Sample& first, Draw& draw, Language language) const {
    const Kind* other = &draw.pick(kinds_);
    while (other == &kind) other = &draw.pick(kinds_);
    const Sample second = tested_question_of(*other, draw, language);
    static constexpr Word kRequest{
        "Which kind of task is the first one: math, knowledge, code, extraction or chat?\n1. "
        "{A}\n2. {B}",
        "第一个是哪类任务：math、knowledge、code、extraction还是chat？\n1. {A}\n2. {B}"};
    Gaps gaps;
    gaps.set("A", first.question).set("B", second.question);
    return item_of(kind, first.instance + " before " + second.instance,
                   gaps.fill(kRequest.in(language)), language);
  }

  std::vector<Kind> kinds_;
};

}  // namespace

std::unique_ptr<const Family> make_task_kind(const World& world) {
  return std::make_unique<TaskKind>(world);
}

}  // namespace pangu::corpus
