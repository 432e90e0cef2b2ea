// SPDX-License-Identifier: Apache-2.0
// The n-th largest block maximum is a lower bound of the n-th largest logit: n blocks reach it,
// each with a logit of its own. So the n largest of 153,376 logits lie in about n blocks of 64, and
// the rest is never looked at again.
#include "runtime/sample/logits_scan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "base/error.h"

namespace pangu {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::size_t kLanes = 16;

// Maximum of a run, in lanes the compiler turns into vectors. Sets bad if any value is NaN or
// +infinity; the maximum then means nothing.
float max_of(std::span<const float> x, bool& bad) {
  std::array<float, kLanes> best;
  std::array<int, kLanes> wrong{};
  best.fill(-kInfinity);
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) {
      const float v = x[i + j];
      best[j] = v > best[j] ? v : best[j];
      wrong[j] |= !(v < kInfinity);
    }
  }
  for (; i < x.size(); ++i) {
    best[0] = x[i] > best[0] ? x[i] : best[0];
    wrong[0] |= !(x[i] < kInfinity);
  }
  for (std::size_t j = 1; j < kLanes; ++j) {
    best[0] = std::max(best[0], best[j]);
    wrong[0] |= wrong[j];
  }
  bad = bad || wrong[0] != 0;
  return best[0];
}

[[noreturn]] void fail_not_finite(std::span<const float> logits) {
  const auto bad =
      std::find_if(logits.begin(), logits.end(), [](float v) { return !(v < kInfinity); });
  fail<NumericError>(
      "[sampling] logits that are not finite: the logit of token {} of {} is {}. "
      "Finite logits were expected (-inf may mask a token). The checkpoint may be "
      "damaged; try --dtype f32.",
      bad - logits.begin(), logits.size(), *bad);
}

void check_result(std::span<const float> logits, float max, bool bad) {
  if (bad) fail_not_finite(logits);
  if (max == -kInfinity) {
    fail<NumericError>(
        "[sampling] logits that are not finite: all {} are -inf, so no token can be "
        "chosen. At least one finite logit was expected. If nothing masks the "
        "tokens, the checkpoint may be damaged; try --dtype f32.",
        logits.size());
  }
}

void check_not_empty(std::span<const float> logits) {
  if (logits.empty()) {
    fail<ShapeError>(
        "[sampling] the row of logits is empty. One logit for each token of the "
        "vocabulary was expected.");
  }
}

}  // namespace

TokenId argmax(std::span<const float> logits) {
  check_not_empty(logits);
  constexpr std::size_t kRun = 1024;
  float best = -kInfinity;
  std::size_t best_start = 0;
  bool bad = false;
  for (std::size_t start = 0; start < logits.size(); start += kRun) {
    const float run = max_of(logits.subspan(start, std::min(kRun, logits.size() - start)), bad);
    if (run > best) {
      best = run;
      best_start = start;
    }
  }
  check_result(logits, best, bad);
  const auto from = logits.begin() + static_cast<std::ptrdiff_t>(best_start);
  return static_cast<TokenId>(std::find(from, logits.end(), best) - logits.begin());
}

float scan_blocks(std::span<const float> logits, std::vector<float>& block_max) {
  check_not_empty(logits);
  block_max.clear();
  bool bad = false;
  for (std::size_t start = 0; start < logits.size(); start += kScanBlock) {
    block_max.push_back(
        max_of(logits.subspan(start, std::min(kScanBlock, logits.size() - start)), bad));
  }
  const float max = *std::max_element(block_max.begin(), block_max.end());
  check_result(logits, max, bad);
  return max;
}

void collect_top(std::span<const float> logits, std::span<const float> block_max, std::size_t n,
                 std::vector<float>& scratch, std::vector<ScoredToken>& top) {
  top.clear();
  if (n == 0) return;
  float threshold = std::numeric_limits<float>::lowest();
  if (n <= block_max.size()) {
    scratch.assign(block_max.begin(), block_max.end());
    const auto nth = scratch.begin() + static_cast<std::ptrdiff_t>(n - 1);
    std::nth_element(scratch.begin(), nth, scratch.end(), std::greater<>());
    threshold = std::max(threshold, *nth);
  }
  for (std::size_t block = 0; block < block_max.size(); ++block) {
    if (block_max[block] < threshold) continue;
    const std::size_t end = std::min(logits.size(), (block + 1) * kScanBlock);
    for (std::size_t i = block * kScanBlock; i < end; ++i) {
      if (logits[i] >= threshold) top.push_back({logits[i], static_cast<TokenId>(i)});
    }
  }
  if (top.size() > n) {
    const auto nth = top.begin() + static_cast<std::ptrdiff_t>(n);
    std::nth_element(top.begin(), nth, top.end(), ranks_before);
    top.resize(n);
  }
}

}  // namespace pangu
