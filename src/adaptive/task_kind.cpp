// SPDX-License-Identifier: Apache-2.0
#include "adaptive/task_kind.h"

#include <algorithm>

#include "base/error.h"
#include "base/escaped.h"

namespace pangu::adaptive {
namespace {

constexpr std::size_t kLongestName = 32;

constexpr TaskKind kKinds[] = {
    {"code", "writing a program or function", "编写程序或函数"},
    {"code-edit", "changing, fixing or explaining given code", "修改、修复或解释已有代码"},
    {"math", "a calculation or mathematical problem", "计算或数学问题"},
    {"knowledge", "a question about facts", "关于事实的问题"},
    {"extraction", "finding or summarizing what a given text says", "从给定文本中查找或总结内容"},
    {"translation", "translating a text", "翻译文本"},
    {"structured", "output in a given format such as JSON or a table",
     "按给定格式输出，例如JSON或表格"},
    {"chat", "conversation, advice or creative writing", "聊天、建议或创意写作"},
};

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

}  // namespace

std::span<const TaskKind> built_in_kinds() {
  return kKinds;
}

const TaskKind* find_built_in_kind(std::string_view name) {
  const auto found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const TaskKind& kind) { return kind.name == name; });
  return found == std::end(kKinds) ? nullptr : found;
}

void require_kind_name(std::string_view name, std::string_view where) {
  const bool fits = !name.empty() && name.size() <= kLongestName && is_letter(name.front()) &&
                    name != kUnknownKind && std::all_of(name.begin(), name.end(), [](char c) {
                      return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
                    });
  if (fits) return;
  fail<ConfigError>(
      "[{}] \"{}\" is no name of a kind of task. Expected 1 to {} of a-z, 0-9 and '-', beginning "
      "with a letter, and not \"{}\".",
      where, escaped(name), kLongestName, kUnknownKind);
}

}  // namespace pangu::adaptive
