// SPDX-License-Identifier: Apache-2.0
// The likeliest tokens of a teacher, and what losses of distillation refuse. Gradients are tested
// in gradients_test.cpp.
#include "ops/distill_loss.h"

#include <cmath>
#include <limits>

#include "ops/host.h"
#include "tests/support/support.h"

namespace pangu::ops {
namespace {

class DistillOps : public ::testing::Test {
 protected:
  Tensor tensor(Shape shape, const std::vector<float>& values) {
    Tensor t = ctx_.empty(shape, DType::kF32);
    copy_from_host(t, values);
    return t;
  }
  /// A head whose logits are its input.
  Linear identity(int64_t n) {
    PackedMatrix m(ctx_.packed_form(WeightFormat::kF32), n, n);
    const auto size = static_cast<std::size_t>(n);
    std::vector<std::vector<float>> values(size, std::vector<float>(size));
    for (int64_t p = 0; p < m.panels(); ++p) {
      std::vector<StoredRow> rows;
      for (int64_t r = p * kPanelRows; r < std::min((p + 1) * kPanelRows, n); ++r) {
        auto& row = values[std::size_t(r)];
        row[std::size_t(r)] = 1;
        rows.push_back(
            {.format = WeightFormat::kF32, .data = reinterpret_cast<const std::byte*>(row.data())});
      }
      m.pack_panel(p, rows);
    }
    return {{m}, {}};
  }

  Context ctx_{{.threads = 2, .isa = default_isa(), .dtype = DType::kF32}};
};

TEST_F(DistillOps, TopTokensAreTheLikeliestAndTheFirstOfEquals) {
  const Linear head = identity(5);
  const Tensor hidden = tensor({2, 5}, {1, 3, 3, 0, 3, 9, 2, 4, 8, 1});
  const TopTokens top = top_tokens({hidden, head}, 2, 2.0f, ctx_);
  EXPECT_EQ(top.rows(), 2);
  EXPECT_EQ(top.ids, (std::vector<TokenId>{1, 2, 0, 3}));
  const double sum = std::exp(0.5) + 3 * std::exp(1.5) + 1;
  EXPECT_NEAR(top.log_probs[0], 1.5 - std::log(sum), 1e-6);
  EXPECT_NEAR(top.log_probs[1], 1.5 - std::log(sum), 1e-6);
  EXPECT_NEAR(top.log_others[0], std::log((std::exp(0.5) + std::exp(1.5) + 1) / sum), 1e-6);
  const TopTokens all = top_tokens({hidden, head}, 5, 2.0f, ctx_);
  EXPECT_EQ(all.ids, (std::vector<TokenId>{0, 1, 2, 3, 4, 0, 1, 2, 3, 4}));
  EXPECT_EQ(all.log_others[1], -std::numeric_limits<float>::infinity());
}

TEST_F(DistillOps, LogitsThatAreNoNumbersAreRefused) {
  const Linear head = identity(3);
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    const Tensor hidden = tensor({1, 3}, {0, bad, 1});
    PANGU_EXPECT_ERROR(top_tokens({hidden, head}, 1, 1.0f, ctx_), NumericError, "teacher");
  }
  const Tensor hidden = tensor({1, 3}, {0, 0, 1});
  PANGU_EXPECT_ERROR(top_tokens({hidden, head}, 0, 1.0f, ctx_), ShapeError, "1 to 3");
  PANGU_EXPECT_ERROR(top_tokens({hidden, head}, 4, 1.0f, ctx_), ShapeError, "4 likeliest");
}

TEST_F(DistillOps, WhatDoesNotFitIsRefused) {
  const Linear head = identity(3), wider = identity(4);
  const Tensor hidden = tensor({1, 3}, {0, 0, 1}), wide = tensor({1, 4}, {0, 0, 1, 2});
  const std::vector<TokenId> targets{1}, outside{3}, two{1, 1};
  const auto loss = [&](const std::vector<TokenId>& t, const Teacher& teacher, float temperature) {
    distill({hidden, head, t}, teacher, {.temperature = temperature}, 1.0f, ctx_);
  };
  PANGU_EXPECT_ERROR(loss(targets, {wide, wider}, 2), ShapeError, "over 4 tokens",
                     "same tokenizer");
  PANGU_EXPECT_ERROR(loss(targets, {hidden, head}, 0), ConfigError, "temperature is 0");
  PANGU_EXPECT_ERROR(loss(outside, {hidden, head}, 2), InputError, "id 3");
  PANGU_EXPECT_ERROR(loss(two, {hidden, head}, 2), ShapeError, "2 targets for 1 rows");
  TopTokens top = top_tokens({hidden, head}, 2, 2.0f, ctx_);
  top.ids[1] = 3;
  PANGU_EXPECT_ERROR(distill({hidden, head, targets}, top, {}, 1.0f, ctx_), InputError, "id 3");
  top.ids.pop_back();
  PANGU_EXPECT_ERROR(distill({hidden, head, targets}, top, {}, 1.0f, ctx_), ShapeError, "1 ids");
  PANGU_EXPECT_ERROR(mean_squared_difference(hidden, wide, 1.0f, ctx_), ShapeError, "[1, 3]",
                     "[1, 4]");
}

/// A head with padding behind the tokens teaches, and learns, as one without it.
TEST_F(DistillOps, PaddingOfTheTeacherHasNoSay) {
  const Linear head = identity(3), padded = identity(5);
  const Tensor hidden = tensor({2, 3}, {1, 3, 2, 0, -1, 4}),
               same = tensor({2, 3}, {0, 1, 5, 2, 2, 1});
  const Tensor wide = tensor({2, 5}, {0, 1, 5, 9, 9, 2, 2, 1, -7, 30});
  const std::vector<TokenId> targets{1, 2};
  const auto loss = [&](const Teacher& teacher) {
    return distill({hidden, head, targets}, teacher, {.temperature = 2}, 1.0f, ctx_);
  };
  EXPECT_EQ(loss({wide, padded, 3}), loss({same, head}));
  const TopTokens top = top_tokens({wide, padded, 3}, 3, 2.0f, ctx_);
  EXPECT_EQ(top.log_probs, top_tokens({same, head}, 3, 2.0f, ctx_).log_probs);
  PANGU_EXPECT_ERROR(loss({wide, padded, 4}), ShapeError, "4 ids are to be shared", "has 3");
}

TEST_F(DistillOps, PaddingOfTheStudentIsWantedToHaveNothing) {
  const Linear head = identity(3), padded = identity(4);
  const std::vector<float> s{1, 3, 2, 2.5f}, t{0, 1, 5};
  const Tensor wide = tensor({1, 4}, s), hidden = tensor({1, 3}, t);
  const std::vector<TokenId> targets{1};
  double want = 0, p_sum = 0, q_sum = 0;  // KL by its definition, at temperature 2
  for (const float x : t) p_sum += std::exp(x / 2.0);
  for (const float x : s) q_sum += std::exp(x / 2.0);
  for (std::size_t i = 0; i < 3; ++i) {
    const double p = std::exp(t[i] / 2.0) / p_sum;
    want += 4 * p * (std::log(p) - std::log(std::exp(s[i] / 2.0) / q_sum));
  }
  const Student student{wide, padded, targets};
  EXPECT_NEAR(distill(student, Teacher{hidden, head, 3}, {.temperature = 2}, 1.0f, ctx_), want,
              1e-5 * want);
  const TopTokens top = top_tokens({hidden, head, 3}, 3, 2.0f, ctx_);
  EXPECT_NEAR(distill(student, top, {.temperature = 2}, 1.0f, ctx_), want, 1e-5 * want);
}

TEST_F(DistillOps, SquaredDifferencesAreMeansOverElements) {
  const Tensor a = tensor({2, 2}, {1, 2, 3, 4}), b = tensor({2, 2}, {1, 4, 0, 0});
  EXPECT_DOUBLE_EQ(mean_squared_difference(a, b, 1.0f, ctx_), 4.0 / 2 + 25.0 / 2);
}

}  // namespace
}  // namespace pangu::ops
