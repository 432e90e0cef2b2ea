// SPDX-License-Identifier: Apache-2.0
// Changed sizes give the config that a checkpoint of these sizes would have, or none.
#include "models/config/config_shapes.h"

#include <gmock/gmock.h>

#include "tests/support/support.h"

namespace pangu {
namespace {

using testing::ElementsAre;

const ModelConfig kBase = named_shape("openpangu-embedded-1b").value();

TEST(ChangedShape, KeepsWhatIsNotChanged) {
  for (const std::string_view name : shape_names()) {
    EXPECT_EQ(changed_shape(*named_shape(name), {}, name), named_shape(name)) << name;
  }
}

TEST(ChangedShape, HasTheSizesThatWereAskedFor) {
  const ModelConfig narrow = changed_shape(kBase, {.intermediate_size = {4864}}, "s");
  EXPECT_EQ(narrow.intermediate_size, std::vector<std::int64_t>(26, 4864));
  const ModelConfig short_one =
      changed_shape(kBase, {.n_layers = 2, .intermediate_size = {4864, 33}}, "s");
  EXPECT_EQ(short_one.n_layers, 2);
  EXPECT_THAT(short_one.intermediate_size, ElementsAre(4864, 33));
  // Of layers that differ, the first ones stay.
  EXPECT_THAT(changed_shape(short_one, {.n_layers = 1}, "s").intermediate_size, ElementsAre(4864));
  EXPECT_EQ(changed_shape(kBase, {.n_layers = 30}, "s").intermediate_size,
            std::vector<std::int64_t>(30, 6144));
  const ModelConfig heads = changed_shape(kBase, {.n_kv_heads = 4}, "s");
  EXPECT_EQ(heads.n_kv_heads, 4);
  EXPECT_EQ(heads.n_heads, 8);
  EXPECT_EQ(heads.head_dim, 128);
  EXPECT_EQ(heads.hidden_size, 1536);
}

TEST(ChangedShape, RefusesSizesThatCannotBe) {
  const auto change = [](const ShapeChanges& changes, const ModelConfig& shape = kBase) {
    return changed_shape(shape, changes, "small");
  };
  PANGU_EXPECT_ERROR(change({.n_layers = 0}), ConfigError, "small", "num_hidden_layers", "0");
  PANGU_EXPECT_ERROR(change({.n_layers = 5000}), ConfigError, "num_hidden_layers", "1000");
  PANGU_EXPECT_ERROR(change({.intermediate_size = {0}}), ConfigError, "intermediate_size", "0");
  PANGU_EXPECT_ERROR(change({.intermediate_size = {64, 64, 64}}), ConfigError, "small",
                     "intermediate_size", "each of the 26 layers");
  PANGU_EXPECT_ERROR(change({.n_kv_heads = 0}), ConfigError, "num_attention_heads");
  PANGU_EXPECT_ERROR(change({.n_kv_heads = 1'000'000}), ConfigError, "num_attention_heads");
  // Nobody knows how wide a third layer would be.
  const ModelConfig uneven = change({.n_layers = 2, .intermediate_size = {64, 32}});
  PANGU_EXPECT_ERROR(change({.n_layers = 3}, uneven), ConfigError, "intermediate_size",
                     "each of the 3 layers");
}

}  // namespace
}  // namespace pangu
