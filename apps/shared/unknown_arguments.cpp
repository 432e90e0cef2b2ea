// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/unknown_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "apps/shared/chosen_command.h"
#include "base/clipped.h"
#include "base/nearest_name.h"

namespace pangu::app {
namespace {

/// ". Did you mean X?" or "."
std::string guess(const std::string& given, const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  return "." + did_you_mean(given, views);
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

bool is_option(const std::string& argument) {
  return argument.size() > 1 && argument[0] == '-' && argument != "--";
}

/// What a command takes beside its options, and where a text belongs that is not among it.
std::string expected_arguments(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) names.push_back(option->get_name());
  }
  const std::string takes =
      names.empty() ? "no arguments" : fmt::format("{} alone", fmt::join(names, " and "));
  const bool has_prompt = command.get_option_no_throw("--prompt") != nullptr;
  return fmt::format("beside its options, {} takes {}.{}", command_path(command), takes,
                     has_prompt ? " A prompt goes with -p, in quotes." : "");
}

/// The value of an unknown option looks like an argument too many: options are told first.
std::string unknown_in(const CLI::App& command, const std::vector<std::string>& rest) {
  const std::vector<std::string> names = option_names(command);
  std::string text, others;
  for (const std::string& argument : rest) {
    const std::string name = argument.substr(0, argument.find('='));
    if (is_option(argument)) {
      text += fmt::format("{}'{}' is no option of {}{}", text.empty() ? "" : " ", clipped(name, 40),
                          command_path(command), guess(name, names));
    } else {
      others += fmt::format("{}'{}'", others.empty() ? "" : ", ", clipped(argument, 40));
    }
  }
  if (!text.empty() || others.empty()) return text;
  return fmt::format("{} {} not expected: {}", others, rest.size() == 1 ? "was" : "were",
                     expected_arguments(command));
}

}  // namespace

std::string unknown_arguments(const CLI::App& app) {
  const CLI::App& command = chosen_command(app);
  const std::string unknown = unknown_command(app);
  return unknown.empty() ? unknown_in(command, command.remaining()) : unknown;
}

std::string unknown_command(const CLI::App& app) {
  const CLI::App& command = chosen_command(app);
  const std::vector<std::string> names = command_names(command);
  const std::vector<std::string> rest = command.remaining();
  if (names.empty() || rest.empty() || is_option(rest.front())) return "";
  if (&command == &app && rest.front() == "chat") {
    return "'chat' is no command of pangu: pangu run MODEL --chat converses.";
  }
  return fmt::format("'{}' is no command of {}{} Commands are {}.", clipped(rest.front(), 40),
                     command_path(command), guess(rest.front(), names), fmt::join(names, ", "));
}

}  // namespace pangu::app
