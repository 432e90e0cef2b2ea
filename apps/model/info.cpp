// SPDX-License-Identifier: Apache-2.0
// pangu info: what a model is and needs, and what the machine offers.
#include <memory>
#include <string>

#include "apps/model/model_report.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/output.h"

namespace pangu::app {
namespace {

struct InfoOptions {
  CommonOptions common;
  std::string model;
};

void info_command(const InfoOptions& o) {
  start_log(o.common);
  if (o.common.json) {
    Json json = o.model.empty() ? Json::object() : report_json(inspect(o.model));
    json["machine"] = machine_report_json(o.common);
    return print_json(json);
  }
  std::string text;
  if (!o.model.empty()) text = report_text(inspect(o.model)) + "\n";
  print(text + machine_report_text(o.common));
}

}  // namespace

void add_info_command(CLI::App& app) {
  auto o = std::make_shared<InfoOptions>();
  CLI::App* command =
      app.add_subcommand("info",
                         "Says what a model is and needs, and what this machine offers\n"
                         "\n"
                         "Examples:\n"
                         "  pangu info MODEL\n"
                         "  pangu info                 the machine alone");
  add_model_argument(*command, o->model,
                     "Hugging Face folder, GGUF file or tokenizer; whole or not")
      ->required(false);
  add_common_options(*command, o->common);
  command->callback([o] { info_command(*o); });
}

}  // namespace pangu::app
