// SPDX-License-Identifier: Apache-2.0
#include "models/language_model.h"

#include <algorithm>

#include "base/error.h"

namespace pangu {

const Linear& LanguageModel::product(std::int64_t layer, TensorInput input) const {
  const std::vector<WeightUse> all = weights();
  const auto found = std::ranges::find_if(
      all, [&](const WeightUse& w) { return w.product && w.layer == layer && w.input == input; });
  if (found == all.end()) {
    fail<Unsupported>("[model] layer {} of {} has no product that reads input {}.", layer,
                      config().architecture, static_cast<int>(input));
  }
  return *found->product;
}

}  // namespace pangu
