// SPDX-License-Identifier: Apache-2.0
// pangu quantize: a copy of a model whose weight matrices are in another format.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <memory>
#include <string>

#include "apps/compress/quantize_report.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/command_text.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/option_rules.h"
#include "checkpoint/quantize.h"

namespace pangu::app {
namespace {

struct QuantizeCommand {
  CommonOptions common;
  CLI::App* app = nullptr;
  std::string in, out;
  FormatOptions formats;
  std::string method = "rtn";
};

void quantize_command(const QuantizeCommand& o) {
  CommandFrame frame(o.common);
  ThreadPool threads(context_options(o.common).threads);
  ProgressBar bar = frame.bar("weights");
  const QuantizeReport report = quantize_checkpoint(o.in, o.out,
                                                    {.formats = o.formats.parse(),
                                                     .command = command_text(*o.app, true),
                                                     .progress = frame.progress(bar)},
                                                    threads);
  bar.clear();
  frame.finish(
      [&] {
        Json json = quantize_json(report);
        json["method"] = o.method;
        json["out"] = o.out;
        return json;
      },
      [&](double seconds) { return quantize_text(report, o.common.verbose, seconds); });
}

}  // namespace

void add_quantize_command(CLI::App& app) {
  auto o = std::make_shared<QuantizeCommand>();
  CLI::App* command =
      app.add_subcommand("quantize",
                         "Writes a copy of a model with its weights in another format\n"
                         "\n"
                         "Examples:\n"
                         "  pangu quantize MODEL MODEL-w8 --format w8a16\n"
                         "  pangu quantize MODEL MODEL-w4 --format w4a16-g64 --head-format q6_k");
  add_model_option(*command, "IN", o->in, "Hugging Face folder or bundled model, quantized or not")
      ->required()
      ->type_name(kPathType);
  command->add_option("OUT", o->out, "Folder to write; must be new or empty")
      ->required()
      ->check(folder_name())
      ->type_name(kPathType);
  add_common_options(*command, o->common);
  add_format_options(*command, o->formats, "in the new folder")->required()->default_str("");
  command->add_option("--method", o->method, "How codes are chosen; rtn rounds to the nearest")
      ->type_name("NAME")
      ->transform(one_of({"rtn"}))
      ->capture_default_str()
      ->group("Weights");
  o->app = command;
  command->callback([o] { quantize_command(*o); });
}

}  // namespace pangu::app
