// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/help.h"

#include <sstream>
#include <utility>

namespace pangu::app {

std::string HelpFormatter::make_description(const CLI::App* app) const {
  return app->get_description() + "\n\n";
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  // CLI11 starts the usage of the program itself with its path; the name is enough.
  if (app->get_parent() == nullptr) return "Usage: pangu COMMAND [OPTIONS]\n";
  std::string usage = CLI::Formatter::make_usage(app, std::move(name));
  if (const auto slash = usage.find_last_of('/'); slash != std::string::npos) {
    usage = "Usage: " + usage.substr(slash + 1);
  }
  return usage;
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode mode) const {
  // CLI11 leaves two empty lines between groups.
  const std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
  return CLI::detail::find_and_replace(text, "\n\n\n", "\n\n");
}

std::string HelpFormatter::make_subcommand(const CLI::App* sub) const {
  // The first line says what the command does; the example is for its own help.
  const std::string description = sub->get_description();
  std::stringstream out;
  CLI::detail::format_help(out, sub->get_name(), description.substr(0, description.find('\n')), 19);
  return out.str();
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_type_size() == 0 || option->get_positional()) return "";
  return " " + option->get_type_name();
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
  const std::string& text = option->get_description();
  std::string facts;
  if (!option->get_default_str().empty()) facts = "default " + option->get_default_str();
  if (!option->get_envname().empty()) facts += "; or $" + option->get_envname();
  return facts.empty() ? text : text + " [" + facts + "]";
}

std::string first_steps() {
  return "pangu runs openPangu, Llama and Qwen models on this machine.\n"
         "\n"
         "First steps; MODEL is a Hugging Face folder or a GGUF file:\n"
         "  pangu run MODEL -p \"Once upon a time\"    continue a text\n"
         "  pangu run MODEL --chat                   talk to the model\n"
         "  pangu info MODEL                         what it is, and what it needs\n"
         "\n"
         "pangu --help lists all commands, pangu COMMAND --help explains one.\n";
}

}  // namespace pangu::app
