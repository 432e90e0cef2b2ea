// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/parse_error_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/Config.hpp>
#include <vector>

#include "apps/shared/chosen_command.h"
#include "base/clipped.h"

namespace pangu::app {
namespace {

/// The option that a message is about: its name stands at the beginning of it, or of what was
/// converted.
const CLI::Option* option_of(const CLI::App& command, const std::string& message) {
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    if (message.starts_with(name + ":") ||
        message.starts_with("Could not convert: " + name + " ")) {
      return option;
    }
  }
  return nullptr;
}

std::string quoted_list(const std::vector<std::string>& values) {
  std::vector<std::string> quoted;
  for (const std::string& value : values) quoted.push_back("'" + clipped(value, 40) + "'");
  return fmt::format("{}", fmt::join(quoted, ", "));
}

std::string not_a_number(const CLI::Option& option) {
  const std::string value = option.results().empty() ? "" : option.results().back();
  const std::string advice =
      value.ends_with('%') ? " A share is written as 0.2, not as 20%." : " Correct it.";
  return fmt::format("{}: '{}' is no number, which was expected.{}", option.get_name(),
                     clipped(value, 40), advice);
}

std::string wrong_count(const CLI::Option& option) {
  if (option.results().size() > 1) {
    return fmt::format("{} was given {} times ({}), expected once. Leave all but one out.",
                       option.get_name(), option.results().size(), quoted_list(option.results()));
  }
  return fmt::format("{} was given without a value, expected {} {}.", option.get_name(),
                     option.get_name(), option.get_type_name());
}

/// CLI11 ends its messages without a full stop.
std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

}  // namespace

std::string parse_error_text(const CLI::App& app, const CLI::ParseError& error) {
  const std::string message = error.what();
  if (dynamic_cast<const CLI::ExcludesError*>(&error)) {
    constexpr std::string_view kExcludes = " excludes ";
    const std::size_t at = message.find(kExcludes);
    return fmt::format("{} and {} do not go together: leave one out.", message.substr(0, at),
                       message.substr(at + kExcludes.size()));
  }
  const CLI::Option* option = option_of(chosen_command(app), message);
  if (option && dynamic_cast<const CLI::ConversionError*>(&error)) return not_a_number(*option);
  if (option && dynamic_cast<const CLI::ArgumentMismatch*>(&error)) return wrong_count(*option);
  return sentence(message);
}

}  // namespace pangu::app
