// SPDX-License-Identifier: Apache-2.0
// Frequencies of rotary position embeddings, with the scalings that published models use.
#pragma once

#include <span>
#include <vector>

#include "models/config/config.h"
#include "ops/rope.h"

namespace pangu {

/// Angles for any position: the table of frequencies is small, and positions past the trained
/// context are legal (openPangu runs them). Immutable.
///
/// `dynamic` scaling depends on the length of the sequence; here the length that counts for a
/// position is the one it has when it is last, so that its angles depend on nothing that comes
/// later. Token-by-token decoding elsewhere gives the same; a prompt longer than the trained
/// context does not.
class Rotary {
 public:
  /// Throws ConfigError if head_dim is odd or not positive.
  Rotary(const RopeConfig& config, int64_t head_dim, int64_t max_position_embeddings);

  /// cos and sin of the angles of each position, f32 [T, head_dim / 2] each.
  ops::RopeAngles angles(std::span<const std::int32_t> positions, Context& ctx) const;

  /// Frequency of each pair of elements at `position`.
  std::vector<double> frequencies(int64_t position) const;
  /// Factor on cos and sin (YaRN), 1 otherwise.
  double magnitude() const { return magnitude_; }

 private:
  RopeConfig config_;
  int64_t head_dim_;
  int64_t max_position_embeddings_;
  std::vector<double> frequencies_;
  double magnitude_ = 1.0;
};

}  // namespace pangu
