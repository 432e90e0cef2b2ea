// SPDX-License-Identifier: Apache-2.0
// Quantized folders: they load as the same numbers that the original loads as in that format, and
// keep everything else.
#include "checkpoint/quantize.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "models/parameter_count.h"
#include "models/weights/load.h"
#include "tests/support/random_checkpoint.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::unique_ptr<LanguageModel> load(const fs::path& folder, const WeightFormats& formats,
                                    Context& ctx) {
  const Checkpoint checkpoint = Checkpoint::open(folder);
  const ModelConfig config = read_model_config(folder);
  const auto source = checkpoint_source(checkpoint, config.quantization);
  return load_language_model(config, *source, {.formats = formats, .progress = {}}, ctx);
}

/// Every packed matrix: format, sizes and bytes, embedding and head by what they are read as.
std::vector<std::string> packed(const LanguageModel& d) {
  std::vector<std::string> out;
  const auto add = [&](const PackedMatrix& m) {
    std::string bytes(m.bytes(), '\0');
    m.buffer()->memory().copy_to_host(bytes.data(), m.buffer()->address(), m.bytes());
    out.push_back(fmt::format("{} {}x{} ", name(m.format()), m.rows(), m.k()) + bytes);
  };
  const auto add_linear = [&](const Linear& linear) {
    for (const PackedMatrix& m : linear.parts) add(m);
  };
  add(d.embedding());
  add_linear(d.head());
  for (const WeightUse& w : d.weights()) {
    if (w.product && w.layer != kNoLayer) add_linear(*w.product);
  }
  return out;
}

class Quantize : public testing::Test {
 protected:
  fs::path checkpoint(const ModelConfig& config, DType dtype = DType::kBF16) {
    test::write_random_checkpoint(scratch_ / "in", config, dtype);
    return scratch_ / "in";
  }
  fs::path tied_checkpoint() {
    ModelConfig config = test::odd_config();
    config.tie_word_embeddings = true;
    return checkpoint(config);
  }

  QuantizeReport quantize(const fs::path& in, const fs::path& out, const WeightFormats& formats,
                          const ProgressFn& progress = {}) {
    return quantize_checkpoint(in, out, {.formats = formats, .command = {}, .progress = progress},
                               ctx_.threads());
  }

  /// Quantizes into a folder and expects it to load as the original does in these formats.
  QuantizeReport expect_same(const fs::path& in, const WeightFormats& formats) {
    const fs::path out = scratch_ / "out";
    fs::remove_all(out);
    QuantizeReport report = quantize(in, out, formats);
    EXPECT_TRUE(packed(*load(out, {}, ctx_)) == packed(*load(in, formats, ctx_)));
    return report;
  }

  std::ptrdiff_t entries() const {
    return std::distance(fs::directory_iterator(scratch_.path()), {});
  }

  test::ScratchDir scratch_;
  Context ctx_{{.threads = 2, .isa = default_isa(), .dtype = DType::kF32}};
};

TEST_F(Quantize, EveryFormatLoadsBitForBitAsInMemory) {
  const fs::path in = checkpoint(test::odd_config());
  for (const FormatInfo& format : weight_formats()) {
    SCOPED_TRACE(format.name);
    const QuantizeReport report = expect_same(in, {.layers = format.format});
    const bool exact = format.format == WeightFormat::kF32 || format.format == WeightFormat::kBF16;
    EXPECT_EQ(report.relative_error() == 0, exact);
    EXPECT_LT(report.relative_error(), 0.15);
    EXPECT_EQ(read_model_config(scratch_ / "out").quantization.has_value(), !format.is_float);
  }
}

TEST_F(Quantize, PartsMayHaveFormatsOfTheirOwn) {
  expect_same(checkpoint(test::odd_config(), DType::kF32), {.layers = WeightFormat::kW4A16G64Asym,
                                                            .head = WeightFormat::kF16,
                                                            .embedding = WeightFormat::kQ8_0});
  // The layers stay floats, only the head is quantized.
  expect_same(scratch_ / "in",
              {.layers = WeightFormat::kBF16, .head = WeightFormat::kW8A16, .embedding = {}});
}

TEST_F(Quantize, TiedWeightsStayOneTensorWhereTheyCan) {
  const fs::path in = tied_checkpoint();
  const QuantizeReport same = expect_same(in, {.layers = WeightFormat::kW4A16G32});
  EXPECT_FALSE(same.untied);
  EXPECT_EQ(same.parameters_in, same.parameters_out);
  EXPECT_TRUE(read_model_config(scratch_ / "out").tie_word_embeddings);
  EXPECT_EQ(Checkpoint::open(scratch_ / "out").find("lm_head.weight"), nullptr);

  const QuantizeReport two = expect_same(
      in, {.layers = WeightFormat::kW8A16, .head = WeightFormat::kQ8_0, .embedding = {}});
  EXPECT_TRUE(two.untied);
  EXPECT_EQ(two.parameters_out, two.parameters_in + 131 * 96);
  EXPECT_FALSE(read_model_config(scratch_ / "out").tie_word_embeddings);
  EXPECT_EQ(Checkpoint::open(scratch_ / "out").require("lm_head.weight", {131, 96 / 32 * 34}).dtype,
            DType::kU8);
  EXPECT_THAT(two.notes(), ElementsAre(HasSubstr("they are two")));
}

TEST_F(Quantize, AStoredHeadThatDiffersIsKeptUnderATiedConfig) {
  const fs::path in = checkpoint(test::odd_config());
  test::set_config_json(in, "tie_word_embeddings", true);
  const QuantizeReport report = expect_same(in, {.layers = WeightFormat::kW8A16});
  EXPECT_FALSE(report.untied);
  EXPECT_THAT(report.notes(), ElementsAre(HasSubstr("lm_head.weight is stored and differs")));
  EXPECT_FALSE(read_model_config(scratch_ / "out").tie_word_embeddings);
  EXPECT_EQ(report.parameters_out, report.parameters_in);
}

TEST_F(Quantize, AHeadThatRepeatsTheEmbeddingIsLeftOut) {
  const fs::path in = tied_checkpoint();
  test::repeat_embedding_as_head(in);
  const QuantizeReport report = expect_same(in, {.layers = WeightFormat::kW8A16});
  EXPECT_THAT(report.notes(), IsEmpty());
  EXPECT_EQ(Checkpoint::open(scratch_ / "out").find("lm_head.weight"), nullptr);
}

TEST_F(Quantize, EverythingElseIsKept) {
  const fs::path in = tied_checkpoint();
  Json config = read_json(in / "config.json");
  config["auto_map"] = {{"AutoConfig", "configuration.Config"}};
  config["use_cache"] = nullptr;
  write_file_atomically(in / "config.json", config.dump());
  const std::vector<std::string> kept = {"tokenizer.model",
                                         "generation_config.json",
                                         "chat_template.jinja",
                                         "configuration.py",
                                         "LICENSE",
                                         "additional_chat_templates/tool.jinja"};
  for (const std::string& file : kept) test::write_file(in / file, file + "\r\n\x01");
  test::write_file(in / "merges.txt", "");
  for (const char* file :
       {"pytorch_model.bin", "README.md", "secrets.env", "other/tokenizer.json"}) {
    test::write_file(in / file, "x");
  }
  const fs::path out = scratch_ / "out";
  quantize(in, out, {.layers = WeightFormat::kW8A16});

  Json new_config = read_json(out / "config.json");
  EXPECT_EQ(new_config["quantization_config"],
            Json({{"quant_method", "pangu"}, {"version", 1}, {"format", "w8a16"}}));
  new_config.erase("quantization_config");
  EXPECT_EQ(new_config, config);
  for (const std::string& file : kept) {
    EXPECT_EQ(test::read_file(out / file), test::read_file(in / file)) << file;
  }
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(out)) files.push_back(entry.path().filename());
  EXPECT_THAT(files, UnorderedElementsAre("additional_chat_templates", "tokenizer.model",
                                          "generation_config.json", "chat_template.jinja",
                                          "configuration.py", "LICENSE", "merges.txt", "README.md",
                                          "config.json", "model.safetensors"));
  const Checkpoint before = Checkpoint::open(in), after = Checkpoint::open(out);
  int vectors = 0;
  for (const auto& [name, tensor] : before.tensors()) {
    if (tensor->shape.size() != 1) continue;
    ++vectors;
    const TensorView& copy = after.require(name, tensor->shape);
    EXPECT_EQ(copy.dtype, tensor->dtype);
    EXPECT_TRUE(std::ranges::equal(copy.data, tensor->data)) << name;
  }
  EXPECT_EQ(vectors, 2 * (2 + 4) + 1) << "two norms and four biases in each layer, one norm more";
}

TEST_F(Quantize, ThreadsChangeNoByte) {
  const fs::path in = checkpoint(test::odd_config());
  std::vector<std::string> files;
  for (const int n : {1, 3}) {
    ThreadPool threads(n);
    const fs::path out = scratch_ / std::to_string(n);
    quantize_checkpoint(in, out, {.formats = {.layers = WeightFormat::kQ4_K}, .command = {}},
                        threads);
    files.push_back(test::read_file(out / "model.safetensors") +
                    test::read_file(out / "README.md"));
  }
  EXPECT_EQ(files[0], files[1]);
}

TEST_F(Quantize, QuantizedInputIsEncodedAnewFromWhatItDecodesTo) {
  const fs::path first = scratch_ / "first";
  quantize(checkpoint(test::odd_config()), first, {.layers = WeightFormat::kW8A16});
  const QuantizeReport same = expect_same(first, {.layers = WeightFormat::kW8A8});
  EXPECT_EQ(same.relative_error(), 0) << "w8a8 is stored as w8a16 is";
  EXPECT_THAT(same.notes(), ElementsAre(HasSubstr("quantized already (w8a16)")));
  EXPECT_EQ(same.parameters_in, parameter_count(test::odd_config()).total());

  const fs::path second = scratch_ / "second";
  quantize(checkpoint(test::odd_config()), second, {.layers = WeightFormat::kW4A16G32});
  EXPECT_EQ(expect_same(second, {.layers = WeightFormat::kW4A8G32}).relative_error(), 0)
      << "and w4a8 as w4a16";

  const QuantizeReport four = expect_same(first, {.layers = WeightFormat::kW4A16G32});
  EXPECT_GT(four.relative_error(), 0.01);
  EXPECT_LT(four.bytes_out, four.bytes_in);

  expect_same(first, {.layers = WeightFormat::kF32});
  EXPECT_FALSE(read_json(scratch_ / "out/config.json").contains("quantization_config"));
}

TEST_F(Quantize, ReportsBytesAndFallbacks) {
  const fs::path in = checkpoint(test::odd_config());
  const QuantizeReport report = quantize(in, scratch_ / "out", {.layers = WeightFormat::kQ4_K});
  EXPECT_EQ(report.bytes_in, int64_t(Checkpoint::open(in).total_bytes()));
  EXPECT_EQ(report.bytes_out, int64_t(Checkpoint::open(scratch_ / "out").total_bytes()));
  std::map<std::string, QuantizedTensor> by_name;
  for (const QuantizedTensor& t : report.tensors) by_name[t.name] = t;
  EXPECT_EQ(by_name.size(), 2u + 2 * 7);
  EXPECT_EQ(by_name["model.layers.1.mlp.down_proj.weight"].to, WeightFormat::kQ4_K);
  EXPECT_EQ(by_name["model.layers.1.mlp.down_proj.weight"].bytes_out, 96 * 144);
  EXPECT_EQ(by_name["model.layers.0.mlp.down_proj.weight"].to, WeightFormat::kF16);
  EXPECT_EQ(by_name["lm_head.weight"].to, WeightFormat::kQ8_0);
  EXPECT_THAT(
      report.notes(),
      UnorderedElementsAre(
          HasSubstr("10 matrices with rows of 96 weights are q8_0 in place of q4_k"),
          HasSubstr("2 matrices with rows of 96 weights are q8_0 in place of q6_k"),
          HasSubstr("2 matrices with rows of 66 weights are f16 in place of q4_k"),
          HasSubstr("1 matrix with rows of 70 weights is f16 in place of q4_k, whose blocks "
                    "have 256")));
  const std::string card = test::read_file(scratch_ / "out/README.md");
  for (const std::string part :
       {"# in in q4_k", "| q4_k | 1 | 13824 | 4.50 | ", "| q8_0 | 12 |", "in place of q6_k"}) {
    EXPECT_THAT(card, HasSubstr(part));
  }
}

TEST_F(Quantize, FailuresLeaveNothingBehind) {
  const fs::path in = checkpoint(test::odd_config(), DType::kF32);
  const WeightFormats formats{.layers = WeightFormat::kW8A16};
  const fs::path out = scratch_ / "out";
  const ProgressFn stop = [](std::string_view, int64_t done, int64_t total) {
    if (2 * done > total) fail<Cancelled>("[cancel] stopped.");
  };
  PANGU_EXPECT_ERROR(quantize(in, out, formats, stop), Cancelled, "stopped");
  PANGU_EXPECT_ERROR(quantize(scratch_ / "gone", out, formats), FileError, "gone", "no folder");
  PANGU_EXPECT_ERROR(quantize(in / "config.json", out, formats), FileError, "no folder");
  PANGU_EXPECT_ERROR(quantize(in, in, formats), FileError, "not empty");
  PANGU_EXPECT_ERROR(quantize(in, out, {}), ConfigError, "no format");
  EXPECT_EQ(entries(), 1);

  // A weight that is not a number: first in a matrix, then in a norm, which is copied.
  test::spoil_f32(in, "model.layers.1.mlp.up_proj.weight", 200 * 96 + 5);
  PANGU_EXPECT_ERROR(quantize(in, out, formats), InputError, "model.layers.1.mlp.up_proj.weight",
                     "row 200");
  test::spoil_f32(in, "model.norm.weight", 95);
  PANGU_EXPECT_ERROR(quantize(in, out, formats), InputError, "model.norm.weight",
                     "element 95 is nan");
  EXPECT_EQ(entries(), 1);
}

TEST_F(Quantize, WhatIsCopiedIsOfTheFolderAndAsPrivateAsThere) {
  using fs::perms;
  const fs::path in = checkpoint(test::odd_config()), out = scratch_ / "out";
  test::write_file(in / "LICENSE", "x");
  test::write_file(in / "tool.jinja", "x");
  fs::permissions(in / "LICENSE", perms::owner_read | perms::owner_write);
  const WeightFormats formats{.layers = WeightFormat::kW8A16};
  quantize(in, out, formats);
  EXPECT_EQ(fs::status(out / "LICENSE").permissions(), perms::owner_read | perms::owner_write);
  EXPECT_NE(fs::status(out / "tool.jinja").permissions() & perms::owner_read, perms::none);
  fs::remove_all(out);

  // In the hub's cache all files are links.
  const fs::path hub = scratch_ / "hub/snapshots/revision";
  fs::create_directories(hub);
  fs::create_directories(scratch_ / "hub/blobs");
  for (const char* name : {"config.json", "model.safetensors", "LICENSE"}) {
    fs::copy_file(in / name, scratch_ / "hub/blobs" / name);
    fs::create_symlink(fs::path("../../blobs") / name, hub / name);
  }
  quantize(hub, out, formats);
  EXPECT_EQ(test::read_file(out / "LICENSE"), "x");
  EXPECT_FALSE(fs::is_symlink(out / "LICENSE"));
  fs::remove_all(out);

  test::write_file(scratch_ / "secrets/default.jinja", "mine");
  const auto expect_refused = [&](const char* name, const char* target) {
    fs::create_symlink(target, in / name);
    PANGU_EXPECT_ERROR(quantize(in, out, formats), FileError, name, "leads out of the model");
    EXPECT_FALSE(fs::exists(out));
    fs::remove(in / name);
  };
  for (const char* name : {"NOTICE", "chat_template.jinja", "modeling.py", "tokenizer.json"}) {
    expect_refused(name, "../secrets/default.jinja");
  }
  expect_refused("additional_chat_templates", "../secrets");
}

TEST_F(Quantize, MatricesThatTheConfigDoesNotDescribeAreRefused) {
  const fs::path in = checkpoint(test::odd_config());
  Json config = read_json(in / "config.json");
  config["hidden_size"] = 98;
  config["head_dim"] = 22;
  write_file_atomically(in / "config.json", config.dump());
  PANGU_EXPECT_ERROR(quantize(in, scratch_ / "out", {.layers = WeightFormat::kW8A16}), ShapeError,
                     "model.embed_tokens.weight", "[131, 96]", "[131, 98]");
  config["hidden_size"] = 96;
  config["num_hidden_layers"] = 3;
  config["intermediate_size"] = {70, 256, 70};
  write_file_atomically(in / "config.json", config.dump());
  PANGU_EXPECT_ERROR(quantize(in, scratch_ / "out", {.layers = WeightFormat::kW8A16}), FileError,
                     "model.layers.2.self_attn.q_proj.weight");
  EXPECT_EQ(entries(), 1);
}

}  // namespace
}  // namespace pangu
