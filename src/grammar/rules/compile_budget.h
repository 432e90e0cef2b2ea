// SPDX-License-Identifier: Apache-2.0
// What is left of the limits while one grammar is compiled.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "pangu/grammar.h"

namespace pangu::grammar {

class CompileBudget {
 public:
  /// The clock starts now.
  explicit CompileBudget(const GrammarLimits& limits)
      : limits_(limits), end_(std::chrono::steady_clock::now() + limits.compile_time) {}

  const GrammarLimits& limits() const { return limits_; }

  /// Something of the grammar was made. Throws InputError past the size or the time.
  void spend(std::int64_t parts = 1) {
    spent_ += parts;
    if (spent_ > limits_.max_states) {
      fail<InputError>(
          "[grammar] it needs more than {} states. Fewer or smaller repetitions, choices or "
          "properties were expected.",
          limits_.max_states);
    }
    work(parts);
  }

  /// Steps were taken. Throws InputError past the time.
  void work(std::int64_t steps = 1) {
    worked_ += steps;
    if (worked_ >= next_look_) look_at_clock();
  }

  /// Throws InputError unless a source of `bytes` bytes may be read.
  void check_size(std::size_t bytes, std::string_view what) const {
    if (bytes > limits_.max_bytes) {
      fail<InputError>("[grammar] the {} has {} bytes; at most {} are read.", what, bytes,
                       limits_.max_bytes);
    }
  }

 private:
  void look_at_clock() {
    next_look_ = worked_ + 1000;
    if (std::chrono::steady_clock::now() < end_) return;
    fail<InputError>(
        "[grammar] compiling it took longer than {} ms. A smaller grammar was expected.",
        limits_.compile_time.count());
  }

  GrammarLimits limits_;
  std::chrono::steady_clock::time_point end_;
  std::int64_t spent_ = 0, worked_ = 0, next_look_ = 0;
};

}  // namespace pangu::grammar
