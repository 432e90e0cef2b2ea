// SPDX-License-Identifier: Apache-2.0
// Single weights set to zero: by size, by size and input (Wanda), or with the rest made to make up
// for them (SparseGPT).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "compress/calibration.h"
#include "compress/cut_checkpoint.h"
#include "compress/sparsegpt.h"
#include "models/weights/weight_source.h"

namespace pangu::compress {

enum class WeightMethod : std::uint8_t {
  kMagnitude,
  kWanda,  ///< |w| times the norm of its input, within each row; Sun et al. 2023, arXiv:2306.11695
  kSparseGpt,
  kRandom,
};

/// "magnitude", "wanda", "sparsegpt", "random".
std::string_view name(WeightMethod method);
/// Throws ConfigError for another name.
WeightMethod parse_weight_method(std::string_view name);
bool needs_calibration(WeightMethod method);

/// Among which weights the smallest are looked for, where the method leaves it open.
enum class SparseScope : std::uint8_t { kMatrix, kRow, kModel };
/// "matrix", "row", "model"; throws ConfigError for another name.
SparseScope parse_sparse_scope(std::string_view name);
std::string_view name(SparseScope scope);

struct SparsifyOptions {
  SparseScope scope = SparseScope::kMatrix;
  std::optional<SparsePattern> pattern;
};

/// "2:4". Throws ConfigError unless it is two numbers, the first smaller and positive.
SparsePattern parse_sparse_pattern(std::string_view text);

struct SparsifyJob {
  const ModelConfig& config;
  WeightSource& source;
  const Calibration* calibration;  ///< null unless the method needs it
  WeightMethod method;
  SparseScope scope;
  Sparsity sparsity;
  std::uint64_t seed = 0;
  ProgressFn progress;
};

/// How sparse a matrix became.
struct SparseMatrix {
  std::string name;
  std::int64_t zeros = 0, weights = 0;
};

struct SparsifyResult {
  TensorEdits edits;  ///< of all projections of all layers
  std::vector<SparseMatrix> matrices;
};

/// Throws ConfigError for a scope that the method does not have, and what running the model throws.
SparsifyResult sparsify(const SparsifyJob& job, Context& ctx);

}  // namespace pangu::compress
