// SPDX-License-Identifier: Apache-2.0
// Losses and gradients of a whole model against those of automatic differentiation in float64.
#include <gmock/gmock.h>

#include "io/checkpoint.h"
#include "io/safetensors.h"
#include "models/weights/trainable_model.h"
#include "ops/distill_loss.h"
#include "ops/loss.h"
#include "tests/support/model_fixture.h"

namespace pangu {
namespace {

constexpr double kTolerance = 1e-4;

struct GradientGolden {
  SafetensorsFile file{test::shared_dir() / "golden" / "pangu-embedded-tiny-grad.safetensors"};

  std::span<const float> floats(const std::string& name) const {
    const TensorView* t = file.find(name);
    if (!t || t->dtype != DType::kF32) throw std::runtime_error("no f32 golden " + name);
    return {reinterpret_cast<const float*>(t->data.data()), t->data.size() / 4};
  }
  std::vector<TokenId> ids() const {
    const TensorView& t = *file.find("ids");
    std::vector<TokenId> ids;
    for (std::size_t i = 0; i < t.data.size() / 8; ++i) {
      std::int64_t id;
      std::memcpy(&id, t.data.data() + 8 * i, 8);
      ids.push_back(static_cast<TokenId>(id));
    }
    return ids;
  }
};

Batch whole_sequence(const std::vector<TokenId>& ids, int64_t logit_rows) {
  Batch batch{.tokens = ids};
  for (std::size_t i = 0; i < ids.size(); ++i) batch.positions.push_back(int(i));
  batch.sequences = {{0, std::ssize(ids), 0, 0}};
  for (int64_t i = 0; i < logit_rows; ++i) batch.logit_rows.push_back(int(i));
  return batch;
}

class TrainingGolden : public ::testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }

  static TrainableModel load(Context& ctx) {
    const auto folder = test::shared_dir() / "models" / "pangu-embedded-tiny";
    const Checkpoint checkpoint = Checkpoint::open(folder);
    const ModelConfig config = read_model_config(folder);
    const auto source = checkpoint_source(checkpoint, config.quantization);
    return {config, *source, ctx};
  }

  void expect_gradients(const TrainableModel& model, const GradientGolden& golden,
                        const std::string& prefix) {
    for (const TrainableTensor& t : model.tensors()) {
      const auto want = golden.floats(prefix + "_grad." + t.spec.name);
      ASSERT_EQ(std::ssize(want), t.grad.count()) << t.spec.name;
      const std::span got(t.grad.data<float>(), want.size());
      EXPECT_LT(test::relative_error(got, want), kTolerance) << t.spec.name;
    }
  }

  Context ctx_{{.threads = 2, .isa = detected_isa(), .dtype = DType::kF32}};
};

TEST_F(TrainingGolden, CrossEntropyAndItsGradients) {
  const GradientGolden golden;
  const std::vector<TokenId> ids = golden.ids();
  const int64_t n = std::ssize(ids) - 1;
  const Batch batch = whole_sequence(ids, n);
  for (const bool recompute : {false, true}) {
    const TrainableModel model = load(ctx_);
    Tape tape(recompute);
    model.track(tape);
    const TapeScope on(ctx_, &tape);
    const Tensor hidden = model.model().hidden_states(batch, ctx_);
    const double loss = ops::cross_entropy(hidden, model.model().head(), std::span(ids).subspan(1),
                                           1.0f / static_cast<float>(n), ctx_);
    tape.backward(ctx_);
    model.take_gradients();
    const float want = golden.floats("ce_loss")[0];
    EXPECT_NEAR(loss / static_cast<double>(n), want, kTolerance * want);
    expect_gradients(model, golden, "ce");
  }
}

TEST_F(TrainingGolden, DistillationAndItsGradients) {
  const GradientGolden golden;
  const std::vector<TokenId> ids = golden.ids();
  const int64_t n = std::ssize(ids);  // every position has a distribution
  const Batch batch = whole_sequence(ids, n);
  TrainableModel teacher = load(ctx_);
  for (const TrainableTensor& t : teacher.tensors()) {
    if (!t.spec.name.ends_with("down_proj.weight")) continue;
    for (float& w : std::span(t.value.data<float>(), std::size_t(t.value.count()))) w *= 0.5f;
  }
  teacher.repack(ctx_);
  const Tensor teacher_hidden = teacher.model().hidden_states(batch, ctx_);
  const ops::Teacher whole{teacher_hidden, teacher.model().head()};
  const ops::DistillMix mix{.temperature = 2, .kl = 1, .ce = 0};
  const ops::TopTokens top = ops::top_tokens(whole, whole.head.n_out(), mix.temperature, ctx_);
  for (const bool cached : {false, true}) {
    const TrainableModel model = load(ctx_);
    Tape tape;
    model.track(tape);
    const TapeScope on(ctx_, &tape);
    const Tensor hidden = model.model().hidden_states(batch, ctx_);
    const ops::Student student{hidden, model.model().head(), ids};
    const float weight = 1.0f / static_cast<float>(n);
    const double loss = cached ? ops::distill(student, top, mix, weight, ctx_)
                               : ops::distill(student, whole, mix, weight, ctx_);
    tape.backward(ctx_);
    model.take_gradients();
    const float want = golden.floats("kl_loss")[0];
    EXPECT_NEAR(loss / static_cast<double>(n), want, kTolerance * want);
    expect_gradients(model, golden, "kl");
  }
}

}  // namespace
}  // namespace pangu
