// SPDX-License-Identifier: Apache-2.0
// The contracts of the ops: values against plain formulas in double, and every promised error.
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "devices/cpu/cpu_device.h"
#include "ops/add.h"
#include "ops/gather_rows.h"
#include "ops/gelu.h"
#include "ops/layer_norm.h"
#include "ops/linear.h"
#include "ops/paged_attention.h"
#include "ops/rms_norm.h"
#include "ops/rope.h"
#include "ops/silu_mul.h"
#include "tests/support/support.h"
#include "tests/support/tensors.h"

namespace pangu {
namespace {

class Ops : public testing::Test {
 protected:
  Tensor random(Shape shape) { return test::normal_tensor(shape, 1.0f, rng_, normal_, ctx); }

  PackedMatrix packed(const Tensor& w, WeightFormat format = WeightFormat::kF32) {
    PackedMatrix m(ctx.packed_form(format), w.dim(0), w.dim(1));
    const std::vector<float> values = test::values_of(w);
    std::vector<StoredRow> rows;
    for (int64_t r = 0; r < w.dim(0); ++r) {
      rows.push_back(
          {WeightFormat::kF32, reinterpret_cast<const std::byte*>(values.data() + r * w.dim(1))});
    }
    for (int64_t p = 0; p < m.panels(); ++p) {
      const auto first = static_cast<std::size_t>(p * kPanelRows);
      const std::size_t n = std::min<std::size_t>(kPanelRows, rows.size() - first);
      m.pack_panel(p, std::span(rows).subspan(first, n));
    }
    return m;
  }

  Context ctx{{.threads = 2, .isa = default_isa(), .dtype = DType::kF32}};

 private:
  std::mt19937_64 rng_{test::seed()};
  std::normal_distribution<float> normal_;
};

TEST_F(Ops, LinearIsXTimesWTransposedPlusBiasPlusResidual) {
  const Tensor w = random({70, 33}), x = random({5, 33}), bias = random({70}), r = random({5, 70});
  const Linear layer{{packed(w)}, bias};
  const auto y = test::values_of(ops::linear(x, layer, ctx));
  const auto z = test::values_of(ops::linear_add(x, layer, r, ctx));
  const auto xs = test::values_of(x), ws = test::values_of(w), biases = test::values_of(bias);
  const auto residual = test::values_of(r);
  for (int64_t t = 0; t < 5; ++t) {
    for (int64_t o = 0; o < 70; ++o) {
      double sum = biases[std::size_t(o)];
      for (int64_t i = 0; i < 33; ++i) {
        sum += double(xs[std::size_t(t * 33 + i)]) * ws[std::size_t(o * 33 + i)];
      }
      const auto at = std::size_t(t * 70 + o);
      EXPECT_NEAR(y[at], sum, 2e-5);
      EXPECT_NEAR(z[at], sum + residual[at], 2e-5);
    }
  }
  const Tensor columns = random({5, 40}).columns(4, 33);  // strided rows
  EXPECT_EQ(ops::linear(columns, layer, ctx).shape(), (Shape{5, 70}));
  EXPECT_EQ(ops::linear(random({0, 33}), layer, ctx).shape(), (Shape{0, 70}));
}

TEST_F(Ops, LinearRefusesWhatDoesNotFit) {
  const Linear layer{{packed(random({8, 4}))}, {}};
  PANGU_EXPECT_ERROR(ops::linear(random({2, 5}), layer, ctx), ShapeError, "x is [2, 5]", "[8, 4]");
  PANGU_EXPECT_ERROR(ops::linear(random({4}), layer, ctx), ShapeError, "[4]");
  PANGU_EXPECT_ERROR(ops::linear(ctx.empty({2, 4}, DType::kI32), layer, ctx), Unsupported, "i32");
  PANGU_EXPECT_ERROR(ops::linear_add(random({2, 4}), layer, random({2, 7}), ctx), ShapeError,
                     "residual is [2, 7]", "[2, 8]");
  const Linear wrong{{packed(random({8, 4}))}, random({3})};
  PANGU_EXPECT_ERROR(ops::linear(random({2, 4}), wrong, ctx), ShapeError, "bias is [3]");
}

TEST_F(Ops, EmbeddingGivesExactRows) {
  const Tensor table = random({100, 7});
  const PackedMatrix m = packed(table);
  const std::vector<TokenId> ids{99, 0, 63, 64, 64};
  const auto y = test::values_of(ops::embedding(ids, m, ctx)), rows = test::values_of(table);
  for (std::size_t t = 0; t < ids.size(); ++t) {
    for (int64_t i = 0; i < 7; ++i) {
      EXPECT_EQ(y[t * 7 + std::size_t(i)], rows[std::size_t(ids[t] * 7 + i)]);
    }
  }
  PANGU_EXPECT_ERROR(ops::embedding(std::vector<TokenId>{5, 100}, m, ctx), InputError, "token 1",
                     "id 100", "0 to 99");
  PANGU_EXPECT_ERROR(ops::embedding(std::vector<TokenId>{-1}, m, ctx), InputError, "id -1");
}

TEST_F(Ops, RmsNormContract) {
  const Tensor x = random({3, 2, 5}), w = random({5});
  const Tensor y = ops::rms_norm(x, w, 1e-5f, DType::kF32, ctx);
  EXPECT_EQ(y.shape(), x.shape());
  EXPECT_EQ(ops::rms_norm(x, w, 1e-5f, DType::kBF16, ctx).dtype(), DType::kBF16);
  PANGU_EXPECT_ERROR(ops::rms_norm(x, random({4}), 1e-5f, DType::kF32, ctx), ShapeError,
                     "weight is [4]", "[3, 2, 5]");
  PANGU_EXPECT_ERROR(ops::rms_norm(x, w, 0.0f, DType::kF32, ctx), ConfigError, "rms_norm_eps");
  PANGU_EXPECT_ERROR(ops::rms_norm(x, w, 1e-5f, DType::kI8, ctx), Unsupported, "i8");
}

TEST_F(Ops, SiluMulRopeAndGatherContracts) {
  EXPECT_EQ(ops::silu_mul(random({3, 10}), DType::kBF16, ctx).shape(), (Shape{3, 5}));
  PANGU_EXPECT_ERROR(ops::silu_mul(random({3, 9}), DType::kF32, ctx), ShapeError, "[3, 9]");
  const ops::RopeAngles angles{random({3, 4}), random({3, 4})};
  EXPECT_EQ(ops::rope(random({3, 2, 8}), angles, ctx).shape(), (Shape{3, 2, 8}));
  PANGU_EXPECT_ERROR(ops::rope(random({3, 2, 6}), angles, ctx), ShapeError, "[3, 2, 6]", "[3, 4]");
  const Tensor x = random({4, 3});
  const auto from = test::values_of(x);
  const auto g = test::values_of(ops::gather_rows(x, std::vector<std::int32_t>{3, 0}, ctx));
  EXPECT_EQ(g[0], from[9]);
  EXPECT_EQ(g[3], from[0]);
  PANGU_EXPECT_ERROR(ops::gather_rows(x, std::vector<std::int32_t>{4}, ctx), ShapeError, "row 4");
}

TEST_F(Ops, AttentionContract) {
  KvStorage cache({1, 2, 8, KvFormat::kF32}, 1, ctx.shared_device());
  const Batch batch{.tokens = {1, 2},
                    .positions = {0, 1},
                    .sequences = {{0, 2, 0, 0}},
                    .page_table = {0},
                    .logit_rows = {}};
  const Tensor kv = random({2, 2, 8});
  ops::kv_append(kv, kv, batch, cache, 0, ctx);
  // The first token sees itself alone, so its output is its value, for every head of the group.
  const Tensor y = ops::paged_attention(random({2, 4, 8}), batch, cache, 0, 0.3f, DType::kF32, ctx);
  EXPECT_EQ(y.shape(), (Shape{2, 32}));
  const auto out = test::values_of(y), values = test::values_of(kv);
  for (std::size_t i = 0; i < 32; ++i) {
    EXPECT_FLOAT_EQ(out[i], values[i / 16 * 8 + i % 8]);
  }
  PANGU_EXPECT_ERROR(ops::paged_attention(random({2, 3, 8}), batch, cache, 0, 1, DType::kF32, ctx),
                     ShapeError, "3 query heads", "2 key/value heads");
  PANGU_EXPECT_ERROR(ops::paged_attention(random({1, 4, 8}), batch, cache, 0, 1, DType::kF32, ctx),
                     ShapeError, "[1, 4, 8]", "[2, heads, 8]");
  PANGU_EXPECT_ERROR(ops::kv_append(random({2, 1, 8}), kv, batch, cache, 0, ctx), ShapeError,
                     "1 and 2");
}

TEST(KvStorageTest, BytesOfAPositionCountScalesAndPadding) {
  const auto bytes = [](int64_t head_dim, KvFormat format) {
    return KvStorage::position_bytes(
        {.n_layers = 26, .n_kv_heads = 6, .head_dim = head_dim, .format = format}, *cpu_device());
  };
  // openPangu-Embedded-1B
  EXPECT_EQ(bytes(128, KvFormat::kF32), 26 * 6 * 2 * 128 * 4);
  EXPECT_EQ(bytes(128, KvFormat::kBF16), 79872);
  EXPECT_EQ(bytes(128, KvFormat::kInt8), 26 * 6 * 2 * (128 + 4));
  EXPECT_EQ(bytes(128, KvFormat::kInt4), 26 * 6 * 2 * (64 + 4 * 4));
  // Keys of 18 are padded to 20 and 24 codes, values to 32.
  EXPECT_EQ(bytes(18, KvFormat::kBF16), 26 * 6 * (18 + 32) * 2);
  EXPECT_EQ(bytes(18, KvFormat::kInt8), 26 * 6 * (20 + 4 + 32 + 4));
  EXPECT_EQ(bytes(18, KvFormat::kInt4), 26 * 6 * (12 + 4 + 16 + 4));
}

TEST(ContextOptionsTest, OnlyFloatActivations) {
  PANGU_EXPECT_ERROR(Context({.threads = 1, .isa = Isa::kRef, .dtype = DType::kF16}), ConfigError,
                     "f16", "f32 or bf16");
}

}  // namespace
}  // namespace pangu
