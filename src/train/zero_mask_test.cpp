// SPDX-License-Identifier: Apache-2.0
#include "train/zero_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pangu {
namespace {

using testing::ElementsAre;

TEST(ZeroMask, KeepsZerosOfMatricesAndNothingElse) {
  std::vector<float> sparse = {1, 0, 0, 4}, dense = {1, 2}, norm = {0, 1};
  std::vector<Parameter> parameters = {{.name = "sparse", .shape = {2, 2}, .value = sparse},
                                       {.name = "dense", .shape = {1, 2}, .value = dense},
                                       {.name = "norm", .shape = {2}, .value = norm}};
  const ZeroMask mask(parameters);
  for (auto* values : {&sparse, &dense, &norm}) {
    for (float& w : *values) w += 1;
  }
  mask.apply(parameters);
  EXPECT_THAT(sparse, ElementsAre(2, 0, 0, 5));
  EXPECT_THAT(dense, ElementsAre(2, 3));
  EXPECT_THAT(norm, ElementsAre(1, 2));
}

}  // namespace
}  // namespace pangu
