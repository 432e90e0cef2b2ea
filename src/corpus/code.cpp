// SPDX-License-Identifier: Apache-2.0
// Python functions from a description and an example call.
#include "corpus/code_compositions.h"
#include "corpus/family.h"
#include "corpus/scenes.h"

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

/// Compositions of what the tasks of level 1 do: at level 3 a function that calls another, at level
/// 4 more parts in one.
CodeTask draw_composition(Draw& draw, int level) {
  if (level == 3) return list_composition({1, 1, true}, draw);
  const int kind = draw.between(0, 99);
  if (kind < 30) return list_composition({2, 1, false}, draw);
  if (kind < 50) return list_composition({1, 2, false}, draw);
  if (kind < 65) return list_composition({2, 2, false}, draw);
  if (kind < 75) return list_composition({1, 2, true}, draw);
  return kind < 90 ? string_composition(2, draw) : number_composition(3, draw);
}

/// What a task is in one language: its wording, its program and its tests.
struct CodeItem {
  std::string text, program;
  OrderedJson asserts = OrderedJson::array();
};

std::string draw_function_name(Draw& draw) {
  // One after the other: compilers differ in which argument of a call they compute first.
  const auto& noun = draw.pick(kNouns);
  const auto& verb = draw.pick(kVerbs);
  return fmt::format("{}_{}", verb, noun);
}

std::string function_text(const std::string& name, const std::string& parameters,
                          const std::string& body) {
  return fmt::format("def {}({}):\n{}", name, parameters, body);
}

/// The wording and program of a task with a helper.
void add_helper(const CodeTask& task, const std::string& function, Draw& draw, Language language,
                CodeItem& item) {
  std::string name = draw_function_name(draw);
  while (name == function) name = draw_function_name(draw);
  Gaps gaps;
  gaps.set("f", name).set("g", function);
  gaps.set("h", task.helper->description.in(language));
  gaps.set("d", gaps.fill(task.description.in(language)));
  item.text =
      gaps.fill(language == Language::kEnglish
                    ? "Write a function {f} to return {h}, and a function {g} to return {d}."
                    : "写一个函数{f}，返回{h}，再写一个函数{g}，返回{d}。");
  item.program = function_text(name, task.helper->parameters, task.helper->body) + "\n\n" +
                 function_text(function, task.parameters, gaps.fill(task.body));
}

CodeItem written(const CodeTask& task, Draw& draw, Language language) {
  const std::string function = draw_function_name(draw);
  CodeItem item;
  if (task.helper) {
    add_helper(task, function, draw, language, item);
  } else {
    item.text = language == Language::kEnglish
                    ? "Write a function to return " + task.description.en + "."
                    : "写一个函数，返回" + task.description.zh + "。";
    item.program = function_text(function, task.parameters, task.body);
  }
  for (const auto& [given, expected] : task.calls) {
    item.asserts.push_back(fmt::format("assert {}({}) == {}", function, given, expected));
  }
  return item;
}

/// A sample without an example; `shown` of the tests stand in the prompt.
Sample item_of(const CodeTask& task, const CodeItem& item, std::size_t shown, Language language) {
  Sample sample;
  sample.instance = "code " + task.key;
  sample.question = item.text;
  for (std::size_t i = 0; i < shown; ++i) {
    sample.question += "\n" + item.asserts[i].get<std::string>();
  }
  sample.test = {{"text", item.text},
                 {"code", item.program},
                 {"test_list", item.asserts},
                 {"test_setup_code", ""},
                 {"chat_prompt", sample.question},
                 {"language", corpus::code(language)}};
  return sample;
}

/// A task of level 1 in a prompt that says more: another test, or sentences before it that do not
/// matter.
Sample longer_prompt(Draw& draw, Language language) {
  const CodeTask task = draw_task(draw);
  const CodeItem item = written(task, draw, language);
  const bool shows_more = draw.percent(50);
  Sample sample = item_of(task, item, shows_more ? 2 : 1, language);
  if (shows_more) {
    sample.instance += " with two tests";
    return sample;
  }
  const Scene scene = draw_scene(draw, language, 2, true);
  sample.instance += scene.instance;
  sample.question = scene.text + sample.question;
  sample.test["chat_prompt"] = sample.question;
  return sample;
}

class Code final : public Family {
 public:
  std::string_view name() const override { return "code"; }
  int share() const override { return 14; }

  Sample sample(Draw& draw, Language language) const override {
    const CodeTask task = draw_task(draw);
    const CodeItem item = written(task, draw, language);
    Sample sample = item_of(task, item, 1, language);
    sample.example =
        draw.percent(kSlowCodePercent)
            ? TrainingExample::slow(sample.question, task.plan.in(language), item.program)
            : TrainingExample::fast(sample.question, item.program);
    return sample;
  }

  Sample harder(Draw& draw, Language language, int level) const override {
    if (level == 2) return longer_prompt(draw, language);
    const CodeTask task = draw_composition(draw, level);
    return item_of(task, written(task, draw, language), 1, language);
  }
};

}  // namespace

std::unique_ptr<const Family> make_code() {
  return std::make_unique<Code>();
}

}  // namespace pangu::corpus
