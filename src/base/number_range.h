// SPDX-License-Identifier: Apache-2.0
// What a number may be, for those who read it from a file and from a command line.
#pragma once

namespace pangu {

struct NumberRange {
  double min = 0, max = 0;  ///< may be reached
  bool excludes_min = false;
};

}  // namespace pangu
