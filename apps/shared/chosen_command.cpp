// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/chosen_command.h"

namespace pangu::app {

const CLI::App& chosen_command(const CLI::App& app) {
  const CLI::App* command = &app;
  for (auto parsed = app.get_subcommands(); !parsed.empty(); parsed = command->get_subcommands()) {
    command = parsed.front();
  }
  return *command;
}

std::string command_path(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  // The program's own name is whatever file was run.
  return parent ? command_path(*parent) + " " + command.get_name() : "pangu";
}

}  // namespace pangu::app
