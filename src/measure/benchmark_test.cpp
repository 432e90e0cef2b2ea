// SPDX-License-Identifier: Apache-2.0
// Not how fast, which depends on the machine, but what is measured and what is left out.
#include "measure/benchmark.h"

#include "base/error.h"
#include "models/config/config_shapes.h"
#include "tests/support/model_fixture.h"

namespace pangu {
namespace {

ModelConfig tiny_config() {
  ModelConfig config = *named_shape("qwen3-0.6b");
  config.hidden_size = 64;
  config.n_layers = 2;
  config.n_heads = 4;
  config.n_kv_heads = 2;
  config.head_dim = 32;
  config.intermediate_size = {96, 64};
  config.vocab_size = 300;
  return config;
}

/// On a small block: no test here asks how fast memory is.
BenchResult measure(BenchOptions options, const std::string& format, Context& ctx) {
  options.bandwidth_block_bytes = 8 << 20;
  const ModelConfig config = tiny_config();
  const auto source = random_source(config, DType::kBF16, 1);
  const auto model =
      load_language_model(config, *source, {.formats = WeightFormats::parse(format, "", "")}, ctx);
  return run_benchmark(*model, options, ctx);
}

TEST(Benchmark, DecodeAloneStillHasBothRoofs) {
  Context ctx({.threads = 1, .isa = Isa::kRef, .dtype = DType::kBF16});
  const BenchResult r = measure(
      {.prompt_tokens = 0, .decode_tokens = 40, .batch = 2, .repetitions = 1, .verify = false},
      "w8a8", ctx);
  EXPECT_EQ(r.prefill_tokens_per_s.median, 0);
  EXPECT_EQ(r.prefill_cost.ops(), 0);
  EXPECT_EQ(r.prefill_peak_share.max, 0);
  EXPECT_GT(r.decode_tokens_per_s.median, 0);
  EXPECT_GT(r.decode_bandwidth_share.median, 0);
  EXPECT_GT(r.read_bandwidth_bytes_per_s.median, 0);
  EXPECT_GT(r.peak_ops_per_s.median, 0);
  EXPECT_EQ(r.peak_arithmetic, Arithmetic::kInt8);
  EXPECT_TRUE(r.verify_cost.empty());
  // Two sequences of 40 positions: two pages each of 32 positions, 2 layers, 2 heads of 32, bf16.
  EXPECT_EQ(r.memory.cache_bytes, 2 * 2 * 32 * (2 * 2 * 2 * 32 * 2));
  EXPECT_GT(r.memory.weight_bytes, 0);
  EXPECT_GT(r.memory.resident_bytes, 0);
  EXPECT_GE(r.memory.peak_bytes, r.memory.resident_bytes);
}

TEST(Benchmark, PeakIsTheContextsArithmeticUnlessWeightsAndActivationsAreInt8) {
  const BenchOptions options{
      .prompt_tokens = 3, .decode_tokens = 0, .repetitions = 1, .verify = false};
  Context f32({.threads = 1, .isa = default_isa(), .dtype = DType::kF32});
  EXPECT_EQ(measure(options, "w8a16", f32).peak_arithmetic, Arithmetic::kF32);
  Context bf16({.threads = 1, .isa = default_isa(), .dtype = DType::kBF16});
  const BenchResult r = measure(options, "f32", bf16);
  EXPECT_EQ(r.peak_arithmetic, bf16.device().native(Arithmetic::kBF16, default_isa()));
  EXPECT_GT(r.prefill_peak_share.median, 0);
  EXPECT_EQ(r.decode_tokens_per_s.median, 0);
}

TEST(Benchmark, IsCheckedBeforeEveryPass) {
  Context ctx({.threads = 1, .isa = Isa::kRef});
  int calls = 0;
  BenchOptions options{.prompt_tokens = 2, .decode_tokens = 3, .batch = 100, .repetitions = 1};
  options.check = [&] {
    if (++calls == 150) fail<Cancelled>("[test] in the prompts");
  };
  PANGU_EXPECT_ERROR(measure(options, "bf16", ctx), Cancelled, "in the prompts");
  EXPECT_EQ(calls, 150);
}

TEST(Benchmark, NothingToMeasureIsRefused) {
  Context ctx({.threads = 1, .isa = Isa::kRef});
  PANGU_EXPECT_ERROR(measure({.prompt_tokens = 0, .decode_tokens = 0}, "bf16", ctx), ConfigError,
                     "[bench]", "must be positive");
  PANGU_EXPECT_ERROR(measure({.batch = 0}, "bf16", ctx), ConfigError, "0 sequences");
}

}  // namespace
}  // namespace pangu
