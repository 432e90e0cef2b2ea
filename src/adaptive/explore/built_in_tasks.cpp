// SPDX-License-Identifier: Apache-2.0
#include "adaptive/explore/built_in_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "corpus/level.h"
#include "corpus/test_items.h"

namespace pangu::adaptive {
namespace {

struct Source {
  const char* kind;
  const char* family;
  eval::Task task;
};

/// The world that the bundled models were trained on.
constexpr std::uint64_t kKnownWorld = 1;

constexpr Source kSources[] = {{"math", "word_problems", eval::Task::kMath},
                               {"code", "code", eval::Task::kCode},
                               {"knowledge", "knowledge", eval::Task::kChoice},
                               {"extraction", "extraction", eval::Task::kMatch}};

/// Items come language by language; parts of them are to have both.
std::vector<corpus::OrderedJson> alternating(std::vector<corpus::OrderedJson> rows) {
  std::vector<corpus::OrderedJson> out;
  const std::size_t half = (rows.size() + 1) / 2;
  for (std::size_t i = 0; i < half; ++i) {
    out.push_back(std::move(rows[i]));
    if (half + i < rows.size()) out.push_back(std::move(rows[half + i]));
  }
  return out;
}

eval::Rows parsed(eval::Task task, const std::string& content, const std::string& name) {
  switch (task) {
    case eval::Task::kMath:
      return eval::parse_math_rows(content, name);
    case eval::Task::kCode:
      return eval::parse_code_rows(content, name);
    case eval::Task::kChoice:
      return eval::parse_choice_rows(content, name);
    default:
      return eval::parse_match_rows(content, name);
  }
}

/// A choice as a question whose answer is to be written.
corpus::OrderedJson written_choice(const corpus::OrderedJson& row) {
  const auto& choices = row.at("choices");
  std::string answer = choices.at(row.at("answer_index").get<std::size_t>()).get<std::string>();
  answer.erase(0, answer.find_first_not_of(' '));
  return {{"prompt", row.at("prompt")}, {"answer", answer}, {"language", row.at("language")}};
}

KindTask make(const Source& source, const BuiltInItems& o, int level) {
  const bool is_written = o.written && source.task == eval::Task::kChoice;
  std::string content;
  for (const corpus::OrderedJson& row : alternating(corpus::test_items({.family = source.family,
                                        .level = level,
                                        .seed = o.seed,
                                        .world = kKnownWorld,
                                        .count = (o.items + 1) / 2}))) {
    content += (is_written ? written_choice(row) : row).dump() + "\n";
  }
  eval::EvalOptions options;
  options.task = is_written ? eval::Task::kMatch : source.task;
  options.max_tokens = 160;
  const std::string name = fmt::format("generated {}, level {}", source.family, level);
  return make_kind_task(source.kind, name, options, parsed(options.task, content, name), content);
}

}  // namespace

std::vector<KindTask> built_in_tasks(const BuiltInItems& options) {
  std::vector<KindTask> out;
  for (const Source& source : kSources) {
    std::vector<int> levels = options.levels;
    if (levels.empty()) levels = {corpus::discriminating_level(source.family).value_or(1)};
    for (const int level : levels) out.push_back(make(source, options, level));
  }
  return out;
}

std::vector<std::string> built_in_task_kinds() {
  std::vector<std::string> out;
  for (const Source& source : kSources) out.emplace_back(source.kind);
  return out;
}

}  // namespace pangu::adaptive
