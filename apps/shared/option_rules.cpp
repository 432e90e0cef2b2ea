// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/option_rules.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>

#include "apps/shared/commands.h"
#include "base/clipped.h"
#include "base/log.h"

namespace pangu::app {

std::string given_options(const CLI::App& command, std::initializer_list<const char*> options) {
  std::string text;
  for (const char* option : options) {
    if (command.count(option) > 0) text += (text.empty() ? "" : ", ") + std::string(option);
  }
  return text;
}

void refuse_given(const CLI::App& command, std::initializer_list<const char*> options,
                  std::string_view why) {
  const std::string given = given_options(command, options);
  if (!given.empty()) throw UsageError(fmt::format("{} {}", given, why));
}

void remark_given(const CLI::App& command, std::initializer_list<const char*> options,
                  std::string_view why) {
  const std::string given = given_options(command, options);
  if (!given.empty()) log::warning("{} {}", given, why);
}

CLI::Validator not_empty() {
  return {[](const std::string& text) -> std::string {
            return text.empty() ? "a text that is not empty was expected" : "";
          },
          ""};
}

CLI::Validator folder_name() {
  return {[](const std::string& text) -> std::string {
            // With or without a slash at the end.
            if (!text.substr(0, text.find_last_not_of('/') + 1).ends_with(".gguf")) return "";
            return fmt::format(
                "'{}' is a name for a GGUF file, but a folder is written. Give the name of a "
                "folder; pangu convert writes GGUF files, with --format in another format",
                clipped(text, 40));
          },
          ""};
}

}  // namespace pangu::app
