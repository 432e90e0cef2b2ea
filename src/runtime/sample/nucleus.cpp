// SPDX-License-Identifier: Apache-2.0
// One pass adds every weight to a bucket by its distance from the largest logit. The running sum
// over the buckets says in which one the nucleus ends; only that bucket's tokens are then ranked,
// by halving. Flat and peaked distributions cost the same, unlike with a heap or partial sorting.
#include "runtime/sample/nucleus.h"

#include <algorithm>
#include <array>

namespace pangu {
namespace {

using Weighted = SamplerScratch::Weighted;

constexpr std::size_t kBuckets = 1024;
constexpr double kBucketsPerNat = 32.0;  // 32 nats in all; what lies beyond shares the last bucket
constexpr std::size_t kCopies = 4;  // neighbours in one bucket then need not wait for each other

bool weighted_ranks_before(const Weighted& a, const Weighted& b) {
  return ranks_before(a.token, b.token);
}

// Grows with the distance from the maximum, so buckets are in rank order.
std::size_t bucket_of(float logit, double max, double scale) {
  const double distance = (max - static_cast<double>(logit)) * scale;
  return distance < kBuckets - 1 ? static_cast<std::size_t>(static_cast<int>(distance))
                                 : kBuckets - 1;
}

}  // namespace

ScoredToken nucleus_end(std::span<Weighted> tokens, double target) {
  constexpr std::size_t kSortAtMost = 64;
  while (tokens.size() > kSortAtMost) {
    const std::size_t half = tokens.size() / 2;
    std::nth_element(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(half),
                     tokens.end(), weighted_ranks_before);
    double upper = 0.0;
    for (const Weighted& w : tokens.first(half)) upper += w.weight;
    if (upper >= target) {
      tokens = tokens.first(half);
    } else {
      target -= upper;
      tokens = tokens.subspan(half);
    }
  }
  std::sort(tokens.begin(), tokens.end(), weighted_ranks_before);
  double sum = 0.0;
  for (const Weighted& w : tokens) {
    sum += w.weight;
    if (sum >= target) return w.token;
  }
  return tokens.back().token;
}

ScoredToken nucleus_end(std::span<const float> logits, float max, double inverse_temperature,
                        std::span<const double> weights, double target, SamplerScratch& scratch) {
  const double scale = inverse_temperature * kBucketsPerNat;
  scratch.mass.assign(kBuckets * kCopies, 0.0);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    scratch.mass[bucket_of(logits[i], max, scale) * kCopies + i % kCopies] += weights[i];
  }

  // The last bucket with any weight is the answer if rounding keeps the sum below the target.
  double before = 0.0;
  double sum = 0.0;
  std::size_t crossing = 0;
  for (std::size_t b = 0; b < kBuckets; ++b) {
    double mass = 0.0;
    for (std::size_t c = 0; c < kCopies; ++c) mass += scratch.mass[b * kCopies + c];
    if (mass == 0.0) continue;
    before = sum;
    crossing = b;
    sum += mass;
    if (sum >= target) break;
  }

  scratch.kept.clear();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (bucket_of(logits[i], max, scale) == crossing && weights[i] > 0.0) {
      scratch.kept.push_back({weights[i], {logits[i], static_cast<TokenId>(i)}});
    }
  }
  return nucleus_end(scratch.kept, target - before);
}

}  // namespace pangu
