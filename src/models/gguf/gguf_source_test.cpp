// SPDX-License-Identifier: Apache-2.0
// Names, row orders and formats of GGUF tensors as a model sees them.
#include "models/gguf/gguf_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <numeric>

#include "io/gguf_write.h"
#include "models/gguf/gguf_layout.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST(GgufLayout, NamesGoBothWays) {
  const ModelConfig config = *named_shape("qwen3-0.6b");
  for (const auto& [hf, gguf] : std::vector<std::pair<std::string, std::string>>{
           {"model.embed_tokens.weight", "token_embd.weight"},
           {"model.norm.weight", "output_norm.weight"},
           {"lm_head.weight", "output.weight"},
           {"model.layers.0.input_layernorm.weight", "blk.0.attn_norm.weight"},
           {"model.layers.12.self_attn.k_proj.bias", "blk.12.attn_k.bias"},
           {"model.layers.3.self_attn.o_proj.weight", "blk.3.attn_output.weight"},
           {"model.layers.3.self_attn.q_norm.weight", "blk.3.attn_q_norm.weight"},
           {"model.layers.3.post_attention_layernorm.weight", "blk.3.ffn_norm.weight"},
           {"model.layers.3.mlp.down_proj.weight", "blk.3.ffn_down.weight"}}) {
    EXPECT_EQ(gguf_tensor_name(config, find_tensor(config, hf).value()), gguf);
    EXPECT_EQ(hf_tensor_name(config, gguf), hf);
  }
  for (const char* other :
       {"blk.0.ffn_gate_inp.weight", "blk.x.attn_q.weight", "blk..attn_q.weight", "blk.1",
        "output.scale", "rope_freqs.weight", "", "token_embd"}) {
    EXPECT_EQ(hf_tensor_name(config, other), std::nullopt) << other;
  }
}

TEST(GgufLayout, RowOrdersAreInverse) {
  // One head of 6: pairs (0, 3), (1, 4), (2, 5) lie beside each other.
  EXPECT_THAT(split_places(6, 6), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(interleaved_places(6, 6), ElementsAre(0, 2, 4, 1, 3, 5));
  const auto there = interleaved_places(40, 10), back = split_places(40, 10);
  for (std::size_t i = 0; i < there.size(); ++i) {
    EXPECT_EQ(back[static_cast<std::size_t>(there[i])], static_cast<std::int32_t>(i));
    EXPECT_EQ(there[i] / 10, static_cast<std::int32_t>(i) / 10);  // heads stay together
  }
}

/// 2 heads of 4, 1 of keys and values, width 3.
ModelConfig tiny() {
  ModelConfig c;
  c.architecture = "LlamaForCausalLM";
  c.n_layers = 2;
  c.head_dim = 4;
  c.n_heads = 2;
  c.n_kv_heads = 1;
  c.hidden_size = 3;
  c.intermediate_size = {3, 3};
  return c;
}

class GgufSourceTest : public testing::Test {
 protected:
  /// A tensor of f32 whose element i is first + i.
  void add(const std::string& name, std::vector<std::uint64_t> dims, float first = 0) {
    GgufEntry entry{.name = name, .dims = std::move(dims)};
    values_.emplace_back(entry.bytes() / sizeof(float));
    std::iota(values_.back().begin(), values_.back().end(), first);
    entry.data = std::as_bytes(std::span(values_.back()));
    entries_.push_back(std::move(entry));
  }
  void add_zeros(const std::string& name, std::vector<std::uint64_t> dims, std::uint32_t type) {
    GgufEntry entry{.name = name, .dims = std::move(dims), .type = type};
    values_.emplace_back(entry.bytes() / sizeof(float) + 1);
    entry.data = std::as_bytes(std::span(values_.back())).first(entry.bytes());
    entries_.push_back(std::move(entry));
  }
  WeightSource& source(const std::string& architecture) {
    keys_.put_string("general.architecture", architecture);
    write_gguf(dir_ / "m.gguf", keys_, entries_);
    file_.emplace(dir_ / "m.gguf");
    source_ = gguf_source(*file_, tiny());
    return *source_;
  }

  GgufKeys keys_;

 private:
  test::ScratchDir dir_;
  std::list<std::vector<float>> values_;
  std::vector<GgufEntry> entries_;
  std::optional<GgufFile> file_;
  std::unique_ptr<WeightSource> source_;
};

/// First element of every row.
std::vector<float> firsts(const StoredMatrix& m) {
  std::vector<float> out, row(static_cast<std::size_t>(m.k));
  for (int64_t i = 0; i < m.rows; ++i) {
    decode_row(m.row(i), m.k, row.data());
    out.push_back(row.front());
  }
  return out;
}

TEST_F(GgufSourceTest, RowsOfLlamaAreSplitAgain) {
  add("blk.0.attn_q.weight", {3, 8});
  add("blk.0.attn_q.bias", {8});
  add("blk.0.attn_v.weight", {3, 4});
  WeightSource& s = source("llama");
  const std::string layer = "model.layers.0.self_attn.";
  EXPECT_THAT(firsts(s.matrix(layer + "q_proj.weight", 8, 3)),
              ElementsAre(0, 6, 3, 9, 12, 18, 15, 21));
  EXPECT_THAT(s.vector(layer + "q_proj.bias", 8), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
  EXPECT_THAT(firsts(s.matrix(layer + "v_proj.weight", 4, 3)), ElementsAre(0, 3, 6, 9));
  EXPECT_TRUE(s.has(layer + "q_proj.bias"));
  EXPECT_FALSE(s.has(layer + "k_proj.weight"));
  EXPECT_THAT(s.names(), UnorderedElementsAre(layer + "q_proj.weight", layer + "q_proj.bias",
                                              layer + "v_proj.weight"));
}

TEST_F(GgufSourceTest, FusedTensorsAreThreeParts) {
  add("blk.1.attn_qkv.weight", {3, 16});
  add("blk.1.attn_qkv.bias", {16});
  add("blk.1.unheard_of.weight", {1});
  WeightSource& s = source("qwen2");
  const std::string layer = "model.layers.1.self_attn.";
  EXPECT_THAT(firsts(s.matrix(layer + "q_proj.weight", 8, 3)),
              ElementsAre(0, 3, 6, 9, 12, 15, 18, 21));
  EXPECT_THAT(firsts(s.matrix(layer + "k_proj.weight", 4, 3)), ElementsAre(24, 27, 30, 33));
  EXPECT_THAT(firsts(s.matrix(layer + "v_proj.weight", 4, 3)), ElementsAre(36, 39, 42, 45));
  EXPECT_THAT(s.vector(layer + "v_proj.bias", 4), ElementsAre(12, 13, 14, 15));
  EXPECT_THAT(s.names(), UnorderedElementsAre(layer + "q_proj.weight", layer + "k_proj.weight",
                                              layer + "v_proj.weight", layer + "q_proj.bias",
                                              layer + "k_proj.bias", layer + "v_proj.bias",
                                              "blk.1.unheard_of.weight"));
}

TEST_F(GgufSourceTest, RefusesByTheFilesOwnNames) {
  add("output_norm.weight", {3});
  add_zeros("blk.0.ffn_up.weight", {32, 2}, 6);
  add_zeros("blk.0.ffn_gate.weight", {64, 2}, 200);
  add_zeros("blk.0.attn_norm.weight", {32}, 8);
  WeightSource& s = source("qwen2");
  PANGU_EXPECT_ERROR(s.matrix("lm_head.weight", 5, 3), FileError, "m.gguf",
                     "no tensor output.weight");
  PANGU_EXPECT_ERROR(s.vector("model.norm.weight", 4), ShapeError, "output_norm.weight", "[3]",
                     "[4]");
  PANGU_EXPECT_ERROR(s.matrix("model.layers.0.mlp.up_proj.weight", 2, 32), Unsupported,
                     "blk.0.ffn_up.weight has type q5_0", "q8_0, q4_0");
  PANGU_EXPECT_ERROR(s.matrix("model.layers.0.mlp.gate_proj.weight", 2, 64), Unsupported, "q4_0_64",
                     "offset8");
  PANGU_EXPECT_ERROR(s.vector("model.layers.0.input_layernorm.weight", 32), Unsupported, "q8_0",
                     "vectors");
}

TEST_F(GgufSourceTest, ReadsTheKnownEncodingOfQ4_0_64) {
  add_zeros("blk.0.ffn_gate.weight", {64, 2}, 200);
  keys_.put_string(kQ4_0_64EncodingKey, kQ4_0_64Encoding);
  const auto m = source("qwen2").matrix("model.layers.0.mlp.gate_proj.weight", 2, 64);
  EXPECT_EQ(m.format, WeightFormat::kQ4_0_64);
}

}  // namespace
}  // namespace pangu
