// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pangu::compress {

/// What Taylor scores depend on besides the evidence.
struct TaylorOptions {
  bool include_down = true;  ///< whether the matrix that units are written through counts, too
};

}  // namespace pangu::compress
