// SPDX-License-Identifier: Apache-2.0
// A model as a Hugging Face folder and as a GGUF file: the same logits, bit for bit, and the same
// tensors after going there and back.
#include <gmock/gmock.h>

#include "models/config_shapes.h"
#include "models/model_files.h"
#include "pangu/tokenizer.h"
#include "runtime/convert.h"
#include "tests/support/model_fixture.h"
#include "tests/support/random_checkpoint.h"

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
  m.decoder = std::make_unique<Decoder>(
      load_decoder(files.config, *files.source, {.formats = formats}, *m.ctx));
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
