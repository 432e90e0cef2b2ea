// SPDX-License-Identifier: Apache-2.0
// pangu convert: a model as a GGUF file, or a GGUF file as a Hugging Face folder.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <map>
#include <memory>
#include <string>

#include "apps/shared/command_frame.h"
#include "apps/shared/command_text.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/output.h"
#include "base/resources.h"
#include "checkpoint/convert.h"
#include "report/units.h"

namespace pangu::app {
namespace {

struct ConvertCommand {
  CommonOptions common;
  CLI::App* app = nullptr;
  std::string in, out, to;
  FormatOptions formats;
  bool force = false;
};

Json report_json(const ConvertReport& report) {
  Json tensors = Json::array();
  for (const ConvertedTensor& t : report.tensors) {
    tensors.push_back({{"name", t.name},
                       {"shape", t.shape},
                       {"format_in", t.from.empty() ? Json() : Json(t.from)},
                       {"format", t.to},
                       {"bytes_in", t.bytes_in},
                       {"bytes_out", t.bytes_out},
                       {"relative_error", t.relative_error}});
  }
  return {{"bytes_in", report.bytes_in},
          {"bytes_out", report.bytes_out},
          {"parameters_in", report.parameters_in},
          {"parameters_out", report.parameters_out},
          {"notes", report.notes},
          {"tensors", tensors}};
}

std::string tensor_rows(const ConvertReport& report) {
  std::string text;
  for (const ConvertedTensor& t : report.tensors) {
    text += fmt::format("  {:<44} {:>8} -> {:<8} {:>10} -> {:<10} {:.2e}\n", t.name,
                        t.from.empty() ? "-" : t.from, t.to, bytes_text(t.bytes_in),
                        bytes_text(t.bytes_out), t.relative_error);
  }
  return text;
}

std::string summary(const ConvertReport& report, bool every_tensor, double seconds) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> formats;  // tensors, bytes
  for (const ConvertedTensor& t : report.tensors) {
    formats[t.to].first += 1;
    formats[t.to].second += t.bytes_out;
  }
  std::string text = every_tensor ? tensor_rows(report) : "";
  for (const auto& [format, sums] : formats) {
    text += fmt::format("{:<8} {} in {} tensors\n", format, bytes_text(sums.second), sums.first);
  }
  text += fmt::format("weights  {} -> {}; {} parameters\n", bytes_text(report.bytes_in),
                      bytes_text(report.bytes_out),
                      count_text(static_cast<double>(report.parameters_out)));
  for (const std::string& note : report.notes) text += "note     " + note + "\n";
  return text + fmt::format("done     in {}, peak memory {}\n", seconds_text(seconds),
                            bytes_text(peak_rss_bytes()));
}

void convert_command(const ConvertCommand& o) {
  const ConvertTarget target = convert_target(o.to, o.out);
  // A folder must be new or empty.
  if (target == ConvertTarget::kGguf) {
    check_output(o.out, {.files = {}, .models = {o.in}});
    refuse_existing(o.out, o.force);
  } else if (o.force) {
    throw UsageError("--force replaces a GGUF file: a folder must be new or empty.");
  }
  CommandFrame frame(o.common);
  ThreadPool threads(thread_count(o.common));
  ProgressBar bar = frame.bar("weights");
  const ConvertReport report = convert_model(o.in, o.out,
                                             {.target = target,
                                              .formats = o.formats.parse(),
                                              .command = command_text(*o.app, true),
                                              .progress = frame.progress(bar)},
                                             threads);
  bar.clear();
  frame.finish(
      [&] {
        Json json = report_json(report);
        json["out"] = o.out;
        return json;
      },
      [&](double seconds) { return summary(report, o.common.verbose, seconds); });
}

}  // namespace

void add_convert_command(CLI::App& app) {
  auto o = std::make_shared<ConvertCommand>();
  CLI::App* command =
      app.add_subcommand("convert",
                         "Writes a model as a GGUF file, or a GGUF file as a Hugging Face folder\n"
                         "\n"
                         "Examples:\n"
                         "  pangu convert MODEL model.gguf\n"
                         "  pangu convert MODEL model-q4.gguf --format q4_0\n"
                         "  pangu convert model.gguf MODEL");
  add_model_option(*command, "IN", o->in, "Hugging Face folder, GGUF file or bundled model")
      ->required()
      ->type_name(kPathType);
  command->add_option("OUT", o->out, "New file (*.gguf), or folder, which must be new or empty")
      ->required()
      ->type_name(kPathType);
  add_common_options(*command, o->common);
  command->add_option("--to", o->to, "What OUT becomes: gguf or hf")
      ->type_name("FORM")
      ->default_str("as its name says")
      ->transform(one_of({"gguf", "hf"}))
      ->group("Weights");
  command->add_flag("--force", o->force, "Replace a file that is there")->group("Output");
  add_format_options(*command, o->formats, "in the new model")
      ->default_str("as stored; GGUF blocks become bf16 in a folder");
  o->app = command;
  command->callback([o] { convert_command(*o); });
}

}  // namespace pangu::app
