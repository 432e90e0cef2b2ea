// SPDX-License-Identifier: Apache-2.0
// Costs beside sums written out by hand for a shape whose numbers are all different.
#include "measure/benchmark_cost.h"

#include "tests/support/model_fixture.h"

namespace pangu {
namespace {

/// f32 weights, whose panels hold nothing beside them as long as
/// outputs come in multiples of 64.
ModelConfig small_config() {
  return parse_model_config(Json::parse(R"({
    "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32, "intermediate_size": 96,
    "vocab_size": 320, "max_position_embeddings": 512, "rms_norm_eps": 1e-6, "rope_theta": 1e6,
    "tie_word_embeddings": false, "hidden_act": "silu"})"),
                            "test");
}

constexpr double kQkv = 256 * 64, kO = 64 * 128, kGateUp = 192 * 64, kDown = 64 * 96;
constexpr double kLayer = kQkv + kO + kGateUp + kDown;
constexpr double kHead = 320 * 64;
constexpr double kNorms = 5 * 64;
constexpr double kAttention = 4.0 * 4 * 32 * 2;  // 4 H D L

class BenchmarkCost : public ::testing::Test {
 protected:
  test::LoadedModel model_ = test::random_model(
      small_config(), {.threads = 1, .isa = Isa::kRef, .dtype = DType::kF32}, WeightFormat::kF32);
};

TEST_F(BenchmarkCost, DecodeReadsTheWeightsOnceForAllSequences) {
  const TokenCost c = decode_cost(*model_.network, 100, 10, 5, 4);
  EXPECT_EQ(c.product_ops, 2 * (2 * kLayer + kHead));
  EXPECT_EQ(c.attention_ops, kAttention * (11 + 12 + 13 + 14 + 15) / 5);
  EXPECT_EQ(c.weight_bytes, 4 * (2 * kLayer + kHead + kNorms) / 4);
  EXPECT_EQ(c.cache_bytes, 100 * (11 + 12 + 13 + 14 + 15) / 5);
  EXPECT_EQ(c.ops(), c.product_ops + c.attention_ops);
  EXPECT_EQ(c.ops_per_byte(), c.ops() / c.bytes());
}

TEST_F(BenchmarkCost, PrefillLeavesOutWhatOnlyTheLastTokenNeeds) {
  // Three passes of 4, 4 and 2 tokens.
  const TokenCost c = prefill_cost(*model_.network, 100, 10, 4);
  const double tail = kO + kGateUp + kDown + kHead, body = 2 * kLayer + kHead - tail;
  EXPECT_DOUBLE_EQ(c.product_ops, 2 * (body + tail / 10));
  EXPECT_DOUBLE_EQ(c.attention_ops, kAttention * 55 / 10);
  EXPECT_DOUBLE_EQ(c.weight_bytes,
                   4 * (3 * (body + 3 * 64) + tail + 2 * 64) / 10);  // norms go with their parts
  EXPECT_DOUBLE_EQ(c.cache_bytes, 100 * (4 + 8 + 10) / 10.0);
}

TEST_F(BenchmarkCost, NothingCostsNothing) {
  EXPECT_EQ(prefill_cost(*model_.network, 100, 0, 4).ops_per_byte(), 0);
  EXPECT_EQ(decode_cost(*model_.network, 100, 7, 0, 1).ops(), 0);
}

TEST_F(BenchmarkCost, MemoryHoldsTheEmbeddingToo) {
  EXPECT_EQ(weight_bytes(*model_.network), 4 * (2 * kLayer + 2 * kHead + kNorms));
}

}  // namespace
}  // namespace pangu
