// SPDX-License-Identifier: Apache-2.0
// Loading: what a checkpoint may have, what it must have, and what is said when it does not.
#include "models/weights/load.h"

#include <cstring>
#include <limits>

#include "devices/cpu/cpu_device.h"
#include "io/safetensors.h"
#include "models/config/config_shapes.h"
#include "tests/support/heard_remarks.h"
#include "tests/support/support.h"
#include "tests/support/tensors.h"

namespace pangu {
namespace {

ModelConfig tiny(std::string_view architecture) {
  ModelConfig c = *named_shape("openpangu-embedded-1b");
  c.architecture = architecture;
  c.hidden_size = 8, c.n_layers = 2, c.n_heads = 2, c.n_kv_heads = 1, c.head_dim = 4;
  c.intermediate_size = {6, 10};
  c.vocab_size = 11;
  c.qkv_bias = c.o_bias = c.mlp_bias = false;
  c.tie_word_embeddings = false;
  return c;
}

/// A checkpoint on disk whose tensors can be added, dropped and changed by name.
class Folder {
 public:
  explicit Folder(const ModelConfig& c) : config(c) {
    const int64_t E = c.hidden_size, D = c.head_dim;
    set("model.embed_tokens.weight", {c.vocab_size, E});
    set("lm_head.weight", {c.vocab_size, E});
    set("model.norm.weight", {E});
    for (int64_t l = 0; l < c.n_layers; ++l) {
      const std::string p = "model.layers." + std::to_string(l) + ".";
      const int64_t F = c.intermediate_size[size_t(l)];
      set(p + "input_layernorm.weight", {E});
      set(p + "post_attention_layernorm.weight", {E});
      set(p + "self_attn.q_proj.weight", {c.n_heads * D, E});
      set(p + "self_attn.k_proj.weight", {c.n_kv_heads * D, E});
      set(p + "self_attn.v_proj.weight", {c.n_kv_heads * D, E});
      set(p + "self_attn.o_proj.weight", {E, c.n_heads * D});
      set(p + "mlp.gate_proj.weight", {F, E});
      set(p + "mlp.up_proj.weight", {F, E});
      set(p + "mlp.down_proj.weight", {E, F});
      if (c.row().has_qk_norm) {
        set(p + "self_attn.q_norm.weight", {D});
        set(p + "self_attn.k_norm.weight", {D});
      }
    }
  }

  void set(const std::string& name, std::vector<int64_t> shape, DType dtype = DType::kF32) {
    tensors[name] = {std::move(shape), dtype};
  }

  std::unique_ptr<LanguageModel> load(LoadWeightsOptions options = {}) {
    std::vector<std::vector<std::byte>> data;
    std::vector<SafetensorsEntry> entries;
    for (const auto& [name, t] : tensors) {
      int64_t n = 1;
      for (const int64_t d : t.first) n *= d;
      data.emplace_back(static_cast<std::size_t>(n) * size_bytes(t.second));
      if (t.second == DType::kF32) {
        for (int64_t i = 0; i < n; ++i) {
          const auto other = same_values.find(name);
          const std::string& seed = other == same_values.end() ? name : other->second;
          const float x = 0.01f * float(std::hash<std::string>{}(seed) % 97) + 0.001f * float(i);
          std::memcpy(data.back().data() + i * 4, &x, 4);
        }
        constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
        if (name == not_a_number) std::memcpy(data.back().data(), &kNan, 4);
      }
    }
    std::size_t i = 0;
    for (const auto& [name, t] : tensors) {
      entries.push_back({.name = name, .dtype = t.second, .shape = t.first, .data = data[i++]});
    }
    write_safetensors(scratch / "model.safetensors", entries);
    const Checkpoint checkpoint = Checkpoint::open(scratch.path());
    const auto source = checkpoint_source(checkpoint, config.quantization);
    return load_language_model(config, *source, options, ctx);
  }

  ModelConfig config;
  std::map<std::string, std::pair<std::vector<int64_t>, DType>> tensors;
  std::map<std::string, std::string> same_values;  ///< of another tensor, by name
  std::string not_a_number;                        ///< the tensor whose first element is NaN
  test::ScratchDir scratch;
  Context ctx{{.threads = 1, .isa = default_isa(), .dtype = DType::kF32}};
};

TEST(DecoderLoad, EveryArchitectureLoads) {
  for (const Architecture& a : architectures()) {
    Folder folder(tiny(a.name));
    const auto d = folder.load();
    const std::vector<WeightUse> weights = d->weights();
    const auto norms =
        std::ranges::count_if(weights, [](const WeightUse& w) { return w.vector && w.layer == 0; });
    EXPECT_EQ(norms, a.has_qk_norm ? 4 : 2) << a.name;
    EXPECT_EQ(weights[weights.size() - 2].vector->count(), 8) << "the final norm";
    EXPECT_EQ(d->product(1, TensorInput::kNeurons).n_in(), 10) << "layers may differ in width";
    EXPECT_FALSE(d->product(0, TensorInput::kAttentionNorm).bias.defined());
    PANGU_EXPECT_ERROR(d->product(2, TensorInput::kHeads), Unsupported, "layer 2");
    EXPECT_FALSE(d->config().tie_word_embeddings);
  }
}

TEST(DecoderLoad, BiasesAreTakenWhereverTheCheckpointHasThem) {
  Folder folder(tiny("LlamaForCausalLM"));
  folder.set("model.layers.0.self_attn.k_proj.bias", {4});
  folder.set("model.layers.1.mlp.down_proj.bias", {8});
  const auto d = folder.load();
  const Tensor bias = d->product(0, TensorInput::kAttentionNorm).bias;
  ASSERT_EQ(bias.shape(), (Shape{16}));
  const std::vector<float> biases = test::values_of(bias);
  for (int64_t i = 0; i < 16; ++i) {
    const bool is_key = i >= 8 && i < 12;
    EXPECT_EQ(biases[size_t(i)] != 0.0f, is_key) << "query and value biases are absent: " << i;
  }
  EXPECT_FALSE(d->product(1, TensorInput::kAttentionNorm).bias.defined());
  EXPECT_TRUE(d->product(1, TensorInput::kNeurons).bias.defined());
}

TEST(DecoderLoad, FusedPartsKeepTheirRowsAndExactValues) {
  Folder folder(tiny("LlamaForCausalLM"));
  const auto d = folder.load();
  const PackedMatrix& qkv = d->product(0, TensorInput::kAttentionNorm).parts.front();
  EXPECT_EQ(qkv.format(), WeightFormat::kF32);
  std::vector<float> row(8);
  qkv.unpack_row(8, row.data());  // the first key
  const std::string name = "model.layers.0.self_attn.k_proj.weight";
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(row[size_t(i)],
              0.01f * float(std::hash<std::string>{}(name) % 97) + 0.001f * float(i));
  }
}

TEST(DecoderLoad, AMissingHeadIsTheEmbedding) {
  Folder folder(tiny("PanguEmbeddedForCausalLM"));
  folder.tensors.erase("lm_head.weight");
  EXPECT_TRUE(folder.load()->config().tie_word_embeddings);
}

TEST(DecoderLoad, AStoredHeadIsTheHeadWhateverTheConfigSays) {
  Folder folder(tiny("PanguEmbeddedForCausalLM"));
  folder.config.tie_word_embeddings = true;
  const auto head_row = [](const LanguageModel& d) {
    std::vector<float> row(8);
    d.head().parts.front().unpack_row(3, row.data());
    return row;
  };
  std::vector<float> stored;
  {
    const test::HeardRemarks remarks;
    const auto d = folder.load();
    stored = head_row(*d);
    EXPECT_FALSE(d->config().tie_word_embeddings);
    EXPECT_NE(d->embedding().buffer(), d->head().parts.front().buffer());
    EXPECT_NE(remarks.text().find("lm_head.weight is stored and differs"), std::string::npos);
  }
  folder.config.tie_word_embeddings = false;
  const test::HeardRemarks remarks;
  EXPECT_EQ(head_row(*folder.load()), stored);
  EXPECT_EQ(remarks.text(), "");
}

TEST(DecoderLoad, AHeadThatRepeatsATiedEmbeddingIsLeftOut) {
  Folder folder(tiny("PanguEmbeddedForCausalLM"));
  folder.config.tie_word_embeddings = true;
  folder.same_values["lm_head.weight"] = "model.embed_tokens.weight";
  const test::HeardRemarks remarks;
  const auto d = folder.load();
  EXPECT_TRUE(d->config().tie_word_embeddings);
  EXPECT_EQ(d->embedding().buffer(), d->head().parts.front().buffer())
      << "one table serves as both";
  EXPECT_EQ(remarks.text(), "");
}

TEST(DecoderLoad, AHeadThatIsMissingWithoutBeingTiedIsSaid) {
  Folder folder(tiny("PanguEmbeddedForCausalLM"));
  folder.tensors.erase("lm_head.weight");
  const test::HeardRemarks remarks;
  folder.load();
  EXPECT_NE(remarks.text().find("there is no lm_head.weight"), std::string::npos);
}

TEST(DecoderLoad, FrequenciesInTheCheckpointAreIgnored) {
  Folder folder(tiny("PanguEmbeddedForCausalLM"));
  folder.set("model.layers.0.self_attn.rotary_emb.inv_freq", {2});
  folder.load();
}

TEST(DecoderLoad, MissingTensorsAreNamed) {
  Folder folder(tiny("LlamaForCausalLM"));
  folder.tensors.erase("model.layers.1.mlp.up_proj.weight");
  PANGU_EXPECT_ERROR(folder.load(), FileError, "model.layers.1.mlp.up_proj.weight");
}

TEST(DecoderLoad, ShapesUnlikeTheConfigAreNamedWithBoth) {
  Folder folder(tiny("LlamaForCausalLM"));
  folder.set("model.layers.0.self_attn.o_proj.weight", {8, 9});
  PANGU_EXPECT_ERROR(folder.load(), ShapeError, "o_proj.weight", "[8, 9]", "[8, 8]");
}

TEST(DecoderLoad, IntegersAreNoWeights) {
  Folder folder(tiny("LlamaForCausalLM"));
  folder.set("model.layers.0.mlp.down_proj.weight", {8, 6}, DType::kI8);
  PANGU_EXPECT_ERROR(folder.load(), Unsupported, "down_proj.weight", "i8", "f32, f16 and bf16");
}

TEST(DecoderLoad, TensorsWithoutAPlaceAreRefused) {
  Folder folder(tiny("LlamaForCausalLM"));
  folder.set("model.layers.0.self_attn.q_norm.weight", {4});
  PANGU_EXPECT_ERROR(folder.load(), Unsupported, "q_norm.weight", "LlamaForCausalLM");
  Folder deeper(tiny("LlamaForCausalLM"));
  deeper.config.n_layers = 1;
  deeper.config.intermediate_size = {6};
  PANGU_EXPECT_ERROR(deeper.load(), Unsupported, "9 tensors", "model.layers.1.",
                     "number of layers");
}

TEST(DecoderLoad, AFormatCanBeAskedForAndProgressIsToldInOrder) {
  Folder folder(tiny("LlamaForCausalLM"));
  int64_t last = 0, total = 0;
  const auto d = folder.load({.formats = {.layers = WeightFormat::kBF16},
                              .progress = [&](std::string_view, int64_t done, int64_t all) {
                                EXPECT_GE(done, last);
                                last = done, total = all;
                              }});
  EXPECT_EQ(d->head().parts.front().format(), WeightFormat::kBF16);
  EXPECT_GT(total, 0);
  EXPECT_EQ(last, total);
}

TEST(DecoderLoad, NormsAndBiasesMustBeNumbers) {
  for (const char* name : {"model.norm.weight", "model.layers.1.input_layernorm.weight",
                           "model.layers.0.self_attn.q_proj.bias"}) {
    Folder folder(tiny("LlamaForCausalLM"));
    folder.set(name, {8});
    folder.not_a_number = name;
    PANGU_EXPECT_ERROR(folder.load(), InputError, name, "element 0 is nan");
  }
}

TEST(DecoderForward, IdsOutsideTheVocabularyAreRefused) {
  Folder folder(tiny("LlamaForCausalLM"));
  const auto d = folder.load();
  KvStorage storage(d->kv_shape(KvFormat::kF32), 1, folder.ctx.shared_device());
  const Batch batch{.tokens = {11},
                    .positions = {0},
                    .sequences = {{0, 1, 0, 0}},
                    .page_table = {0},
                    .logit_rows = {0}};
  PANGU_EXPECT_ERROR(d->forward(batch, storage, folder.ctx), InputError, "id 11", "0 to 10");
}

TEST(DecoderForward, HiddenStatesAreWhatTheHeadReads) {
  Folder folder(tiny("LlamaForCausalLM"));
  const auto d = folder.load();
  KvStorage storage(d->kv_shape(KvFormat::kF32), 1, folder.ctx.shared_device());
  const Batch batch{.tokens = {3, 1, 7},
                    .positions = {0, 1, 2},
                    .sequences = {{0, 3, 0, 0}},
                    .page_table = {0},
                    .logit_rows = {1, 2}};
  Tensor hidden;
  const Tensor logits = d->forward(batch, storage, folder.ctx, {.hidden = &hidden});
  ASSERT_EQ(hidden.shape(), (Shape{2, 8}));
  const Tensor again = ops::linear(hidden, d->head(), folder.ctx);
  EXPECT_EQ(test::values_of(logits), test::values_of(again));
}

}  // namespace
}  // namespace pangu
