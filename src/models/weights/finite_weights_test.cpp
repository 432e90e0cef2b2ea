// SPDX-License-Identifier: Apache-2.0
#include "models/weights/finite_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "pangu/error.h"
#include "tensor/dtype.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

TEST(FiniteWeights, EveryElementIsLookedAt) {
  const std::vector<float> good{0, -1, 3e38f, 1e-40f};
  EXPECT_NO_THROW(require_finite(good, "t"));
  EXPECT_NO_THROW(require_finite(std::vector<float>{}, "t"));
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    for (std::size_t i = 0; i < good.size(); ++i) {
      std::vector<float> values = good;
      values[i] = bad;
      PANGU_EXPECT_ERROR(require_finite(values, "model.norm.weight"), InputError,
                         std::string("model.norm.weight"), "element " + std::to_string(i) + " is");
    }
  }
}

TEST(FiniteWeights, StoredTensorsToo) {
  std::vector<bf16> values(9000, to_bf16(0.5f));
  const auto tensor = [&](DType dtype) {
    return TensorView{
        .name = "t", .dtype = dtype, .shape = {9000}, .data = std::as_bytes(std::span(values))};
  };
  EXPECT_NO_THROW(require_finite(tensor(DType::kBF16)));
  values[8999] = to_bf16(NAN);
  PANGU_EXPECT_ERROR(require_finite(tensor(DType::kBF16)), InputError, "t: element 8999 is nan");
  EXPECT_NO_THROW(require_finite(tensor(DType::kI16))) << "codes are no floats";
}

}  // namespace
}  // namespace pangu
