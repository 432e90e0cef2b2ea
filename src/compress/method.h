// SPDX-License-Identifier: Apache-2.0
// How units are scored. A new method is one file that scores, and a line in method.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "compress/evidence.h"
#include "compress/method_camera.h"
#include "compress/method_slim.h"
#include "compress/method_taylor.h"

namespace pangu::compress {

/// What has to be known before a method can score.
enum class Needs : std::uint8_t {
  kWeights,   ///< the weights alone
  kForward,   ///< activations of calibration text
  kGradients  ///< gradients of its loss
};

/// What scores depend on besides the evidence: each method reads its own.
struct ScoreOptions {
  TaylorOptions taylor;
  CameraOptions camera;
  SlimOptions slim;
  std::uint64_t seed = 0;  ///< of what is drawn
};

/// A score for each unit: the lowest are removed. Finite, in the order of the units.
using ScoreFn = std::vector<double> (*)(const LayerEvidence& evidence, const ScoreOptions& options);
/// Another choice of as many units, at least as good as `kept` (rising) by the method's own
/// measure.
using RefineFn = std::vector<std::int32_t> (*)(const LayerEvidence& evidence,
                                               const std::vector<std::int32_t>& kept);

struct Method {
  std::string_view name;
  std::string_view summary;  ///< one line, for --help
  Needs needs;
  /// Null where the method does not score such units.
  ScoreFn neurons = nullptr, heads = nullptr, layers = nullptr, channels = nullptr;
  RefineFn refine_heads = nullptr;
  bool needs_feature_energy = false;
  /// Whether a layer is scored on what the layers before it give after they were pruned.
  bool follows_pruned = false;
  bool repairs = false;      ///< by regression, unless the user says otherwise
  int rounds = 1;            ///< by default
  std::int64_t align = 256;  ///< of kept neurons, by default
  bool rounds_up = false;    ///< kept sizes to a multiple of it; or down

  ScoreFn score(Unit unit) const;
};

/// In the order --help lists them.
std::span<const Method* const> methods();
/// Throws ConfigError for another name, or for units that it cannot score.
const Method& find_method(std::string_view name, Unit unit);

extern const Method kTaylorMethod, kTaylorNormalizedMethod, kMagnitudeMethod, kActivationMethod,
    kCameraMethod, kSlimMethod, kDepthMethod, kRandomMethod;

}  // namespace pangu::compress
