// SPDX-License-Identifier: Apache-2.0
#include "ops/distill_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ops/add.h"
#include "ops/head_chunks.h"
#include "ops/host.h"
#include "ops/launch.h"

namespace pangu::ops {
namespace {

void check(const Student& s, int64_t teacher_rows, float temperature, int64_t teacher_tokens) {
  check_targets("distill", s.hidden, s.head, s.targets);
  if (teacher_rows != s.hidden.dim(0) || teacher_tokens != s.head.n_out()) {
    fail<ShapeError>(
        "[distill] the teacher gives {} rows over {} tokens, the student {} over {}. Do both have "
        "the same tokenizer?",
        teacher_rows, teacher_tokens, s.hidden.dim(0), s.head.n_out());
  }
  if (!(temperature > 0.0f)) {
    fail<ConfigError>("[distill] the temperature is {}; it must be positive.", temperature);
  }
}

void check_top(const Student& s, const TopTokens& t) {
  const auto n = static_cast<std::size_t>(t.rows() * t.k);
  if (t.k < 1 || t.k > s.head.n_out() || t.ids.size() != n || t.log_probs.size() != n) {
    fail<ShapeError>(
        "[distill] {} ids and {} probabilities for {} rows of the {} likeliest of {} tokens.",
        t.ids.size(), t.log_probs.size(), t.rows(), t.k, s.head.n_out());
  }
  const auto outside =
      std::ranges::find_if(t.ids, [&](const TokenId id) { return id < 0 || id >= s.head.n_out(); });
  if (outside != t.ids.end()) {
    fail<InputError>("[distill] the teacher names the id {}, but the student knows ids 0 to {}.",
                     *outside, s.head.n_out() - 1);
  }
}

kernels::StudentRows rows_of(const Student& s, int64_t first, const Tensor& logits,
                             const DistillMix& mix, float weight, float* losses, Context& ctx) {
  return {.stride = logits.stride(0),
          .rows = logits.dim(0),
          .n = logits.dim(1),
          .targets = s.targets.data() + first,
          .mix = mix,
          .weight = weight,
          .gradient = ctx.tape() != nullptr,
          .losses = losses};
}

/// Writes the k likeliest tokens of one row, and the log of what the others have.
class TopOfRow {
 public:
  TopOfRow(int64_t vocabulary, int64_t k, float temperature)
      : k_(k), cool_(1.0 / static_cast<double>(temperature)), order_(std::size_t(vocabulary)) {}

  void operator()(const float* logits, TokenId* ids, float* log_probs, float& log_others) {
    require_numbers(std::span(logits, order_.size()));
    std::iota(order_.begin(), order_.end(), 0);
    const auto end = order_.begin() + k_;
    if (end != order_.end()) {
      std::nth_element(order_.begin(), end - 1, order_.end(), [&](TokenId a, TokenId b) {
        return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
      });
    }
    std::sort(order_.begin(), end);
    const double max = double{*std::max_element(logits, logits + order_.size())} * cool_;
    double top = 0, others = 0;
    for (auto id = order_.begin(); id != end; ++id) top += std::exp(logits[*id] * cool_ - max);
    for (auto id = end; id != order_.end(); ++id) others += std::exp(logits[*id] * cool_ - max);
    const double log_sum = max + std::log(top + others);
    for (int64_t i = 0; i < k_; ++i) {
      ids[i] = order_[static_cast<std::size_t>(i)];
      log_probs[i] = static_cast<float>(logits[ids[i]] * cool_ - log_sum);
    }
    log_others = end == order_.end() ? -std::numeric_limits<float>::infinity()
                                     : static_cast<float>(max + std::log(others) - log_sum);
  }

 private:
  static void require_numbers(std::span<const float> logits) {
    if (std::ranges::all_of(logits, [](float x) { return std::isfinite(x); })) return;
    fail<NumericError>(
        "[distill] the teacher gives a logit that is no finite number. Is its checkpoint whole? "
        "Where it is, dtype = \"f32\" may help.");
  }

  int64_t k_;
  double cool_;
  std::vector<TokenId> order_;
};

/// As many ids as the student has, where there is something to say about fewer.
void check_shared(const Student& student, const Teacher& teacher) {
  const int64_t most = std::min(student.head.n_out(), teacher.head.n_out());
  if (teacher.shared >= 0 && teacher.shared <= most) return;
  fail<ShapeError>("[distill] {} ids are to be shared, but the smaller vocabulary has {}.",
                   teacher.shared, most);
}

/// The teacher's logits of ids that both know; what the student knows besides gets no weight.
Tensor wanted_logits(const Teacher& teacher, const Tensor& rows, int64_t n, Context& ctx) {
  Tensor logits = logits_of(rows, teacher.head, ctx);
  if (teacher.ids() == n) return logits;  // what follows in a row is not looked at
  constexpr float kNothing = -1e30f;      // finite at any temperature, and 0 when exponentiated
  Tensor wanted = ctx.empty({rows.dim(0), n}, DType::kF32);
  const int64_t known = teacher.ids();
  add_rows(logits.columns(0, known), wanted.columns(0, known), false, ctx);
  kernels::FillRowsArgs args{.y_stride = n, .rows = rows.dim(0), .n = n - known, .value = kNothing};
  launch(&OpTable::fill_rows, args, {writes(args.y, wanted.columns(known, n - known))}, ctx);
  return wanted;
}

}  // namespace

double distill(const Student& student, const Teacher& teacher, const DistillMix& mix, float weight,
               Context& ctx) {
  check_shared(student, teacher);
  const int64_t n = student.head.n_out();
  check(student, teacher.hidden.dim(0), mix.temperature,
        teacher.shared > 0 ? n : teacher.head.n_out());
  return over_chunks(
      student.hidden, student.head, ctx, [&](int64_t first, const Tensor& logits, float* losses) {
        const Tensor wanted =
            wanted_logits(teacher, teacher.hidden.rows(first, logits.dim(0)), n, ctx);
        kernels::DistillArgs args{
            .student = rows_of(student, first, logits, mix, weight, losses, ctx),
            .teacher_stride = wanted.stride(0)};
        launch(&OpTable::distill, args,
               {updates(args.student.logits, logits), reads(args.teacher, wanted)}, ctx);
      });
}

double distill(const Student& student, const TopTokens& teacher, const DistillMix& mix,
               float weight, Context& ctx) {
  check(student, teacher.rows(), mix.temperature, student.head.n_out());
  check_top(student, teacher);
  const Tensor scratch = ctx.empty(
      {std::min(teacher.rows(), loss_rows(student.head.n_out())), teacher.k}, DType::kF32);
  return over_chunks(
      student.hidden, student.head, ctx, [&](int64_t first, const Tensor& logits, float* losses) {
        kernels::DistillTopArgs args{
            .student = rows_of(student, first, logits, mix, weight, losses, ctx),
            .ids = teacher.ids.data() + first * teacher.k,
            .log_probs = teacher.log_probs.data() + first * teacher.k,
            .log_others = teacher.log_others.data() + first,
            .k = teacher.k};
        launch(&OpTable::distill_top, args,
               {updates(args.student.logits, logits), writes(args.scratch, scratch)}, ctx);
      });
}

TopTokens top_tokens(const Teacher& teacher, int64_t k, float temperature, Context& ctx) {
  const int64_t rows = teacher.hidden.dim(0), vocabulary = teacher.ids();
  if (k < 1 || k > vocabulary) {
    fail<ShapeError>("[distill] the {} likeliest of {} tokens were asked for; 1 to {} are there.",
                     k, vocabulary, vocabulary);
  }
  const auto n = static_cast<std::size_t>(rows);
  TopTokens out{.k = k, .ids = {}, .log_probs = {}, .log_others = std::vector<float>(n)};
  out.ids.resize(n * static_cast<std::size_t>(k));
  out.log_probs.resize(out.ids.size());
  const int64_t chunk = loss_rows(teacher.head.n_out());
  for (int64_t first = 0; first < rows; first += chunk) {
    const Tensor logits = to_host(
        logits_of(teacher.hidden.rows(first, std::min(chunk, rows - first)), teacher.head, ctx));
    ctx.threads().parallel_for(logits.dim(0), 1, [&](int64_t begin, int64_t end) {
      TopOfRow top(vocabulary, k, temperature);
      for (int64_t r = begin; r < end; ++r) {
        const int64_t at = first + r;
        top(logits.data<float>() + r * logits.stride(0), out.ids.data() + at * k,
            out.log_probs.data() + at * k, out.log_others[static_cast<std::size_t>(at)]);
      }
    });
  }
  return out;
}

double mean_squared_difference(const Tensor& student, const Tensor& teacher, float weight,
                               Context& ctx) {
  if (student.shape() != teacher.shape() || student.dtype() != teacher.dtype()) {
    fail<ShapeError>(
        "[distill] the hidden states of the student are {} of {}, those of the teacher {} of {}; "
        "the same was expected.",
        student.shape(), name(student.dtype()), teacher.shape(), name(teacher.dtype()));
  }
  Tape* const tape = recording(ctx, {&student});
  const Tensor gradient = tape ? ctx.empty(student.shape(), DType::kF32) : Tensor{};
  const int64_t n = student.dim(1);
  std::vector<double> sums(static_cast<std::size_t>(student.dim(0)));
  kernels::SquaredDifferencesArgs args{
      .dtype = student.dtype(),
      .a_stride = student.stride(0),
      .b_stride = teacher.stride(0),
      .scale = static_cast<float>(2.0 * double{weight} / static_cast<double>(n)),
      .sums = sums.data(),
      .rows = student.dim(0),
      .n = n};
  launch(&OpTable::squared_differences, args,
         {reads(args.a, student), reads(args.b, teacher), writes(args.gradient, gradient)}, ctx);
  if (tape) tape->give(student, gradient, ctx);
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace pangu::ops
