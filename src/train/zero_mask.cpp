// SPDX-License-Identifier: Apache-2.0
#include "train/zero_mask.h"

#include <algorithm>

namespace pangu {

ZeroMask::ZeroMask(std::span<const Parameter> parameters) {
  for (const Parameter& p : parameters) {
    std::vector<bool>& zeros = zeros_.emplace_back();
    if (p.shape.rank() != 2 || std::ranges::find(p.value, 0.0f) == p.value.end()) continue;
    for (const float w : p.value) zeros.push_back(w == 0);
  }
}

void ZeroMask::apply(std::span<Parameter> parameters) const {
  for (std::size_t i = 0; i < zeros_.size(); ++i) {
    for (std::size_t w = 0; w < zeros_[i].size(); ++w) {
      if (zeros_[i][w]) parameters[i].value[w] = 0;
    }
  }
}

}  // namespace pangu
