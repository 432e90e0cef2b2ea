// SPDX-License-Identifier: Apache-2.0
// Grade-school problems with one to four steps, and drills of the arithmetic that they need.
#include <array>
#include <optional>

#include "corpus/family.h"
#include "corpus/scenes.h"
#include "corpus/word_problem_chains.h"
#include "corpus/word_problem_templates.h"
#include "corpus/wording.h"

namespace pangu::corpus {
namespace {

constexpr int kDrillPercent = 25;
constexpr int kDrillLines = 8;
constexpr int kSlowWordProblemPercent = 55;

/// Values of the variables a to z.
class Numbers {
 public:
  int get(std::string_view operand) const {
    if (operand[0] >= '0' && operand[0] <= '9') return std::stoi(std::string(operand));
    return values_[static_cast<std::size_t>(operand[0] - 'a')];
  }
  void set(char name, int value) { values_[static_cast<std::size_t>(name - 'a')] = value; }

 private:
  std::array<int, 26> values_{};
};

/// "x=a-b": what is computed from what.
struct Equation {
  char result;
  std::string_view left, right;
  char op;

  static Equation parse(std::string_view text) {
    const std::size_t at = text.find_first_of("+-*/", 2);
    return {text[0], text.substr(2, at - 2), text.substr(at + 1), text[at]};
  }
  /// The result, or nothing if it is no whole number from 1 to kLargestNumber (0 for differences).
  std::optional<int> solve(const Numbers& numbers) const {
    const int l = numbers.get(left), r = numbers.get(right);
    int value = -1;
    if (op == '+') value = l + r;
    if (op == '-') value = l - r;
    if (op == '*') value = l * r;
    if (op == '/' && r > 0 && l % r == 0) value = l / r;
    const int least = op == '-' ? 0 : 1;
    if (value < least || value > kLargestNumber) return std::nullopt;
    return value;
  }
  std::string written(const Numbers& numbers) const {
    return fmt::format("{}{}{}={}", numbers.get(left), op, numbers.get(right),
                       numbers.get({&result, 1}));
  }
};

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// Draws "a:2-9" or computes "c=a*b"; false if that gives no number to use.
bool set_number(std::string_view spec, Draw& draw, Numbers& numbers) {
  if (spec[1] == '=') {
    const auto value = Equation::parse(spec).solve(numbers);
    if (value) numbers.set(spec[0], *value);
    return value.has_value();
  }
  const std::size_t dash = spec.find('-');
  numbers.set(spec[0], draw.between(std::stoi(std::string(spec.substr(2, dash - 2))),
                                    std::stoi(std::string(spec.substr(dash + 1)))));
  return true;
}

bool solve(const ProblemTemplate& problem, Draw& draw, Numbers& numbers) {
  for (const std::string_view spec : words(problem.numbers)) {
    if (!set_number(spec, draw, numbers)) return false;
  }
  for (const ProblemStep& step : problem.steps) {
    const Equation equation = Equation::parse(step.equation);
    const auto value = equation.solve(numbers);
    if (!value) return false;
    numbers.set(equation.result, *value);
  }
  return true;
}

struct Worked {
  std::string plain, explained;  ///< lines of steps
  int answer;
};

Worked worked(const ProblemTemplate& problem, const Numbers& numbers, Language language) {
  Worked w{};
  for (const ProblemStep& step : problem.steps) {
    const Equation equation = Equation::parse(step.equation);
    if (!w.plain.empty()) w.plain += '\n', w.explained += '\n';
    const std::string line = equation.written(numbers);
    w.plain += line;
    w.explained += step.meaning.in(language);
    w.explained += language == Language::kEnglish ? ": " : "：";
    w.explained += line;
    w.answer = numbers.get({&equation.result, 1});
  }
  return w;
}

std::string final_line(int answer) {
  return fmt::format("#### {}", answer);
}

/// One true equation within the numbers of the problems.
std::string drill(Draw& draw) {
  constexpr std::string_view kOperations = "++--*/";
  for (;;) {
    const char op = kOperations[draw.below(kOperations.size())];
    Numbers numbers;
    const bool is_table = op == '*' || op == '/';
    numbers.set('b', is_table ? draw.between(2, 9) : draw.between(2, 90));
    numbers.set('a', is_table ? draw.between(2, 33) : draw.between(2, 99));
    if (is_table && draw.percent(50)) {
      const int a = numbers.get("a");
      numbers.set('a', numbers.get("b"));
      numbers.set('b', a);
    }
    if (op == '/') numbers.set('a', numbers.get("a") * numbers.get("b"));
    if (numbers.get("a") > kLargestNumber) continue;
    const Equation equation{'x', "a", "b", op};
    const auto value = equation.solve(numbers);
    if (!value) continue;
    numbers.set('x', *value);
    return equation.written(numbers);
  }
}

Sample drills(Draw& draw) {
  Sample sample;
  if (draw.percent(30)) {
    const std::string line = drill(draw);
    const std::size_t equals = line.find('=');
    sample.question = line.substr(0, equals + 1) + "?";
    sample.example = TrainingExample::fast(
        sample.question, line + "\n" + final_line(std::stoi(line.substr(equals + 1))));
    return sample;
  }
  std::string text;
  for (int i = 0; i < kDrillLines; ++i) text += (i == 0 ? "" : "\n") + drill(draw);
  sample.example = TrainingExample::plain(std::move(text));
  return sample;
}

/// A problem of the table with its numbers, in words.
struct Problem {
  std::string instance, question;
  Worked worked;
};

Problem draw_problem(Draw& draw, Language language) {
  const ProblemTemplate& problem = draw.pick(kProblemTemplates);
  Numbers numbers;
  while (!solve(problem, draw, numbers)) {
  }
  Problem p;
  p.instance = fmt::format("word_problems {}", problem.key);
  Gaps gaps;
  for (const std::string_view spec : words(problem.numbers)) {
    const int value = numbers.get(spec.substr(0, 1));
    p.instance += fmt::format(" {}", value);
    gaps.set(std::string(spec.substr(0, 1)), value);
  }
  set_people(gaps, draw, language, 3);
  set_thing(gaps, draw, language);
  gaps.set("L", draw.pick(kPlaces).in(language));
  p.question = gaps.fill(problem.question.pick(draw, language));
  p.worked = worked(problem, numbers, language);
  return p;
}

/// A sample without an example.
Sample item_of(Problem problem, Language language) {
  Sample sample;
  sample.instance = std::move(problem.instance);
  sample.question = std::move(problem.question);
  sample.test = {{"question", sample.question},
                 {"answer", problem.worked.plain + "\n" + final_line(problem.worked.answer)},
                 {"chat_prompt", sample.question},
                 {"language", code(language)}};
  return sample;
}

Sample problem_sample(Draw& draw, Language language) {
  const Problem problem = draw_problem(draw, language);
  const Worked& w = problem.worked;
  Sample sample = item_of(problem, language);
  const std::string end = final_line(w.answer);
  sample.example = draw.percent(kSlowWordProblemPercent)
                       ? TrainingExample::slow(sample.question, w.explained, end)
                       : TrainingExample::fast(sample.question, w.plain + "\n" + end);
  return sample;
}

/// A problem of the table behind a sentence that does not matter.
Sample problem_in_scene(Draw& draw, Language language) {
  const Scene scene = draw_scene(draw, language, 1, false);
  Problem problem = draw_problem(draw, language);
  problem.instance += scene.instance;
  problem.question = scene.text + problem.question;
  return item_of(std::move(problem), language);
}

class WordProblems final : public Family {
 public:
  std::string_view name() const override { return "word_problems"; }
  int share() const override { return 29; }
  Sample sample(Draw& draw, Language language) const override {
    return draw.percent(kDrillPercent) ? drills(draw) : problem_sample(draw, language);
  }

  Sample harder(Draw& draw, Language language, int level) const override {
    if (level == 2) return problem_in_scene(draw, language);
    return chain_problem(level == 3 ? ChainShape{2, 0} : ChainShape{3, 1}, draw, language);
  }
};

}  // namespace

std::unique_ptr<const Family> make_word_problems() {
  return std::make_unique<WordProblems>();
}

}  // namespace pangu::corpus
