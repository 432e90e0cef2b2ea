// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pangu::compress {

/// What CAMERA scores depend on besides the evidence.
struct CameraOptions {
  /// How much the largest activation counts beside the sum of squares; 0 to 1.
  double reduce_ratio = 0.95;
};

}  // namespace pangu::compress
