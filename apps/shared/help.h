// SPDX-License-Identifier: Apache-2.0
// How --help looks: the example on top, options by theme, the default at the end of each line.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace pangu::app {

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(34); }

  std::string make_description(const CLI::App* app) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_subcommand(const CLI::App* sub) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
};

/// What `pangu` says when it is called without arguments.
std::string first_steps();

}  // namespace pangu::app
