// SPDX-License-Identifier: Apache-2.0
// One measurement of `pangu bench`: what was measured, and how it is told to people and programs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/bench/bench_shape.h"
#include "apps/shared/common_options.h"
#include "io/json.h"
#include "measure/benchmark.h"

namespace pangu::app {

/// The model to measure: a folder, or random weights in a shape.
struct BenchSubject {
  std::string model;   ///< empty if there is a shape
  ShapeOptions shape;  ///< without a name if there is a model

  /// As it was given, with the changes to a shape.
  std::string given() const;
  /// For titles: without the way to it.
  std::string title() const;
  /// Packs its weights. Throws ConfigError for a shape that cannot be.
  std::unique_ptr<LanguageModel> load(const WeightFormats& formats, const ProgressFn& progress,
                                      Context& ctx) const;
};

struct BenchRun {
  std::string model;
  ModelConfig config;  ///< of what was measured
  std::string format, head_format, embedding_format, kv_format;
  std::string dtype;
  Isa isa = Isa::kRef;
  int threads = 1;
  int nodes = 1;  ///< of memory, that threads are bound to
  int64_t prompt_tokens = 0, decode_tokens = 0, batch = 1;
  int repetitions = 1;
  double load_s = 0;
  int64_t program_bytes = 0;  ///< resident set before the model was loaded
  BenchResult result;
};

/// Measures. `load_s` and `program_bytes` are the caller's to fill in.
BenchRun run_bench(const BenchSubject& subject, const LanguageModel& model,
                   const BenchOptions& options, Context& ctx);

/// What a run takes beside weights, cache and the program itself: activations and scratch memory.
int64_t activation_bytes(const BenchRun& run);

/// What is to be said about the numbers: that the machine was busy, and why shares of more than
/// 100 % came out so.
std::vector<std::string> bench_remarks(const BenchRun& run);
Json bench_json(const BenchRun& run);
std::string bench_text(const BenchRun& run);

}  // namespace pangu::app
