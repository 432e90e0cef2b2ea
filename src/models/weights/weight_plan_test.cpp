// SPDX-License-Identifier: Apache-2.0
#include "models/weights/weight_plan.h"

#include "tests/support/support.h"

namespace pangu {
namespace {

using enum WeightFormat;

TEST(WeightPlan, NamesAreParsedAndUnknownOnesListed) {
  const WeightFormats f = WeightFormats::parse("w4a16-g64", "", "f16");
  EXPECT_EQ(f, (WeightFormats{.layers = kW4A16G64, .head = {}, .embedding = kF16}));
  PANGU_EXPECT_ERROR(WeightFormats::parse("", "q3", ""), ConfigError, "'q3'", "w8a16", "q6_k");
}

TEST(WeightPlan, PartsFollowFromNames) {
  EXPECT_EQ(weight_part(TensorRole::kHead), WeightPart::kHead);
  EXPECT_EQ(weight_part(TensorRole::kEmbedding), WeightPart::kEmbedding);
  EXPECT_EQ(weight_part(TensorRole::kUp), WeightPart::kLayer);
}

TEST(WeightPlan, HeadAndEmbeddingFollowTheLayersWithEightBitsOrMore) {
  struct Row {
    WeightFormat layers, rest;
  };
  for (const auto& [layers, rest] : {Row{kF32, kF32},
                                     {kF16, kF16},
                                     {kBF16, kBF16},
                                     {kW8A16, kW8A16},
                                     {kW8A8, kW8A16},
                                     {kW4A16G32, kW8A16},
                                     {kW4A16G128Asym, kW8A16},
                                     {kW4A8G64, kW8A16},
                                     {kQ8_0, kQ8_0},
                                     {kQ4_0, kQ6_K},
                                     {kQ4_0_64, kQ6_K},
                                     {kQ4_K, kQ6_K},
                                     {kQ6_K, kQ6_K}}) {
    const WeightFormats f{.layers = layers, .head = {}, .embedding = {}};
    EXPECT_EQ(plan_format(f, WeightPart::kLayer, 256), layers) << name(layers);
    EXPECT_EQ(plan_format(f, WeightPart::kHead, 256), rest) << name(layers);
    EXPECT_EQ(plan_format(f, WeightPart::kEmbedding, 256), rest) << name(layers);
  }
}

TEST(WeightPlan, WhatIsAskedForEachPartWinsAndTheRestStays) {
  const WeightFormats f{.layers = kQ4_0, .head = kBF16, .embedding = {}};
  EXPECT_EQ(plan_format(f, WeightPart::kHead, 256), kBF16);
  EXPECT_EQ(plan_format(f, WeightPart::kEmbedding, 256), kQ6_K);
  const WeightFormats head_only{.layers = {}, .head = kW8A16, .embedding = {}};
  EXPECT_EQ(plan_format(head_only, WeightPart::kHead, 7), kW8A16);
  EXPECT_EQ(plan_format(head_only, WeightPart::kLayer, 7), std::nullopt);
  EXPECT_EQ(plan_format(head_only, WeightPart::kEmbedding, 7), std::nullopt);
}

TEST(WeightPlan, RowsThatDoNotDivideIntoBlocksGetTheNextFormat) {
  EXPECT_EQ(fitting_format(kQ4_K, 512), kQ4_K);
  EXPECT_EQ(fitting_format(kQ4_K, 384), kQ8_0);
  EXPECT_EQ(fitting_format(kQ4_0_64, 96), kQ8_0);
  EXPECT_EQ(fitting_format(kQ4_0, 70), kF16);
  EXPECT_EQ(fitting_format(kW8A16, 71), kW8A16);
  EXPECT_EQ(fitting_format(kW4A16G128, 71), kW4A16G128);
}

}  // namespace
}  // namespace pangu
