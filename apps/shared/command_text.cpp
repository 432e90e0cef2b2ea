// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/command_text.h"

#include <fmt/format.h>

#include "base/last_name.h"
#include "base/shell_word.h"

namespace pangu::app {

namespace {

/// What was given for an option, with an absolute path shortened: "gsm8k:problems.jsonl" of a
/// TASK:PATH.
std::string with_short_path(const std::string& value, const std::string& type) {
  const bool has_prefix = type.find(std::string(":") + kPathType) != std::string::npos;
  const std::size_t begin = has_prefix ? value.find(':') + 1 : 0;
  const std::string path = value.substr(begin);
  return value.substr(0, begin) + (path.starts_with('/') ? last_name(path) : path);
}

}  // namespace

std::string command_text(const CLI::App& command, bool short_paths) {
  std::string text = "pangu " + command.get_name();
  for (const CLI::Option* option : command.get_options()) {
    const std::string &group = option->get_group(), name = option->get_name();
    const bool decides = group != "Output" && (group != "Machine" || name == "--dtype");
    if (option->count() == 0 || !decides || name == "--resume") continue;
    const bool is_path = option->get_type_name().find(kPathType) != std::string::npos;
    for (const std::string& value : option->results()) {
      // A flag's value says how often it was given.
      const bool has_value = option->get_items_expected_max() > 0 && !value.empty();
      if (!option->get_positional()) text += " " + name;
      const std::string shown =
          is_path && short_paths ? with_short_path(value, option->get_type_name()) : value;
      if (has_value) text += " " + shell_word(shown);
    }
  }
  return text;
}

}  // namespace pangu::app
