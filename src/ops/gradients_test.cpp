// SPDX-License-Identifier: Apache-2.0
// Every op's gradients against central differences: for a random direction u of each input,
// d/dh sum(c y(x + h u)) must be the sum of u times the gradient of x, for random c.
#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

#include "ops/add.h"
#include "ops/distill_loss.h"
#include "ops/document_attention.h"
#include "ops/gather_rows.h"
#include "ops/gelu.h"
#include "ops/layer_norm.h"
#include "ops/linear.h"
#include "ops/loss.h"
#include "ops/rms_norm.h"
#include "ops/rope.h"
#include "ops/scatter_add_rows.h"
#include "ops/silu_mul.h"
#include "ops/softmax.h"
#include "ops/tape.h"
#include "ops/top_k.h"
#include "tests/support/support.h"
#include "tests/support/tensors.h"

namespace pangu {
namespace {

class Gradients : public ::testing::TestWithParam<Isa> {
 protected:
  Tensor random(Shape shape, float spread = 1.0f) {
    return test::normal_tensor(shape, spread, rng_, normal_, ctx_);
  }

  int64_t between(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(rng_);
  }

  static double dot(const Tensor& a, const Tensor& b) {
    const std::vector<float> x = test::values_of(a), y = test::values_of(b);
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  }

  static void move(const Tensor& x, const Tensor& direction, float h) {
    std::vector<float> values = test::values_of(x);
    const std::vector<float> along = test::values_of(direction);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += h * along[i];
    copy_from_host(x, values);
  }

  /// `value(tape)` computes a scalar and, given a tape, adds its gradients to `inputs`' slots.
  void check(const std::vector<Tensor>& inputs, const std::function<double(bool)>& value,
             const std::vector<Tensor>& grads) {
    value(true);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Tensor u = random(inputs[i].shape());
      constexpr float kStep = 4e-3f;
      const auto at = [&](float h) {
        move(inputs[i], u, h);
        const double v = value(false);
        move(inputs[i], u, -h);
        return v;
      };
      // Fourth order, so that the step can be large enough for f32.
      const double slope =
          (8 * (at(kStep) - at(-kStep)) - (at(2 * kStep) - at(-2 * kStep))) / (12 * double(kStep));
      const double scale = std::sqrt(dot(u, u)) * std::sqrt(dot(grads[i], grads[i]));
      EXPECT_NEAR(dot(u, grads[i]), slope, 2e-3 * scale + 2e-3) << "input " << i;
    }
  }

  /// Checks an op whose inputs are plain tensors.
  void check_op(const std::vector<Tensor>& inputs, const std::function<Tensor()>& op) {
    Tensor c;
    std::vector<Tensor> grads;
    for (const Tensor& x : inputs) grads.push_back(zeros(x.shape()));
    check(
        inputs,
        [&](bool with_tape) {
          Tape tape;
          for (std::size_t i = 0; i < inputs.size(); ++i) tape.track(inputs[i], grads[i]);
          const TapeScope on(ctx_, with_tape ? &tape : nullptr);
          const Tensor y = op();
          if (!c.defined()) c = random(y.shape());
          if (with_tape) {
            tape.give(y, c, ctx_);
            tape.backward(ctx_);
            EXPECT_EQ(tape.size(), 0u);
          }
          return dot(c, y);
        },
        grads);
  }

  Tensor zeros(Shape shape) { return ctx_.zeros(shape, DType::kF32); }

  /// A trained linear layer that is packed anew after every move.
  struct TrainedLinear {
    Tensor value, grad, bias, bias_grad;
    Linear w;
    void pack() {
      std::vector<StoredRow> rows;
      const std::vector<float> values = test::values_of(value);
      PackedMatrix& m = w.parts.front();
      for (int64_t p = 0; p < m.panels(); ++p) {
        rows.clear();
        for (int64_t r = p * kPanelRows; r < std::min((p + 1) * kPanelRows, m.rows()); ++r) {
          rows.push_back({.format = WeightFormat::kF32,
                          .data = reinterpret_cast<const std::byte*>(values.data() + r * m.k())});
        }
        m.pack_panel(p, rows);
      }
    }
    void track(Tape& tape) const {
      tape.track(w.parts.front(), value, grad);
      if (bias.defined()) tape.track(bias, bias_grad);
    }
  };
  TrainedLinear trained_linear(int64_t out, int64_t in, bool has_bias) {
    TrainedLinear l{random({out, in}, 0.3f), zeros({out, in}), {}, {}, {}};
    if (has_bias) l.bias = random({out}), l.bias_grad = zeros({out});
    l.w = {{PackedMatrix(ctx_.packed_form(WeightFormat::kF32), out, in)}, l.bias};
    return l;
  }

  static Batch documents(const std::vector<int64_t>& lengths) {
    Batch batch;
    for (const int64_t n : lengths) {
      batch.sequences.push_back({batch.size(), n, 0, 0});
      for (int64_t i = 0; i < n; ++i) {
        batch.tokens.push_back(0);
        batch.positions.push_back(int(i));
      }
    }
    return batch;
  }

  std::mt19937_64 rng_{test::seed()};
  std::normal_distribution<float> normal_;
  Context ctx_{{.threads = 2, .isa = GetParam(), .dtype = DType::kF32}};
};

TEST_P(Gradients, RmsNormOfTokensAndOfHeads) {
  for (int round = 0; round < 3; ++round) {
    const int64_t t = between(1, 150), n = between(1, 40);
    const Tensor x = random({t, n}), w = random({n});
    check_op({x, w}, [&] { return ops::rms_norm(x, w, 1e-3f, DType::kF32, ctx_); });
    const Tensor heads = random({5, 3 * n}), view = heads.columns(n, 2 * n).split_last(2, n);
    check_op({heads, w}, [&] { return ops::rms_norm(view, w, 1e-3f, DType::kF32, ctx_); });
  }
}

TEST_P(Gradients, LayerNorm) {
  for (const bool has_bias : {true, false}) {
    const int64_t n = between(2, 40);
    const Tensor x = random({between(1, 150), n}), w = random({n});
    const Tensor b = has_bias ? random({n}) : Tensor{};
    std::vector<Tensor> inputs{x, w};
    if (has_bias) inputs.push_back(b);
    check_op(inputs, [&] { return ops::layer_norm(x, w, b, 1e-3f, DType::kF32, ctx_); });
  }
}

TEST_P(Gradients, SiluMulAndGelu) {
  const Tensor gate_up = random({between(1, 30), 2 * between(1, 30)});
  check_op({gate_up}, [&] { return ops::silu_mul(gate_up, DType::kF32, ctx_); });
  const Tensor x = random({between(1, 30), between(1, 30)});
  check_op({x}, [&] { return ops::gelu(x, DType::kF32, ctx_); });
}

TEST_P(Gradients, AddOfViewsAndOfOneWithItself) {
  const Tensor wide = random({5, 9}), b = random({5, 4});
  check_op({wide, b}, [&] { return ops::add(wide.columns(2, 4), b, ctx_); });
  check_op({b}, [&] { return ops::add(b, b, ctx_); });
}

TEST_P(Gradients, RopeOfAViewAndGatherRows) {
  const int64_t half = between(1, 20), t = between(1, 20);
  const Tensor fused = random({t, 6 * half}),
               q = fused.columns(0, 4 * half).split_last(2, 2 * half);
  const ops::RopeAngles angles{random({t, half}), random({t, half})};
  check_op({fused}, [&] { return ops::rope(q, angles, ctx_); });
  const std::vector<std::int32_t> rows{0, int(t) - 1, 0};
  check_op({fused}, [&] { return ops::gather_rows(fused, rows, ctx_); });
}

TEST_P(Gradients, DocumentAttention) {
  for (const auto& lengths : {std::vector<int64_t>{1, 5, 3}, {60, 1}, {150}}) {
    const Batch batch = documents(lengths);
    const int64_t t = batch.size(), d = 2 * between(1, 9);
    const Tensor q = random({t, 4, d}), k = random({t, 2, d}), v = random({t, 2, d});
    check_op({q, k, v},
             [&] { return ops::document_attention(q, k, v, batch, 0.4f, DType::kF32, ctx_); });
  }
}

TEST_P(Gradients, LinearWithBiasAndResidual) {
  for (const bool has_bias : {true, false}) {
    const int64_t t = between(1, 20), in = between(1, 40), out = between(1, 140);
    TrainedLinear l = trained_linear(out, in, has_bias);
    const Tensor x = random({t, in}), residual = random({t, out}), c = random({t, out});
    const Tensor dx = zeros(x.shape()), dr = zeros(residual.shape());
    std::vector<Tensor> inputs{x, residual, l.value}, grads{dx, dr, l.grad};
    if (has_bias) inputs.push_back(l.bias), grads.push_back(l.bias_grad);
    check(
        inputs,
        [&](bool with_tape) {
          l.pack();
          Tape tape;
          tape.track(x, dx);
          tape.track(residual, dr);
          l.track(tape);
          const TapeScope on(ctx_, with_tape ? &tape : nullptr);
          const Tensor y = ops::linear_add(x, l.w, residual, ctx_);
          if (with_tape) {
            tape.give(y, c, ctx_);
            tape.backward(ctx_);
          }
          return dot(c, y);
        },
        grads);
  }
}

TEST_P(Gradients, EmbeddingAddsRowsOfTheSameToken) {
  TrainedLinear table = trained_linear(7, 5, false);
  const std::vector<TokenId> ids{3, 0, 3, 6};
  const Tensor c = random({4, 5});
  check({table.value},
        [&](bool with_tape) {
          table.pack();
          Tape tape;
          table.track(tape);
          const TapeScope on(ctx_, with_tape ? &tape : nullptr);
          const Tensor y = ops::embedding(ids, table.w.parts.front(), ctx_);
          if (with_tape) {
            tape.give(y, c, ctx_);
            tape.backward(ctx_);
          }
          return dot(c, y);
        },
        {table.grad});
}

TEST_P(Gradients, AFrozenMatrixPassesThemOn) {
  TrainedLinear l = trained_linear(9, 4, false);
  l.pack();
  const Tensor x = random({3, 4});
  check_op({x}, [&] { return ops::linear(x, l.w, ctx_); });
  EXPECT_EQ(dot(l.grad, l.grad), 0.0);
}

TEST_P(Gradients, LossesOfAHead) {
  const int64_t r = between(1, 60), e = between(2, 20), vocabulary = between(2, 90);
  TrainedLinear head = trained_linear(vocabulary, e, false);
  TrainedLinear teacher_head = trained_linear(vocabulary, e + 1, false);
  teacher_head.pack();
  const Tensor hidden = random({r, e}), teacher = random({r, e + 1}), dh = zeros(hidden.shape());
  const Tensor wanted = random({r, e});
  std::vector<TokenId> targets;
  for (int64_t i = 0; i < r; ++i) targets.push_back(TokenId(between(0, vocabulary - 1)));
  const ops::Student student{hidden, head.w, targets};
  const ops::DistillMix kl{.temperature = 2, .kl = 1, .ce = 0}, both{3, 0.5f, 0.7f};
  const auto top = ops::top_tokens({teacher, teacher_head.w}, (vocabulary + 2) / 3, 3.0f, ctx_);
  const std::function<double(float)> losses[] = {
      [&](float weight) { return ops::cross_entropy(hidden, head.w, targets, weight, ctx_); },
      [&](float weight) {
        return ops::distill(student, {teacher, teacher_head.w}, kl, weight, ctx_);
      },
      [&](float weight) {
        return ops::distill(student, {teacher, teacher_head.w}, both, weight, ctx_) +
               2 * ops::mean_squared_difference(hidden, wanted, 2 * weight, ctx_);
      },
      [&](float weight) {
        return ops::mean_squared_difference(hidden, wanted, weight, ctx_) +
               ops::distill(student, top, both, weight, ctx_);
      }};
  for (const auto& loss : losses) {
    fill_zero(dh);
    fill_zero(head.grad);
    check({hidden, head.value},
          [&](bool with_tape) {
            head.pack();
            Tape tape;
            tape.track(hidden, dh);
            head.track(tape);
            const TapeScope on(ctx_, with_tape ? &tape : nullptr);
            const float weight = 1.0f / float(r);
            return double(weight) * loss(weight);
          },
          {dh, head.grad});
  }
}

TEST_P(Gradients, Routing) {
  const int64_t t = between(1, 20), e = between(1, 9);
  const Tensor x = random({t, 12});
  check_op({x}, [&] { return ops::softmax(x, ctx_); });
  check_op({x}, [&] { return ops::top_k(x, 4, 1, ctx_).values; });
  const std::vector<std::int32_t> at{0, int(t) - 1, 0};
  const Tensor rows = random({3, e}), weights = random({3}), onto = random({t, e});
  check_op({rows, weights, onto},
           [&] { return ops::scatter_add_rows(rows, at, weights, onto, ctx_); });
}

TEST_P(Gradients, CheckpointsRunAgain) {
  const Tensor x = random({4, 6}), w = random({6});
  int runs = 0;
  check_op({x, w}, [&] {
    return ops::checkpoint(
        x,
        [&](const Tensor& in) {
          ++runs;
          return ops::gelu(ops::rms_norm(in, w, 1e-3f, DType::kF32, ctx_), DType::kF32, ctx_);
        },
        ctx_);
  });
  EXPECT_EQ(runs, 2 + 2 * 4) << "two with the tape, four for each input's difference";
}

INSTANTIATE_TEST_SUITE_P(Isa, Gradients, ::testing::ValuesIn(supported_isas()),
                         [](const auto& isa) {
                           std::string words(name(isa.param));
                           std::ranges::replace(words, '-', '_');
                           return words;
                         });

TEST(TapeTest, OffKeepsNothingAndRefusesWrongGradients) {
  Context ctx({.threads = 1, .isa = Isa::kRef, .dtype = DType::kF32});
  const Tensor x = ctx.empty({2, 3}, DType::kF32);
  Tape tape;
  PANGU_EXPECT_ERROR(tape.track(x, ctx.empty({3, 2}, DType::kF32)), ShapeError, "[2, 3]", "[3, 2]");
  {
    const TapeScope on(ctx, &tape);
    ops::gelu(x, DType::kF32, ctx);  // leads to no parameter
  }
  EXPECT_EQ(tape.size(), 0u);
  EXPECT_EQ(ctx.tape(), nullptr);
}

TEST(TopKTest, TakesTheLargestOfEachGroupAndTheFirstOfEquals) {
  Context ctx({.threads = 1, .isa = Isa::kRef, .dtype = DType::kF32});
  const Tensor x = ctx.empty({1, 8}, DType::kF32);
  const float values[] = {1, 3, 3, 2, 5, 4, 5, 9};
  copy_from_host(x, values);
  EXPECT_EQ(ops::top_k(x, 2, 2, ctx).indices, (std::vector<std::int32_t>{1, 2, 7, 4}));
  EXPECT_EQ(ops::top_k(x, 1, 3, ctx).indices, (std::vector<std::int32_t>{7, 4, 6}));
  PANGU_EXPECT_ERROR(ops::top_k(x, 3, 1, ctx), ShapeError, "3 groups", "[1, 8]");
  PANGU_EXPECT_ERROR(ops::top_k(x, 2, 5, ctx), ShapeError, "5 largest");
}

}  // namespace
}  // namespace pangu
