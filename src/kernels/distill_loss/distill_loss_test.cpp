// SPDX-License-Identifier: Apache-2.0
// The losses of distillation of every instruction set against sums in double over whole
// vocabularies, and what they promise: equal models have none, fewer tokens never have more.
#include "kernels/distill_loss/distill_loss.h"

#include <algorithm>
#include <numeric>

#include "kernels/testing/kernel_testing.h"

namespace pangu::kernels {
namespace {

using testing::Random;

constexpr int64_t kVocabularySizes[] = {1, 2, 7, 8, 9, 15, 16, 17, 64, 100, 1031};

std::vector<double> softmax(const std::vector<float>& logits, double temperature) {
  std::vector<double> p(logits.size());
  const double max = *std::ranges::max_element(logits) / temperature;
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) sum += p[i] = std::exp(logits[i] / temperature - max);
  for (double& x : p) x /= sum;
  return p;
}

/// One row, in double.
struct LossRow {
  std::vector<float> student, teacher;
  TokenId target = 0;

  explicit LossRow(Random& random, int64_t n)
      : student(random.normals(n)),
        teacher(random.normals(n)),
        target(static_cast<TokenId>(random.below(n))) {
    for (float& x : student) x *= 4;
    for (float& x : teacher) x *= 4;
  }
  int64_t n() const { return std::ssize(student); }

  /// Ids of the k likeliest, rising.
  std::vector<TokenId> top(int64_t k) const {
    std::vector<TokenId> ids(student.size());
    std::iota(ids.begin(), ids.end(), 0);
    std::ranges::sort(ids, [&](TokenId a, TokenId b) { return teacher[a] > teacher[b]; });
    ids.resize(static_cast<std::size_t>(k));
    std::ranges::sort(ids);
    return ids;
  }

  /// The loss, and its gradient, with p known of `ids` alone.
  double loss(const DistillMix& mix, const std::vector<TokenId>& ids,
              std::vector<double>& gradient) const {
    const auto p = softmax(teacher, mix.temperature), q = softmax(student, mix.temperature);
    const auto hard = softmax(student, 1);
    std::vector<bool> known(p.size());
    double p_rest = 1, q_rest = 1, kl = 0;
    for (const TokenId id : ids) {
      known[std::size_t(id)] = true;
      kl += p[id] * std::log(p[id] / q[id]);
    }
    p_rest = q_rest = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (known[i]) continue;
      p_rest += p[i];
      q_rest += q[i];
    }
    if (p_rest > 0) kl += p_rest * std::log(p_rest / q_rest);
    gradient.resize(p.size());
    for (std::size_t i = 0; i < p.size(); ++i) {
      const double wanted = known[i] ? p[i] : q[i] * p_rest / q_rest;
      gradient[i] = mix.kl * mix.temperature * (q[i] - wanted) +
                    mix.ce * (hard[i] - (TokenId(i) == target ? 1 : 0));
    }
    return mix.kl * double{mix.temperature} * mix.temperature * kl -
           mix.ce * std::log(hard[std::size_t(target)]);
  }
};

struct Result {
  float loss = 0;
  std::vector<float> gradient;
};

StudentRows student_rows(const LossRow& row, const DistillMix& mix, bool gradient, Result& out) {
  out.gradient = row.student;
  out.gradient.push_back(77.0f);
  return {.logits = out.gradient.data(),
          .stride = row.n() + 1,
          .rows = 1,
          .n = row.n(),
          .targets = &row.target,
          .mix = mix,
          .weight = 0.5f,
          .gradient = gradient,
          .losses = &out.loss};
}

Result run_whole(const LossRow& row, const DistillMix& mix, Isa isa, bool gradient = true) {
  ThreadPool pool(1);
  Result out;
  distill({student_rows(row, mix, gradient, out), row.teacher.data(), row.n()}, {pool, isa});
  return out;
}

Result run_top(const LossRow& row, int64_t k, const DistillMix& mix, Isa isa,
               bool gradient = true) {
  ThreadPool pool(1);
  Result out;
  const auto ids = row.top(k);
  const auto p = softmax(row.teacher, mix.temperature);
  std::vector<float> log_probs, scratch(std::size_t(k), 0.0f);
  double others = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::ranges::binary_search(ids, TokenId(i))) others += p[i];
  }
  for (const TokenId id : ids) log_probs.push_back(float(std::log(p[std::size_t(id)])));
  const auto log_others = static_cast<float>(std::log(others));
  distill_top({.student = student_rows(row, mix, gradient, out),
               .ids = ids.data(),
               .log_probs = log_probs.data(),
               .log_others = &log_others,
               .k = k,
               .scratch = scratch.data()},
              {pool, isa});
  return out;
}

void expect_near(const Result& got, double loss, const std::vector<double>& gradient) {
  EXPECT_NEAR(got.loss, loss, 2e-5 * (1 + loss));
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    ASSERT_NEAR(got.gradient[i], 0.5 * gradient[i], 1e-5) << i;
  }
  EXPECT_EQ(got.gradient.back(), 77.0f) << "written past the end";
}

TEST(DistillLoss, EveryIsaAgreesWithSumsInDouble) {
  Random random;
  for (const Isa isa : supported_isas()) {
    for (const int64_t n : kVocabularySizes) {
      for (const DistillMix& mix : {DistillMix{2, 1, 0}, DistillMix{1, 0.25f, 1}, {3, 0, 2}}) {
        SCOPED_TRACE(std::string(name(isa)) + " " + std::to_string(n));
        const LossRow row(random, n);
        std::vector<double> gradient;
        std::vector<TokenId> all = row.top(n);
        double loss = row.loss(mix, all, gradient);
        expect_near(run_whole(row, mix, isa), loss, gradient);
        EXPECT_NEAR(run_whole(row, mix, isa, false).loss, loss, 2e-5 * (1 + loss));
        for (const int64_t k : {int64_t{1}, n / 2, n - 1, n}) {
          if (k < 1) continue;
          loss = row.loss(mix, row.top(k), gradient);
          expect_near(run_top(row, k, mix, isa), loss, gradient);
          EXPECT_NEAR(run_top(row, k, mix, isa, false).loss, loss, 2e-5 * (1 + loss));
        }
      }
    }
  }
}

TEST(DistillLoss, FewerTokensNeverHaveMore) {
  Random random;
  const LossRow row(random, 100);
  const float whole = run_whole(row, {}, detected_isa()).loss;
  EXPECT_NEAR(run_top(row, 100, {}, detected_isa()).loss, whole, 1e-5 * whole);
  float last = 0;
  for (const int64_t k : {1, 3, 10, 50, 99}) {
    const float loss = run_top(row, k, {}, detected_isa()).loss;
    EXPECT_GT(loss, last);
    EXPECT_LT(loss, whole * 1.00001f);
    last = loss;
  }
}

TEST(DistillLoss, EqualModelsHaveNone) {
  Random random;
  LossRow row(random, 50);
  row.teacher = row.student;
  for (const Isa isa : supported_isas()) {
    EXPECT_EQ(run_whole(row, {}, isa).loss, 0.0f);
    EXPECT_NEAR(run_top(row, 7, {}, isa).loss, 0.0f, 1e-6f);
  }
}

/// What is beyond f32 must not become NaN: a student that rules out what the teacher leaves open.
TEST(DistillLoss, SureStudentsHaveALargeLossAndNoNan) {
  Random random;
  LossRow row(random, 20);
  std::ranges::fill(row.teacher, 0.0f);
  row.teacher[3] = 1.0f;
  std::ranges::fill(row.student, -500.0f);
  row.student[3] = 500.0f;
  for (const Isa isa : supported_isas()) {
    for (const Result& r : {run_whole(row, {}, isa), run_top(row, 1, {}, isa)}) {
      EXPECT_GT(r.loss, 100.0f);
      for (const float g : r.gradient) EXPECT_TRUE(std::isfinite(g));
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
