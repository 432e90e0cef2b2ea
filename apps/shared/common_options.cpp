// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/common_options.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clipped.h"
#include "base/escaped.h"
#include "base/log.h"
#include "base/nearest_name.h"
#include "io/json.h"
#include "io/locate_model.h"
#include "quant/weight_format.h"
#include "tensor/dtype.h"

namespace pangu::app {
namespace {

/// A variable that stands for an option of the command that was called: CLI11 reads variables for
/// all commands, and would refuse for another one what this one is told on the command line.
struct OptionVariable {
  CLI::Option* option = nullptr;
  const char* name = nullptr;
};

void read_variables(CLI::App& command, std::vector<OptionVariable> variables) {
  command.preparse_callback([variables = std::move(variables)](std::size_t) {
    for (const OptionVariable& v : variables) v.option->envname(v.name);
  });
}

}  // namespace

void add_common_options(CLI::App& command, CommonOptions& options) {
  CLI::Option* threads =
      command.add_option("--threads", options.threads, "Threads to compute with")
          ->type_name("N")
          ->default_str("one per core")
          ->check(whole_number(1, 1024))
          ->group("Machine");
  command.add_option("--dtype", options.dtype, "Arithmetic and cache: f32 or bf16")
      ->type_name("TYPE")
      ->capture_default_str()
      ->transform(one_of({"f32", "bf16"}))
      ->group("Machine");
  command.add_option("--device", options.device, "auto or cpu")
      ->type_name("NAME")
      ->capture_default_str()
      ->group("Machine");
  CLI::Option* isa =
      command.add_option("--isa", options.isa, fmt::format("{}", fmt::join(isa_choices(), ", ")))
          ->type_name("NAME")
          ->capture_default_str()
          ->transform(one_of(isa_choices()))
          ->group("Machine");
  CLI::Option* numa =
      command
          .add_option("--numa", options.numa,
                      "auto: threads stay on one memory node each, and weights lie where they are "
                      "read; off: neither. No matter on machines with one node")
          ->type_name("NAME")
          ->capture_default_str()
          ->transform(one_of(numa_choices()))
          ->group("Machine");
  read_variables(command, {{threads, "PANGU_THREADS"}, {isa, "PANGU_ISA"}, {numa, "PANGU_NUMA"}});
  command.add_flag("--json", options.json, "Print one JSON object, for programs")->group("Output");
  auto* quiet = command.add_flag("-q,--quiet", options.quiet, "No summary, bar or warnings");
  quiet->group("Output");
  command.add_flag("-v,--verbose", options.verbose, "Say more on standard error")
      ->excludes(quiet)
      ->group("Output");
  // Set anew, it comes last.
  command.set_help_flag();
  command.set_help_flag("-h,--help", "Print this help")->group("Output");
}

std::vector<std::string> kv_format_names() {
  std::vector<std::string> names;
  for (const KvFormat format : kv_formats()) names.emplace_back(name(format));
  return names;
}

void add_kv_format_option(CLI::App& command, CommonOptions& options) {
  command.add_option("--kv-format", options.kv_format, "Keys and values: f32, bf16, int8 or int4")
      ->type_name("NAME")
      ->default_str("as --dtype")
      ->transform(one_of(kv_format_names()))
      ->group("Machine");
}

KvFormat kv_format(const CommonOptions& options) {
  return options.kv_format.empty() ? exact_kv_format(parse_dtype(options.dtype).value())
                                   : require_kv_format(options.kv_format);
}

CLI::Option* add_model_argument(CLI::App& command, std::string& model,
                                const std::string& description) {
  return add_model_option(command, "MODEL", model, description)->required();
}

CLI::Option* add_model_option(CLI::App& command, const std::string& name, std::string& model,
                              const std::string& description) {
  return command.add_option(name, model, description)
      ->transform(CLI::Validator(
          [](std::string& argument) {
            if (argument.empty()) return std::string("a path or a name was expected");
            argument = locate_model(argument).string();
            return std::string();
          },
          ""));
}

std::vector<std::string> weight_format_names() {
  std::vector<std::string> names;
  for (const FormatInfo& info : weight_formats()) names.emplace_back(info.name);
  return names;
}

CLI::Option* add_format_options(CLI::App& command, FormatOptions& formats,
                                const std::string& where) {
  const std::vector<std::string> names = weight_format_names();
  const std::string list = fmt::format("{}", fmt::join(names, ", "));
  const auto add = [&](const char* flag, std::string& value, const std::string& what) {
    return command.add_option(flag, value, what)
        ->type_name("NAME")
        ->transform(one_of(names))
        ->group("Weights");
  };
  CLI::Option* layers = add("--format", formats.layers, "Weights " + where + ": " + list)
                            ->default_str("as in the checkpoint");
  add("--head-format", formats.head, "The output head")->default_str("goes with --format");
  add("--embedding-format", formats.embedding, "The embedding")->default_str("goes with --format");
  return layers;
}

CLI::Validator one_of(std::vector<std::string> names) {
  const auto check = [names = std::move(names)](std::string& text) -> std::string {
    const auto found =
        std::ranges::find_if(names, [&](const std::string& name) { return same_name(name, text); });
    if (found == names.end()) {
      const std::vector<std::string_view> views(names.begin(), names.end());
      return fmt::format("'{}' is not known.{} Known: {}", clipped(text, 40),
                         did_you_mean(text, views), fmt::join(names, ", "));
    }
    text = *found;
    return "";
  };
  return {check, ""};
}

CLI::Validator whole_number(std::int64_t min, std::int64_t max) {
  const auto check = [min, max](const std::string& text) -> std::string {
    std::int64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && at == end && value >= min && value <= max) return "";
    return max == std::numeric_limits<std::int64_t>::max()
               ? fmt::format("'{}' is no whole number of {} or more", clipped(text, 40), min)
               : fmt::format("'{}' is no whole number from {} to {}", clipped(text, 40), min, max);
  };
  return {check, ""};
}

namespace {

/// A decimal number and nothing else: an empty value, as of a variable that is not set, is none.
std::optional<double> decimal_number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const bool is_hexadecimal = text.find_first_of("xX") != text.npos;
  if (text.empty() || *end != '\0' || is_hexadecimal) return std::nullopt;
  return value;
}

}  // namespace

CLI::Validator number_in(NumberRange range) {
  const auto check = [range](const std::string& text) -> std::string {
    const std::optional<double> value = decimal_number(text);
    const bool fits = value && (range.excludes_min ? *value > range.min : *value >= range.min);
    if (fits && *value <= range.max) return "";
    return fmt::format("'{}' is no number {} {} {} {}", clipped(text, 40),
                       range.excludes_min ? "above" : "from", range.min,
                       range.excludes_min ? "and at most" : "to", range.max);
  };
  return {check, ""};
}

CLI::Validator float_number() {
  return {[](const std::string& text) -> std::string {
            const bool has_digits = text.find_first_of("0123456789") != text.npos;
            const std::optional<double> value = decimal_number(text);
            // CLI11 says what else is none.
            if (text.empty() || text.find_first_of("xX") != text.npos) {
              return fmt::format("'{}' is no number", clipped(text, 40));
            }
            if (!value || !has_digits || !std::isinf(static_cast<float>(*value))) return "";
            return fmt::format("'{}' is too large: {:.1e} is the most", clipped(text, 40),
                               std::numeric_limits<float>::max());
          },
          ""};
}

void start_log(const CommonOptions& options) {
  auto logger =
      std::make_shared<spdlog::logger>("pangu", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("pangu: %l: %v");
  logger->set_level(options.quiet     ? spdlog::level::err
                    : options.verbose ? spdlog::level::debug
                                      : spdlog::level::warn);
  log::set_sink([logger](log::Level level, std::string_view message) {
    static constexpr spdlog::level::level_enum kLevels[] = {
        spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
    logger->log(kLevels[static_cast<std::size_t>(level)], "{}", escaped(message));
  });
}

EngineOptions engine_options(const CommonOptions& options, const FormatOptions& formats) {
  EngineOptions out;
  out.threads = options.threads;
  out.isa = options.isa;
  out.numa = options.numa;
  out.device = options.device;
  out.dtype = parse_dtype(options.dtype).value();
  out.kv_format = options.kv_format;
  out.format = formats.layers;
  out.head_format = formats.head;
  out.embedding_format = formats.embedding;
  return out;
}

ContextOptions context_options(const CommonOptions& options) {
  if (options.device != "auto" && options.device != "cpu") {
    fail<Unsupported>("[device] '{}' is not available in this build; cpu is. Use --device cpu.",
                      options.device);
  }
  ContextOptions out;
  out.threads = thread_count(options);
  out.isa = require_isa(options.isa);
  out.dtype = parse_dtype(options.dtype).value();
  out.nodes = require_memory_nodes(options.numa);
  return out;
}

int thread_count(const CommonOptions& options) {
  return options.threads > 0 ? options.threads : default_threads();
}

}  // namespace pangu::app
