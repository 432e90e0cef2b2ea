// SPDX-License-Identifier: Apache-2.0
#include "serve/routing/bundle_ways.h"

#include <gtest/gtest.h>

namespace pangu::serve {
namespace {

adaptive::Bundle two_weights() {
  adaptive::Bundle out{.folder = "/b", .default_weights = "large"};
  out.weights["large"] = {"weights/large", 2000, 0.5, 2000};
  out.weights["small"] = {"weights/small", 1000, 0.5, 2000};
  out.kinds.push_back({"math", {{.weights = "small", .kv = "int8"}, {.weights = "large"}}});
  out.kinds.push_back({"chat", {{.weights = "large"}, {.weights = "small"}}});
  return out;
}

TEST(BundleWays, TheDefaultIsTheBundlesName) {
  std::vector<WayModel> models;
  ServedModelOptions each;
  each.engine.context = 77;
  const ServedBundle served = served_bundle("b", two_weights(), each, models);
  EXPECT_EQ(served.models.at({"large", ""}), "b");
  EXPECT_EQ(served.models.at({"small", ""}), "b:small");
  EXPECT_EQ(served.models.at({"small", "int8"}), "b:small+int8");
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[1].source.name, "b:small+int8");
  EXPECT_EQ(models[1].source.path, "/b/weights/small");
  EXPECT_EQ(models[1].options.engine.kv_format, "int8");
  EXPECT_EQ(models[1].options.engine.context, 77);
}

TEST(BundleWays, FormatsThatWereAskedForAreNotTheBundles) {
  ServedModelOptions each;
  each.engine.kv_format = "f32";
  std::vector<WayModel> models;
  EXPECT_EQ(served_bundle("b", two_weights(), each, models).models.at({"large", ""}), "b:large");
  EXPECT_EQ(models[0].options.engine.kv_format, "");
  each.engine.kv_format = "";
  each.engine.format = "w8a8";
  models.clear();
  EXPECT_EQ(served_bundle("b", two_weights(), each, models).models.at({"large", ""}), "b:large");
  EXPECT_EQ(models[0].options.engine.format, "");
}

TEST(BundleWays, WithoutKindsTheDefaultAnswersAll) {
  adaptive::Bundle bundle = two_weights();
  bundle.kinds.clear();
  std::vector<WayModel> models;
  EXPECT_EQ(served_bundle("b", bundle, {}, models).models.size(), 1u);
  EXPECT_TRUE(models.empty());
}

}  // namespace
}  // namespace pangu::serve
