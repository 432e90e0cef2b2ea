// SPDX-License-Identifier: Apache-2.0
// Which kind of task a question is: what a router needs to know before a model answers.
#include "corpus/family.h"
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
    Sample inner = kind.family->sample(draw, language);
    while (inner.question.empty()) inner = kind.family->sample(draw, language);
    static const Phrases kRequest = {
        {"Which kind of task is this: math, knowledge, code, extraction or chat?\n"},
        {"这是哪类任务：math、knowledge、code、extraction还是chat？\n"}};
    Sample sample;
    // The instance of what is asked about, so that both lie in the same split.
    sample.instance = inner.instance;
    sample.question = kRequest.pick(draw, language) + inner.question;
    if (!sample.instance.empty()) {
      sample.test = {
          {"prompt", sample.question}, {"answer", kind.label}, {"language", code(language)}};
    }
    sample.example =
        draw.percent(kSlowTaskKindPercent)
            ? TrainingExample::slow(sample.question, kind.reason.in(language), kind.label)
            : TrainingExample::fast(sample.question, kind.label);
    return sample;
  }

 private:
  struct Kind {
    const char* label;
    Word reason;
    std::unique_ptr<const Family> family;
  };
  std::vector<Kind> kinds_;
};

}  // namespace

std::unique_ptr<const Family> make_task_kind(const World& world) {
  return std::make_unique<TaskKind>(world);
}

}  // namespace pangu::corpus
