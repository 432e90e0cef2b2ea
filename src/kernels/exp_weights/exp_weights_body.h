// SPDX-License-Identifier: Apache-2.0
// The one source of every variant of exp_weights: compiled once for each instruction set, and left
// to the compiler's vectorizer. No flag allows it to fuse or reorder, so all give the same bits.
#pragma once

#include <cstddef>

#include "base/portable_math.h"

namespace pangu::kernels {
namespace {

double exp_weights_body(const float* logits, std::size_t n, float max, double scale,
                        double* weights) noexcept {
  constexpr std::size_t kChunk = 256;  // a multiple of the lanes, so lanes do not depend on it
  constexpr std::size_t kLanes = 8;
  const double shift = max;
  double buffer[kChunk];
  double sums[kLanes] = {};
  for (std::size_t start = 0; start < n; start += kChunk) {
    const std::size_t count = n - start < kChunk ? n - start : kChunk;
    const float* x = logits + start;
    for (std::size_t i = 0; i < count; ++i) {
      buffer[i] = exp_nonpositive((static_cast<double>(x[i]) - shift) * scale);
    }
    for (std::size_t i = count; i < kChunk; ++i) buffer[i] = 0.0;
    for (std::size_t i = 0; i < kChunk; i += kLanes) {
      for (std::size_t j = 0; j < kLanes; ++j) sums[j] += buffer[i + j];
    }
    if (weights != nullptr) {
      for (std::size_t i = 0; i < count; ++i) weights[start + i] = buffer[i];
    }
  }
  double sum = 0.0;
  for (std::size_t j = 0; j < kLanes; ++j) sum += sums[j];
  return sum;
}

}  // namespace
}  // namespace pangu::kernels
