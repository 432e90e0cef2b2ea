// SPDX-License-Identifier: Apache-2.0
// Python functions from a description and an example call.
#include "corpus/code_tasks.h"
#include "corpus/family.h"

namespace pangu::corpus {
namespace {

constexpr int kSlowCodePercent = 35;

constexpr const char* kVerbs[] = {"get", "find", "make", "calc",  "run",
                                  "do",  "take", "give", "solve", "build"};
constexpr const char* kNouns[] = {"value",  "result", "item", "data", "answer",
                                  "output", "thing",  "part", "task", "one"};

CodeTask draw_task(Draw& draw) {
  const int kind = draw.between(0, 99);
  if (kind < 46) return list_task(draw);
  if (kind < 64) return arithmetic_task(draw);
  if (kind < 77) return choice_task(draw);
  if (kind < 92) return string_task(draw);
  return loop_task(draw);
}

class Code final : public Family {
 public:
  std::string_view name() const override { return "code"; }
  int share() const override { return 14; }

  Sample sample(Draw& draw, Language language) const override {
    const CodeTask task = draw_task(draw);
    // One after the other: compilers differ in which argument of a call they compute first.
    const auto& noun = draw.pick(kNouns);
    const auto& verb = draw.pick(kVerbs);
    const std::string function = fmt::format("{}_{}", verb, noun);
    const std::string text = language == Language::kEnglish
                                 ? "Write a function to return " + task.description.en + "."
                                 : "写一个函数，返回" + task.description.zh + "。";
    OrderedJson asserts = OrderedJson::array();
    for (const auto& [given, expected] : task.calls) {
      asserts.push_back(fmt::format("assert {}({}) == {}", function, given, expected));
    }
    const std::string code = fmt::format("def {}({}):\n{}", function, task.parameters, task.body);

    Sample sample;
    sample.instance = "code " + task.key;
    sample.question = text + "\n" + asserts[0].get<std::string>();
    sample.test = {{"text", text},
                   {"code", code},
                   {"test_list", asserts},
                   {"test_setup_code", ""},
                   {"chat_prompt", sample.question},
                   {"language", corpus::code(language)}};
    sample.example = draw.percent(kSlowCodePercent)
                         ? TrainingExample::slow(sample.question, task.plan.in(language), code)
                         : TrainingExample::fast(sample.question, code);
    return sample;
  }
};

}  // namespace

std::unique_ptr<const Family> make_code() {
  return std::make_unique<Code>();
}

}  // namespace pangu::corpus
