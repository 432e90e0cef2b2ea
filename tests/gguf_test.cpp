// SPDX-License-Identifier: Apache-2.0
// A model as a Hugging Face folder and as a GGUF file: the same logits, bit for bit, and the same
// tensors after going there and back.
#include <gmock/gmock.h>

#include "checkpoint/convert.h"
#include "models/config/config_shapes.h"
#include "models/model_files.h"
#include "pangu/tokenizer.h"
#include "tests/support/model_fixture.h"
#include "tests/support/random_checkpoint.h"
#include "tests/support/split_gguf.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using WF = WeightFormat;

ConvertReport convert(const fs::path& in, const fs::path& out, const WeightFormats& formats = {}) {
  ThreadPool threads(2);
  return convert_model(in, out, {.target = convert_target("", out), .formats = formats}, threads);
}

std::vector<float> logits(const fs::path& path, const WeightFormats& formats = {}) {
  test::LoadedModel m;
  m.ctx = std::make_unique<Context>(ContextOptions{.threads = 2, .dtype = DType::kF32});
  const ModelFiles files = ModelFiles::open(path);
  m.network = load_language_model(files.config, *files.source, {.formats = formats}, *m.ctx);
  const std::vector<TokenId> ids{1, 5, 77, 3, 130, 42};
  return test::Runner(m, std::ssize(ids)).feed(ids);
}

/// Every tensor of the first folder must be in the second, bit for bit.
void expect_same_tensors(const fs::path& a, const fs::path& b) {
  const Checkpoint before = Checkpoint::open(a), after = Checkpoint::open(b);
  EXPECT_EQ(before.names(), after.names());
  for (const auto& [name, tensor] : before.tensors()) {
    const TensorView* found = after.find(name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(found->dtype, tensor->dtype) << name;
    EXPECT_EQ(found->shape, tensor->shape) << name;
    EXPECT_TRUE(std::ranges::equal(found->data, tensor->data)) << name;
  }
}

class GgufModel : public testing::TestWithParam<const char*> {};

TEST_P(GgufModel, GoesThereAndBack) {
  PANGU_NEEDS_SHARED_DATA();
  const test::ScratchDir dir;
  const fs::path model = test::shared_dir() / "models" / GetParam();
  const fs::path file = dir / "m.gguf", folder = dir / "hf";
  const ConvertReport there = convert(model, file);
  EXPECT_THAT(there.notes, IsEmpty());
  EXPECT_EQ(there.parameters_in, there.parameters_out);
  EXPECT_EQ(logits(file), logits(model));

  const ConvertReport back = convert(file, folder);
  EXPECT_EQ(back.bytes_in, there.bytes_out);
  EXPECT_EQ(back.bytes_out, there.bytes_in);
  expect_same_tensors(model, folder);
  EXPECT_EQ(logits(folder), logits(model));
  ModelConfig was = read_model_config(model);
  ModelConfig is = read_model_config(folder);
  was.dtype = is.dtype = DType::kF32;
  EXPECT_EQ(to_json(is), to_json(was));
  EXPECT_EQ(load_tokenizer(folder)->encode("Once upon a time\n"),
            load_tokenizer(model)->encode("Once upon a time\n"));

  // Other float types round once, wherever that happens.
  convert(model, dir / "half.gguf", {.layers = WF::kF16});
  EXPECT_EQ(logits(dir / "half.gguf"), logits(model, {.layers = WF::kF16}));
}

INSTANTIATE_TEST_SUITE_P(Shared, GgufModel,
                         testing::Values("stories260K", "pangu-embedded-tiny",
                                         "pangu-embedded-tiny-untied"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(Gguf, AnyPartOfASplitModelIsTheModel) {
  PANGU_NEEDS_SHARED_DATA();
  const test::ScratchDir dir;
  const fs::path model = test::shared_dir() / "models/stories260K";
  convert(model, dir / "m.gguf");
  fs::create_directories(dir / "split");
  const auto parts = test::split_gguf(dir / "m.gguf", dir / "split", "stories", 3);
  const auto want = logits(model);
  const auto ids = load_tokenizer(model)->encode("Once upon a time");
  for (const fs::path& part : parts) {
    EXPECT_EQ(logits(part), want) << part;
    EXPECT_EQ(load_tokenizer(part)->encode("Once upon a time"), ids) << part;
  }
  EXPECT_EQ(logits(dir / "split"), want) << "one model in the folder, whatever its number of files";
  EXPECT_EQ(load_tokenizer(dir / "split")->encode("Once upon a time"), ids);
  // Written anew it is one file, which does not claim to be a part.
  convert(parts[1], dir / "joined.gguf");
  EXPECT_EQ(logits(dir / "joined.gguf"), want);
  const GgufFile joined(dir / "joined.gguf");
  EXPECT_FALSE(joined.metadata().contains("split.count"));
  EXPECT_EQ(joined.tensors().size(), GgufFile(parts[0]).tensors().size());

  fs::copy_file(dir / "m.gguf", dir / "split/other.gguf");
  PANGU_EXPECT_ERROR(ModelFiles::open(dir / "split"), FileError, "2 GGUF models", "other.gguf",
                     "stories-00001-of-00003.gguf", "Name one");
  PANGU_EXPECT_ERROR(load_tokenizer(dir / "split"), FileError, "other.gguf",
                     "stories-00001-of-00003.gguf");
  fs::remove(dir / "split/other.gguf");
  fs::remove(parts[1]);
  PANGU_EXPECT_ERROR(ModelFiles::open(parts[2]), FileError, "stories-00002-of-00003.gguf",
                     "missing");
}

/// Repositories of GGUF files often have the config.json of the original.
TEST(Gguf, AConfigBesideTheOnlyFileIsNoFolderOfWeights) {
  PANGU_NEEDS_SHARED_DATA();
  const test::ScratchDir dir;
  const fs::path model = test::shared_dir() / "models/stories260K";
  convert(model, dir / "m.gguf");
  test::write_file(dir / "config.json", R"({"model_type": "llama"})");
  EXPECT_EQ(ModelFiles::open(dir.path()).path, dir / "m.gguf");
}

TEST(Gguf, UnsupportedTypesAreNamedAllAtOnce) {
  const test::ScratchDir dir;
  const auto write = [&](const char* architecture) {
    GgufKeys keys;
    keys.put_string("general.architecture", architecture);
    std::vector<GgufEntry> entries;
    const auto add = [&](const char* name, std::vector<std::uint64_t> dims, std::uint32_t type) {
      entries.push_back({.name = name, .dims = std::move(dims), .type = type});
      const std::vector<std::byte> zeros(entries.back().bytes());
      entries.back().produce = [zeros](const ByteSink& sink) { sink(zeros); };
    };
    add("blk.0.ffn_up.weight", {256, 2}, 13);  // q5_k
    add("blk.0.ffn_down.weight", {256, 2}, 13);
    add("blk.0.ffn_gate.weight", {256, 2}, 11);  // q3_k
    add("blk.0.attn_k.weight", {256, 2}, 12);    // q4_k, which is known
    add("blk.0.attn_q.weight", {64, 2}, 200);    // q4_0_64 without its key
    add("blk.0.attn_norm.weight", {32}, 8);      // a vector in q8_0
    write_gguf(dir / "m.gguf", keys, entries);
  };
  write("llama");
  PANGU_EXPECT_ERROR(ModelFiles::open(dir / "m.gguf"), Unsupported,
                     "q5_k (2 tensors, blk.0.ffn_up.weight for one)", "q3_k (1 tensor",
                     "q4_0_64 (1 tensor", "q8_0 (1 tensor, blk.0.attn_norm.weight", "q6_k");
  // A number that nobody knows is given as it is.
  std::string bytes = test::read_file(dir / "m.gguf");
  const std::size_t name = bytes.find("blk.0.ffn_gate.weight");
  bytes[name + std::string("blk.0.ffn_gate.weight").size() + 4 + 16] = 99;
  test::write_file(dir / "m.gguf", bytes);
  PANGU_EXPECT_ERROR(ModelFiles::open(dir / "m.gguf"), Unsupported, "the unknown type 99 (1 tensor",
                     "q5_k (2 tensors");
  // That the model itself is unknown comes first.
  write("gemma");
  PANGU_EXPECT_ERROR(ModelFiles::open(dir / "m.gguf"), Unsupported, "'gemma'");
}

/// A random model of odd sizes with what the architecture departs in.
ModelConfig odd_model(std::string_view shape) {
  ModelConfig c = test::odd_config();
  const ModelConfig named = *named_shape(shape);
  c.architecture = named.architecture;
  c.model_type = named.model_type;
  c.qkv_bias = named.qkv_bias;
  c.o_bias = named.o_bias;
  return c;
}

TEST(Gguf, EveryArchitectureKeepsItsBits) {
  for (const char* shape : {"openpangu-embedded-7b", "tinyllama-1.1b", "qwen2.5-7b", "qwen3-8b"}) {
    SCOPED_TRACE(shape);
    const test::ScratchDir dir;
    ModelConfig c = odd_model(shape);
    if (c.model_type == "llama") {
      c.qkv_bias = c.o_bias = true;  // biases of q and k have the order of their rows
      c.rope.type = RopeConfig::Type::kLlama3;
      c.rope.factor = 8, c.rope.high_freq_factor = 4;
      c.rope.original_max_position_embeddings = 64;
    }
    test::write_random_checkpoint(dir / "in", c, DType::kBF16);
    const ConvertReport report = convert(dir / "in", dir / "m.gguf");
    EXPECT_THAT(report.notes, Contains(HasSubstr("differ in width")));
    EXPECT_THAT(report.notes, Contains(HasSubstr("no tokenizer")));
    EXPECT_EQ(report.parameters_out, report.parameters_in);
    EXPECT_EQ(logits(dir / "m.gguf"), logits(dir / "in"));
    convert(dir / "m.gguf", dir / "out");
    EXPECT_EQ(logits(dir / "out"), logits(dir / "in"));
    EXPECT_EQ(to_json(read_model_config(dir / "out")), to_json(read_model_config(dir / "in")));
    // A file written again is the same but for what it says of itself.
    convert(dir / "m.gguf", dir / "again.gguf");
    EXPECT_EQ(logits(dir / "again.gguf"), logits(dir / "in"));
  }
}

TEST(Gguf, QuantizedFilesGiveTheBitsOfQuantizingInMemory) {
  const test::ScratchDir dir;
  ModelConfig c = odd_model("tinyllama-1.1b");
  c.hidden_size = 256;
  c.intermediate_size = {512, 512};
  c.tie_word_embeddings = true;
  test::write_random_checkpoint(dir / "in", c, DType::kBF16);
  for (const WF format : {WF::kQ8_0, WF::kQ4_0, WF::kQ4_0_64, WF::kQ4_K, WF::kQ6_K}) {
    SCOPED_TRACE(name(format));
    const fs::path file = dir / "m.gguf", folder = dir / std::string(name(format));
    const ConvertReport report = convert(dir / "in", file, {.layers = format});
    const auto in_memory = logits(dir / "in", {.layers = format});
    EXPECT_EQ(logits(file), in_memory);
    EXPECT_LT(report.bytes_out, report.bytes_in * 7 / 10);
    // The blocks stay what they are where they are asked for, and are decoded where they are not.
    convert(file, folder, {.layers = format});
    EXPECT_EQ(logits(folder), in_memory);
    fs::remove_all(folder);
    convert(file, folder);
    EXPECT_EQ(read_model_config(folder).quantization, std::nullopt);
    EXPECT_LT(test::relative_error(logits(folder), in_memory), 0.02);
  }
}

TEST(Gguf, PartsInOtherFormatsAreTwo) {
  const test::ScratchDir dir;
  ModelConfig c = odd_model("qwen3-8b");
  c.tie_word_embeddings = true;
  test::write_random_checkpoint(dir / "in", c, DType::kBF16);
  const WeightFormats formats{.layers = WF::kQ8_0, .head = WF::kF16};
  const ConvertReport report = convert(dir / "in", dir / "m.gguf", formats);
  EXPECT_THAT(report.notes, Contains(HasSubstr("Embedding and output head were one")));
  EXPECT_THAT(report.notes, Contains(HasSubstr("rows of 66 weights are f16 in place of q8_0")));
  EXPECT_EQ(report.parameters_out, report.parameters_in + c.vocab_size * c.hidden_size);
  EXPECT_EQ(logits(dir / "m.gguf"), logits(dir / "in", formats));
}

TEST(Gguf, AStoredHeadThatDiffersIsKeptUnderATiedConfig) {
  const test::ScratchDir dir;
  test::write_random_checkpoint(dir / "in", odd_model("qwen3-8b"), DType::kBF16);
  const auto want = logits(dir / "in");
  test::set_config_json(dir / "in", "tie_word_embeddings", true);
  EXPECT_EQ(logits(dir / "in"), want);
  const ConvertReport report = convert(dir / "in", dir / "m.gguf");
  EXPECT_THAT(report.notes, Contains(HasSubstr("lm_head.weight is stored and differs")));
  EXPECT_EQ(logits(dir / "m.gguf"), want);

  // One that only repeats the embedding is no matrix of its own.
  test::repeat_embedding_as_head(dir / "in");
  const ConvertReport repeated = convert(dir / "in", dir / "repeated.gguf");
  EXPECT_THAT(repeated.notes, testing::Not(Contains(HasSubstr("lm_head"))));
  EXPECT_EQ(repeated.parameters_out,
            report.parameters_out - std::int64_t{131} * test::odd_config().hidden_size);
}

TEST(Gguf, PanguWithoutOutputBiasesGetsZeros) {
  const test::ScratchDir dir;
  ModelConfig c = odd_model("openpangu-embedded-1b");
  c.o_bias = false;
  test::write_random_checkpoint(dir / "in", c, DType::kF32);
  const ConvertReport report = convert(dir / "in", dir / "m.gguf");
  EXPECT_THAT(report.notes, Contains(HasSubstr("biases of zero")));
  EXPECT_EQ(logits(dir / "m.gguf"), logits(dir / "in"));
}

TEST(Gguf, WeightsMustBeNumbers) {
  const test::ScratchDir dir;
  test::write_random_checkpoint(dir / "in", odd_model("tinyllama-1.1b"), DType::kF32);
  convert(dir / "in", dir / "good.gguf");
  test::spoil_f32(dir / "in", "model.layers.1.post_attention_layernorm.weight", 7);
  PANGU_EXPECT_ERROR(convert(dir / "in", dir / "m.gguf"), InputError,
                     "model.layers.1.post_attention_layernorm.weight", "element 7 is nan");
  PANGU_EXPECT_ERROR(logits(dir / "in"), InputError, "post_attention_layernorm", "element 7");
  EXPECT_FALSE(fs::exists(dir / "m.gguf"));
  // And in a file: NaN in place of the first weight of the last norm.
  std::string bytes = test::read_file(dir / "good.gguf");
  const GgufFile file(dir / "good.gguf");
  const auto place = file.find("output_norm.weight")->data.data() - file.files()[0].data();
  bytes.replace(static_cast<std::size_t>(place), 4, "\0\0\xC0\x7F", 4);
  test::write_file(dir / "bad.gguf", bytes);
  PANGU_EXPECT_ERROR(convert(dir / "bad.gguf", dir / "out"), InputError, "model.norm.weight",
                     "element 0 is nan");
  EXPECT_FALSE(fs::exists(dir / "out"));
}

TEST(Gguf, RefusesWhatItCannotHold) {
  const test::ScratchDir dir;
  test::write_random_checkpoint(dir / "in", odd_model("qwen3-8b"), DType::kBF16);
  PANGU_EXPECT_ERROR(convert(dir / "in", dir / "m.gguf", {.layers = WF::kW8A16}), ConfigError,
                     "no type for w8a16", "q4_k");
  PANGU_EXPECT_ERROR(convert(dir / "in", dir / "out"), InputError, "pangu quantize");
  PANGU_EXPECT_ERROR(convert_target("onnx", "m"), ConfigError, "'onnx'");
  convert(dir / "in", dir / "m.gguf");
  convert(dir / "m.gguf", dir / "w8", {.layers = WF::kW8A16});
  EXPECT_EQ(read_model_config(dir / "w8").quantization->format, WF::kW8A16);
  PANGU_EXPECT_ERROR(convert(dir / "w8", dir / "again.gguf"), ConfigError, "is stored as w8a16",
                     "--format");
  convert(dir / "w8", dir / "again.gguf", {.layers = WF::kQ8_0});
  PANGU_EXPECT_ERROR(convert(dir / "m.gguf", dir / "w8"), FileError, "not empty");
  EXPECT_FALSE(fs::exists(dir / "out"));
}

}  // namespace
}  // namespace pangu
