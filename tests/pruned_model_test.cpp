// SPDX-License-Identifier: Apache-2.0
// Models as pruning leaves them, with layers of different widths and heads that together are
// narrower than the hidden size, go through everything that others go through.
#include <gmock/gmock.h>

#include <cmath>

#include "checkpoint/companion_files.h"
#include "checkpoint/convert.h"
#include "checkpoint/quantize.h"
#include "models/model_files.h"
#include "models/weights/trainable_model.h"
#include "ops/loss.h"
#include "runtime/generate/generator.h"
#include "tests/support/model_fixture.h"
#include "tests/support/random_checkpoint.h"
#include "tests/support/reply_record.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;

const std::vector<TokenId> kIds{1, 5, 77, 3, 130, 42, 9, 77, 3};

class PrunedModel : public testing::Test {
 protected:
  /// A checkpoint with the tokenizer of a model that comes with the program.
  fs::path checkpoint(const char* name, ModelConfig config, DType dtype = DType::kBF16) const {
    const fs::path model = fs::path(PANGU_MODELS_DIR) / "pangu-nano";
    config.vocab_size = read_model_config(model).vocab_size;
    test::write_random_checkpoint(scratch_ / name, config, dtype);
    copy_files(model, scratch_ / name, &is_tokenizer_file);
    return scratch_ / name;
  }

  static std::vector<float> logits(const fs::path& path, const WeightFormats& formats = {}) {
    test::LoadedModel m;
    m.ctx = std::make_unique<Context>(ContextOptions{.threads = 2, .dtype = DType::kF32});
    const ModelFiles files = ModelFiles::open(path);
    m.network = load_language_model(files.config, *files.source, {.formats = formats}, *m.ctx);
    return test::Runner(m, std::ssize(kIds)).feed(kIds);
  }

  test::ScratchDir scratch_;
};

TEST_F(PrunedModel, QuantizedFoldersGiveTheBitsOfQuantizingInMemory) {
  const fs::path in = checkpoint("in", test::pruned_config());
  const auto exact = logits(in);
  ThreadPool threads(2);
  for (const FormatInfo& info : weight_formats()) {
    SCOPED_TRACE(info.name);
    const WeightFormats formats = WeightFormats::parse(std::string(info.name), "", "");
    const auto in_memory = logits(in, formats);
    EXPECT_LT(test::relative_error(in_memory, exact), 0.3);
    if (info.stored_parts().empty()) continue;  // no form in a folder
    const fs::path out = scratch_ / std::string(info.name);
    quantize_checkpoint(in, out, {.formats = formats}, threads);
    EXPECT_EQ(logits(out), in_memory);
    const ModelConfig config = read_model_config(out);
    EXPECT_EQ(config.intermediate_size, test::pruned_config().intermediate_size);
    EXPECT_EQ(config.pruning_config, test::pruned_config().pruning_config);
  }
}

TEST_F(PrunedModel, GoesToGgufAndBackWithHowItWasPruned) {
  const fs::path in = checkpoint("in", test::pruned_config());
  ThreadPool threads(2);
  const auto convert = [&](const fs::path& from, const fs::path& to) {
    return convert_model(from, to, {.target = convert_target("", to)}, threads);
  };
  const ConvertReport report = convert(in, scratch_ / "m.gguf");
  EXPECT_THAT(report.notes, Contains(HasSubstr("differ in width")));
  convert(scratch_ / "m.gguf", scratch_ / "again.gguf");
  convert(scratch_ / "again.gguf", scratch_ / "out");
  for (const char* name : {"m.gguf", "again.gguf", "out"}) {
    EXPECT_EQ(logits(scratch_ / name), logits(in)) << name;
  }
  const ModelConfig was = read_model_config(in), is = read_model_config(scratch_ / "out");
  EXPECT_EQ(is.intermediate_size, was.intermediate_size);
  EXPECT_EQ(is.n_heads * is.head_dim, 64);  // of a hidden size of 96
  EXPECT_EQ(is.pruning_config, was.pruning_config);
}

TEST_F(PrunedModel, FewerHeadsOfTheSameSizeNeedNoListOfWidths) {
  ModelConfig c = test::pruned_config();
  c.n_heads = 2, c.n_kv_heads = 1;
  c.intermediate_size = {64, 64, 64};
  const fs::path in = checkpoint("in", c);
  EXPECT_TRUE(read_json(in / "config.json")["intermediate_size"].is_number());
  ThreadPool threads(2);
  const ConvertReport report = convert_model(in, scratch_ / "m.gguf", {}, threads);
  EXPECT_THAT(report.notes, testing::Not(Contains(HasSubstr("differ in width"))));
  EXPECT_EQ(logits(scratch_ / "m.gguf"), logits(in));
}

TEST_F(PrunedModel, SpeculatesAsTargetAsDraftAndWithItsOwnLayers) {
  ModelConfig smaller = test::pruned_config();
  smaller.n_layers = 2, smaller.n_heads = 2, smaller.n_kv_heads = 1;
  smaller.intermediate_size = {33, 70};
  Context ctx({.threads = 2});
  const Model large = load_model(checkpoint("large", test::pruned_config()), {}, ctx);
  const Model small = load_model(checkpoint("small", smaller), {}, ctx);
  const std::vector<TokenId> prompt = large.tokenizer->encode("two of two of two of two");

  for (const auto& models : {std::pair(&large, &small), std::pair(&small, &large)}) {
    const Model *const target = models.first, *const draft = models.second;
    GenerateOptions options{.max_tokens = 40, .ignore_eos = true, .top_logprobs = 1};
    options.sampling = {.temperature = 0.7f, .seed = 5};
    const auto reply = [&](const SpeculationOptions& speculation, SpeculationStats& stats) {
      Generator generator(*target, ctx, 128, KvFormat::kBF16, speculation, draft);
      test::ReplyRecord record;
      const Generation g = generator.generate(prompt, options, record.on_token());
      record.finish(g);
      stats = g.speculation;
      return record;
    };
    SpeculationStats stats;
    const test::ReplyRecord plain = reply({.mode = SpeculationMode::kOff}, stats);
    EXPECT_EQ(plain.ids.size(), 40u);
    for (const SpeculationMode mode : {SpeculationMode::kDraft, SpeculationMode::kSelf}) {
      for (const std::int64_t layers : {std::int64_t{1}, target->config().n_layers - 1}) {
        EXPECT_EQ(reply({.mode = mode, .self_layers = layers}, stats), plain)
            << name(mode) << " with " << layers << " layers";
        EXPECT_GT(stats.drafted, 0) << name(mode);
      }
    }
  }
}

/// A loss over kIds and, if wanted, the gradients of all weights.
double loss_of(const TrainableModel& model, bool recompute, bool gradients, Context& ctx) {
  const auto n = static_cast<int64_t>(kIds.size()) - 1;
  Batch batch{.tokens = kIds};
  for (std::int32_t i = 0; i <= n; ++i) batch.positions.push_back(i);
  for (std::int32_t i = 0; i < n; ++i) batch.logit_rows.push_back(i);
  batch.sequences = {{0, n + 1, 0, 0}};
  Tape tape(recompute);
  if (gradients) model.track(tape);
  const TapeScope on(ctx, gradients ? &tape : nullptr);
  const Tensor hidden = model.model().hidden_states(batch, ctx);
  const double loss =
      ops::cross_entropy(hidden, model.model().head(), std::span(kIds).subspan(1), 1.0f, ctx);
  if (gradients) {
    tape.backward(ctx);
    model.take_gradients();
  }
  return loss;
}

TEST_F(PrunedModel, TrainsDownItsGradientAndKeepsItsShape) {
  Context ctx({.threads = 2, .dtype = DType::kF32});
  const fs::path in = checkpoint("in", test::pruned_config(), DType::kF32);
  const ModelFiles files = ModelFiles::open(in);
  for (const bool recompute : {false, true}) {
    TrainableModel model(files.config, *files.source, ctx);
    loss_of(model, recompute, true, ctx);
    double norm2 = 0;
    for (const TrainableTensor& t : model.tensors()) {
      double own = 0;
      for (int64_t i = 0; i < t.grad.count(); ++i) own += std::pow(t.grad.data<float>()[i], 2);
      EXPECT_TRUE(own > 0 || t.spec.name.ends_with("k_proj.bias"))
          << t.spec.name;  // softmax ignores shifts
      norm2 += own;
    }
    // Along the gradient, the loss changes by its length.
    const auto move = [&](double step) {
      for (const TrainableTensor& t : model.tensors()) {
        for (int64_t i = 0; i < t.value.count(); ++i) {
          t.value.data<float>()[i] += static_cast<float>(step * t.grad.data<float>()[i]);
        }
      }
      model.repack(ctx);
      return loss_of(model, recompute, false, ctx);
    };
    const double norm = std::sqrt(norm2), step = 1e-3 / norm;
    const double above = move(step), below = move(-2 * step);
    EXPECT_NEAR((above - below) / (2 * step), norm2, 0.02 * norm2);

    fs::create_directories(scratch_ / "trained");
    model.save(scratch_ / "trained", DType::kF32);
    EXPECT_EQ(read_model_config(scratch_ / "trained"), files.config);
    EXPECT_EQ(logits(scratch_ / "trained").size(), logits(in).size());
  }
}

}  // namespace
}  // namespace pangu
