// SPDX-License-Identifier: Apache-2.0
// The random choices behind one record, the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/counter_rng.h"
#include "base/error.h"

namespace pangu::corpus {

/// A sequence of draws named by a seed, a stream and a record. Records do not depend on each other:
/// any of them can be made alone.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint32_t stream, std::uint64_t record)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        counter_{0, stream, static_cast<std::uint32_t>(record),
                 static_cast<std::uint32_t>(record >> 32)} {}

  /// Uniform in [0, n); n must be positive and far below 2^64.
  std::size_t below(std::size_t n) {
    PANGU_DCHECK(n > 0);
    const auto words = philox4x32(counter_, key_);
    ++counter_[0];
    return static_cast<std::size_t>((std::uint64_t{words[1]} << 32 | words[0]) % n);
  }
  /// Uniform in [low, high].
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::size_t>(high - low) + 1));
  }
  bool percent(int chance) { return between(0, 99) < chance; }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  template <class T, std::size_t N>
  const T& pick(const T (&from)[N]) {
    return from[below(N)];
  }

  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }
  /// `count` different indices below n, in random order.
  std::vector<std::size_t> distinct(std::size_t count, std::size_t n) {
    PANGU_DCHECK(count <= n);
    std::vector<std::size_t> all(n);
    for (std::size_t i = 0; i < n; ++i) all[i] = i;
    for (std::size_t i = 0; i < count; ++i) std::swap(all[i], all[i + below(n - i)]);
    all.resize(count);
    return all;
  }

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
};

}  // namespace pangu::corpus
