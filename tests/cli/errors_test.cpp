// SPDX-License-Identifier: Apache-2.0
// Damaged models and impossible requests: exit status 1 and one line that says what and where.
#include <gmock/gmock.h>

#include <cstring>

#include "io/safetensors.h"
#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class CliErrors : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }

  static void replace(const std::filesystem::path& file, const std::string& content) {
    std::filesystem::remove(file);
    write_file(file, content);
  }

  static void expect_failure(const ProgramResult& r, const std::vector<std::string>& parts) {
    EXPECT_EQ(r.status, 1);
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, StartsWith("pangu: error: "));
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    for (const std::string& part : parts) EXPECT_THAT(r.err, HasSubstr(part));
  }

  static ProgramResult run_model(const std::filesystem::path& model) {
    return run_program({"run", model.string(), "-p", "Once", "--max-tokens", "1"});
  }

  std::filesystem::path with_config(const std::string& key, const Json& value) {
    const auto model = copy_model("stories260K", scratch_);
    Json config = read_json(model / "config.json");
    config[key] = value;
    replace(model / "config.json", config.dump());
    return model;
  }

  ScratchDir scratch_;
};

TEST_F(CliErrors, TruncatedSafetensors) {
  const auto model = copy_model("stories260K", scratch_);
  const std::string whole = read_file(model / "model.safetensors");
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    replace(model / "model.safetensors", whole.substr(0, size));
    expect_failure(run_model(model), {"model.safetensors"});
  }
}

TEST_F(CliErrors, MissingShard) {
  const auto model = copy_model("pangu-embedded-tiny-untied", scratch_);
  std::filesystem::remove(model / "model-00002-of-00003.safetensors");
  expect_failure(run_model(model), {"model-00002-of-00003.safetensors", "missing"});
}

TEST_F(CliErrors, MissingTensor) {
  const auto model = copy_model("stories260K", scratch_);
  const SafetensorsFile file(model / "model.safetensors");
  std::vector<SafetensorsEntry> entries;
  for (const TensorView& t : file.tensors()) {
    if (t.name != "model.layers.2.mlp.up_proj.weight") {
      entries.push_back({.name = t.name, .dtype = t.dtype, .shape = t.shape, .data = t.data});
    }
  }
  std::filesystem::remove(model / "model.safetensors");
  write_safetensors(model / "model.safetensors", entries);
  expect_failure(run_model(model), {"model.layers.2.mlp.up_proj.weight"});
}

TEST_F(CliErrors, WrongShapes) {
  expect_failure(run_model(with_config("hidden_size", 128)), {"model.embed_tokens.weight", "128"});
}

TEST_F(CliErrors, FewerLayersThanTheCheckpointHas) {
  expect_failure(run_model(with_config("num_hidden_layers", 4)), {"model.layers.4"});
}

TEST_F(CliErrors, ConfigValuesOfTheWrongTypeOrRange) {
  expect_failure(run_model(with_config("hidden_size", "64")), {"config.json", "hidden_size"});
}

TEST_F(CliErrors, NegativeLayers) {
  expect_failure(run_model(with_config("num_hidden_layers", -1)), {"num_hidden_layers", "-1"});
}

TEST_F(CliErrors, UnknownArchitecture) {
  expect_failure(run_model(with_config("architectures", Json({"WhatForCausalLM"}))),
                 {"WhatForCausalLM"});
}

TEST_F(CliErrors, ConfigThatIsNoJson) {
  const auto model = copy_model("stories260K", scratch_);
  for (const char* text : {"", "{", "[]", "{\"a\": 1,}", "null"}) {
    replace(model / "config.json", text);
    expect_failure(run_model(model), {"config.json"});
  }
}

TEST_F(CliErrors, VocabularySmallerThanTheTokenizer) {
  expect_failure(run_model(with_config("vocab_size", 500)), {"512", "500"});
}

TEST_F(CliErrors, DamagedTokenizer) {
  const auto model = copy_model("stories260K", scratch_);
  const std::string whole = read_file(model / "tokenizer.model");
  replace(model / "tokenizer.model", whole.substr(0, whole.size() / 2));
  expect_failure(run_model(model), {"tokenizer.model"});
}

TEST_F(CliErrors, MissingModelAndFilesThatAreNone) {
  expect_failure(run_model(scratch_ / "gone"), {"gone", "there is no"});
  expect_failure(run_model(shared_model("gpt2-bpe/vocab.gguf")), {"vocab.gguf", "'gpt2'"});
  expect_failure(run_model(shared_model("llama-spm-32k/tokenizer.model")), {"no GGUF file"});
  expect_failure(run_model(scratch_.path()), {"config.json"});
  expect_failure(run_program({"tokenize", (scratch_ / "gone").string(), "x"}), {"gone"});
}

TEST_F(CliErrors, InvalidUtf8) {
  const std::string model = shared_model("stories260K");
  expect_failure(run_program({"run", model, "-p", "a\xff"}), {"UTF-8", "0xff", "offset 1"});
  expect_failure(run_program({"run", model}, {.input = "\xc3"}), {"UTF-8"});
  expect_failure(run_program({"run", model, "-p", "a", "--stop", "\x80"}), {"UTF-8"});
  expect_failure(run_program({"tokenize", model, "\xff"}), {"UTF-8"});
  const std::string out = (scratch_ / "out").string();
  expect_failure(run_program({"logits", model, "-p", "\xff", "--out", out}), {"UTF-8"});
}

TEST_F(CliErrors, PromptPastTheContext) {
  const std::string model = shared_model("stories260K");
  expect_failure(run_program({"run", model, "-p", "Once upon a time", "--ctx", "5"}),
                 {"5 tokens", "--ctx"});
  std::string text;
  for (int i = 0; i < 600; ++i) text += "word ";
  expect_failure(run_program({"run", model}, {.input = text}), {"the context holds 512"});
}

TEST_F(CliErrors, ContextLargerThanTheMachine) {
  expect_failure(
      run_program({"run", shared_model("stories260K"), "-p", "x", "--ctx", "2147483648", "-q"}),
      {});
}

TEST_F(CliErrors, DeviceThatIsNotThere) {
  const std::string model = shared_model("stories260K");
  expect_failure(run_program({"run", model, "-p", "x", "--device", "abacus"}), {"abacus", "cpu"});
  expect_failure(run_program({"logits", model, "--ids", "1", "--device", "abacus", "--out",
                              (scratch_ / "out").string()}),
                 {"abacus", "cpu"});
}

TEST_F(CliErrors, StandardOutputThatCannotBeWritten) {
  const std::string model = shared_model("stories260K");
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"run", model, "-p", "x", "-q"},
        {"tokenize", model, "x"},
        {"info"},
        {"--help"},
        {"run", "--help"},
        {"--version"}}) {
    expect_failure(run_program(args, {.out_path = "/dev/full"}), {"standard output"});
  }
}

TEST_F(CliErrors, ReaderThatLeavesEndsTheProgramQuietly) {
  const std::string command = std::string(PANGU_PROGRAM) + " run " + shared_model("stories260K") +
                              " -p \"Once upon a time\" 2>&1 | head -c 5; exit ${PIPESTATUS[0]}";
  FILE* pipe = ::popen(("bash -c '" + command + "'").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  EXPECT_EQ(text, ", the");
  EXPECT_EQ(::pclose(pipe), 0);
}

}  // namespace
}  // namespace pangu::test
