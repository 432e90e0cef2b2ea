// SPDX-License-Identifier: Apache-2.0
// How a student learns from a teacher, as the section "distill" of a training config says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "ops/distill_loss.h"

namespace pangu {

/// The loss of a learnt token: that of `mix`, and `hidden_weight` times the mean squared difference
/// of the states that enter the output heads.
struct DistillOptions {
  std::filesystem::path teacher;  ///< folder or GGUF file, of any weight format
  ops::DistillMix mix;
  double hidden_weight = 0;
  /// Folder that keeps what the teacher says; only its top_k likeliest tokens are then looked at.
  std::optional<std::filesystem::path> cache;
  std::int64_t top_k = 256;  ///< at most the vocabulary
};

}  // namespace pangu
