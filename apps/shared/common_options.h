// SPDX-License-Identifier: Apache-2.0
// The options that every command has.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/number_range.h"
#include "models/weights/weight_plan.h"
#include "ops/context.h"
#include "pangu/engine.h"
#include "quant/kv_format.h"

namespace pangu::app {

struct CommonOptions {
  int threads = 0;  ///< 0: default_threads()
  std::string dtype = "bf16";
  std::string kv_format;  ///< of keys and values; empty: that of the arithmetic
  std::string device = "auto";
  std::string isa = "auto";
  std::string numa = "auto";
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};

/// Adds the options, in the groups "Machine" and "Output". `options` must outlive the app.
void add_common_options(CLI::App& command, CommonOptions& options);

/// The positional MODEL.
CLI::Option* add_model_argument(
    CLI::App& command, std::string& model,
    const std::string& description = "Hugging Face folder, GGUF file or bundled model");
/// Another option that takes a model.
CLI::Option* add_model_option(CLI::App& command, const std::string& name, std::string& model,
                              const std::string& description);

/// How weights are held; empty keeps what the checkpoint has.
struct FormatOptions {
  std::string layers, head, embedding;

  WeightFormats parse() const { return WeightFormats::parse(layers, head, embedding); }
};

/// --format, --head-format, --embedding-format; `where` completes "Weights ...".
CLI::Option* add_format_options(CLI::App& command, FormatOptions& formats,
                                const std::string& where = "in memory");

/// Accepts one of a few names, whatever the case of its letters, and makes it what the list says;
/// says which one is nearest to another. For transform().
CLI::Validator one_of(std::vector<std::string> names);

/// What --format may be.
std::vector<std::string> weight_format_names();

/// Accepts integers in a range, and nothing else: CLI11 itself takes what overflows.
CLI::Validator whole_number(std::int64_t min,
                            std::int64_t max = std::numeric_limits<std::int64_t>::max());

/// Accepts numbers in a range, and nothing else: no comparison of CLI11 refuses what is no number.
CLI::Validator number_in(NumberRange range);

/// Refuses what CLI11 would take for a number: nothing, hexadecimal digits; and numbers that a
/// float cannot hold, before they become infinite.
CLI::Validator float_number();

/// Sends the library's messages to standard error: warnings unless -q, everything with -v.
void start_log(const CommonOptions& options);

/// What --kv-format may be.
std::vector<std::string> kv_format_names();

/// --kv-format, for commands that compute with a cache.
void add_kv_format_option(CLI::App& command, CommonOptions& options);
KvFormat kv_format(const CommonOptions& options);

EngineOptions engine_options(const CommonOptions& options, const FormatOptions& formats);
/// Throws Unsupported for a device or instruction set that is not there.
ContextOptions context_options(const CommonOptions& options);
int thread_count(const CommonOptions& options);

}  // namespace pangu::app
