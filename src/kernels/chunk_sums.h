// SPDX-License-Identifier: Apache-2.0
// Sums over tokens that come out the same for any number of threads: each chunk of tokens has sums
// of its own, and the chunks are added in order.
#pragma once

#include <algorithm>
#include <vector>

#include "kernels/variant.h"

namespace pangu::kernels {

inline constexpr int64_t kTokensPerChunk = 64;

/// Calls body(sums, first, last) for chunks of tokens, where `sums` are `n` zeros of that chunk,
/// and adds all of them to `total`.
template <class Body>
void sum_over_chunks(int64_t tokens, int64_t n, float* total, const Executor& on,
                     const Body& body) {
  const int64_t chunks = (tokens + kTokensPerChunk - 1) / kTokensPerChunk;
  std::vector<float> sums(static_cast<std::size_t>(chunks * n), 0.0f);
  on.threads.parallel_for(chunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      const int64_t first = c * kTokensPerChunk;
      body(sums.data() + c * n, first, std::min(tokens, first + kTokensPerChunk));
    }
  });
  for (int64_t c = 0; c < chunks; ++c) {
    const float* chunk = sums.data() + c * n;
    for (int64_t i = 0; i < n; ++i) total[i] += chunk[i];
  }
}

}  // namespace pangu::kernels
