// SPDX-License-Identifier: Apache-2.0
#include "models/weights/finite_weights.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "quant/float_rows.h"

namespace pangu {
namespace {

[[noreturn]] void refuse_value(std::string_view tensor, std::int64_t element, float value) {
  fail<InputError>(
      "[weights] {}: element {} is {}; a finite number was expected. The checkpoint is damaged or "
      "its training diverged: use another.",
      tensor, element, value);
}

void require_finite_from(std::span<const float> values, std::string_view tensor,
                         std::int64_t first) {
  if (all_finite(values.data(), std::ssize(values))) return;
  const auto bad = std::ranges::find_if(values, [](float x) { return !std::isfinite(x); });
  refuse_value(tensor, first + (bad - values.begin()), *bad);
}

}  // namespace

void require_finite(std::span<const float> values, std::string_view tensor) {
  require_finite_from(values, tensor, 0);
}

void require_finite(const TensorView& tensor) {
  if (tensor.dtype != DType::kF32 && tensor.dtype != DType::kF16 && tensor.dtype != DType::kBF16) {
    return;
  }
  constexpr std::int64_t kAtATime = 4096;
  std::vector<float> values(kAtATime);
  const std::int64_t n = element_count(tensor);
  for (std::int64_t first = 0; first < n; first += kAtATime) {
    const std::int64_t count = std::min(kAtATime, n - first);
    load_as_f32(tensor.data.data() + static_cast<std::size_t>(first) * size_bytes(tensor.dtype),
                tensor.dtype, count, values.data());
    require_finite_from(std::span(values).first(static_cast<std::size_t>(count)), tensor.name,
                        first);
  }
}

}  // namespace pangu
