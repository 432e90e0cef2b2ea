// SPDX-License-Identifier: Apache-2.0
// pangu info: whole models, folders with parts missing, GGUF files, tokenizers, the machine.
#include <gmock/gmock.h>

#include "base/allowed_processors.h"
#include "base/cpu.h"
#include "io/safetensors.h"
#include "tests/cli/program.h"
#include "tests/support/split_gguf.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class CliInfo : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }
};

TEST_F(CliInfo, WholeModel) {
  const auto r =
      run_program({"info", shared_model("pangu-embedded-tiny"), "--json", "--isa", "auto"});
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.err, "");
  const Json json = r.json();
  EXPECT_EQ(json["architecture"], "PanguEmbeddedForCausalLM");
  EXPECT_EQ(json["config"]["layers"], 3);
  EXPECT_EQ(json["config"]["intermediate_size"], Json({384, 384, 384}));
  // 512 x 128; 3 x (128 x (128 + 64 + 64 + 128) + 128 + 64 + 64 + 128); 3 x 3 x 128 x 384; 7 x 128
  EXPECT_EQ(json["parameters"]["embedding"], 65536);
  EXPECT_EQ(json["parameters"]["attention"], 148608);
  EXPECT_EQ(json["parameters"]["mlp"], 442368);
  EXPECT_EQ(json["parameters"]["norms"], 896);
  EXPECT_EQ(json["weights"]["parameters"], json["parameters"]["total"]);
  EXPECT_EQ(json["weights"]["bytes"], 2 * json["parameters"]["total"].get<int>());
  EXPECT_EQ(json["weights"]["formats"]["bf16"]["tensors"], 41);
  int parts = 0;
  for (const Json& bytes : json["weights"]["bytes_by_part"]) parts += bytes.get<int>();
  EXPECT_EQ(json["weights"]["bytes"], parts);
  EXPECT_EQ(json["kv_cache_bytes_per_token"]["bf16"], 3 * 2 * 2 * 32 * 2);
  EXPECT_EQ(json["kv_cache_bytes_per_token"]["f32"], 3 * 2 * 2 * 32 * 4);
  EXPECT_EQ(json["tokenizer"]["size"], 512);
  EXPECT_EQ(json["problems"], Json::array());
  EXPECT_EQ(json["machine"]["isa"], std::string(name(detected_isa())));
}

TEST_F(CliInfo, TextSaysTheSame) {
  const auto r = run_program({"info", shared_model("pangu-embedded-tiny-untied")});
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.out, HasSubstr("PanguEmbeddedForCausalLM"));
  EXPECT_THAT(r.out, HasSubstr("output head"));
  EXPECT_THAT(r.out, HasSubstr("in 3 files"));
  EXPECT_THAT(r.out, HasSubstr("SentencePiece"));
  EXPECT_THAT(r.out, HasSubstr("cache per token"));
  EXPECT_THAT(r.out, HasSubstr("kernels"));
  EXPECT_THAT(r.out, Not(HasSubstr("problem")));
}

TEST_F(CliInfo, FolderWithoutWeightsAndVocabulary) {
  const auto r = run_program({"info", shared_model("openpangu-embedded-7b"), "--json"});
  EXPECT_EQ(r.status, 0);
  const Json json = r.json();
  EXPECT_EQ(json["parameters"]["total"], 8030887936);
  EXPECT_EQ(json["chat_template"]["present"], true);
  EXPECT_EQ(json["chat_template"]["thinking"], "tags");
  EXPECT_EQ(json["config"]["eos_token_ids"], Json({45892}));
  EXPECT_TRUE(json["weights"].is_null());
  EXPECT_TRUE(json["tokenizer"].is_null());
  ASSERT_EQ(json["problems"].size(), 2u);
  EXPECT_THAT(json["problems"][1].get<std::string>(), HasSubstr("9 of 9 shards"));
}

TEST_F(CliInfo, GgufWithOnlyAVocabulary) {
  for (const char* path : {"gpt2-bpe", "gpt2-bpe/vocab.gguf"}) {
    const Json json = run_program({"info", shared_model(path), "--json"}).json();
    EXPECT_EQ(json["gguf"]["tensors"], 0);
    EXPECT_THAT(json["gguf"]["metadata"]["general.architecture"].get<std::string>(),
                HasSubstr("gpt2"));
    EXPECT_EQ(json["tokenizer"]["size"], 50257);
  }
}

TEST_F(CliInfo, TokenizerAlone) {
  const std::string file = shared_model("llama-spm-32k/tokenizer.model");
  EXPECT_EQ(run_program({"info", file, "--json"}).json()["tokenizer"]["size"], 32000);
  const Json folder = run_program({"info", shared_model("llama-spm-32k"), "--json"}).json();
  EXPECT_EQ(folder["tokenizer"]["size"], 32000);
  EXPECT_EQ(folder["problems"].size(), 2u);  // no weights, no config.json
}

TEST_F(CliInfo, MachineAlone) {
  const auto r = run_program({"info"});
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.out, HasSubstr("available: ref"));
  EXPECT_EQ(run_program({"info", "--json", "--isa", "ref"}).json()["machine"]["isa"], "ref");
}

TEST_F(CliInfo, NodesOfMemory) {
  // Processors 0 and 1, as hwloc is told; a machine without them has one node.
  const ProgramOptions two{.env = {{"HWLOC_SYNTHETIC", "numa:2 core:1 pu:1"}}};
  const Json machine = run_program({"info", "--json"}, two).json()["machine"];
  const auto r = run_program({"info", "--numa", "off"}, two);
  EXPECT_THAT(r.out, HasSubstr("memory nodes"));
  EXPECT_EQ(machine["numa"], "auto");
  if (allowed_processors() == std::vector<int>{0, 1}) {
    ASSERT_EQ(machine["memory_nodes"].size(), 2u);
    EXPECT_EQ(machine["memory_nodes"][1],
              Json::parse(R"({"number": 1, "cores": 1, "processors": [1]})"));
    EXPECT_THAT(r.out,
                HasSubstr("2: 0 (1 core, processors 0), 1 (1 core, processors 1); not used"));
  }
  EXPECT_THAT(run_program({"info"}, {.env = {{"HWLOC_SYNTHETIC", "nonsense"}}}).err,
              HasSubstr("hwloc finds no machine in 'nonsense'"));
  EXPECT_THAT(run_program({"info"}, {.env = {{"PANGU_NUMA", "yes"}}}).err,
              HasSubstr("PANGU_NUMA (for --numa): 'yes'"));
}

TEST_F(CliInfo, ParametersThatDoNotMatchTheConfigAreAProblem) {
  const ScratchDir scratch;
  const auto model = copy_model("stories260K", scratch);
  Json config = read_json(model / "config.json");
  config["num_hidden_layers"] = 4;
  std::filesystem::remove(model / "config.json");
  write_file(model / "config.json", config.dump());
  const Json json = run_program({"info", model.string(), "--json"}).json();
  ASSERT_EQ(json["problems"].size(), 1u);
  EXPECT_THAT(json["problems"][0].get<std::string>(), HasSubstr("260032"));
}

TEST_F(CliInfo, SplitModelsAndTypesThatCannotRun) {
  const ScratchDir scratch;
  const std::string file = (scratch / "m.gguf").string();
  ASSERT_EQ(run_program({"convert", shared_model("stories260K"), file, "-q"}).status, 0);
  std::filesystem::create_directories(scratch / "split");
  const auto parts = split_gguf(file, scratch / "split", "m", 2);
  const Json whole = run_program({"info", file, "--json"}).json();
  const Json split = run_program({"info", parts[1].string(), "--json"}).json();
  EXPECT_EQ(split["problems"], Json::array());
  EXPECT_EQ(split["weights"]["files"], 2);
  EXPECT_EQ(split["weights"]["bytes"], whole["weights"]["bytes"]);
  EXPECT_EQ(split["gguf"]["tensors"], whole["gguf"]["tensors"]);
  EXPECT_EQ(split["tokenizer"], whole["tokenizer"]);

  // The type of one norm becomes i32, which no model computes with; the file is whole all the same.
  std::string bytes = read_file(file);
  const std::string norm = "blk.0.attn_norm.weight";
  bytes[bytes.find(norm) + norm.size() + 4 + 8] = 26;
  write_file(file, bytes);
  const Json json = run_program({"info", file, "--json"}).json();
  ASSERT_EQ(json["problems"].size(), 1u);
  EXPECT_THAT(json["problems"][0].get<std::string>(), HasSubstr("i32 (1 tensor, " + norm));
  EXPECT_EQ(json["weights"]["formats"]["i32"]["tensors"], 1);
}

TEST_F(CliInfo, MsModelSlimIsAProblemWithItsName) {
  const ScratchDir scratch;
  const auto model = copy_model("stories260K", scratch);
  std::filesystem::remove(model / "model.safetensors");
  const std::vector<std::byte> zeros(64);
  const SafetensorsEntry codes{.name = "model.layers.0.self_attn.q_proj.weight",
                               .dtype = DType::kI8,
                               .shape = {8, 8},
                               .data = zeros};
  write_safetensors(model / "quant_model_weight_w8a8.safetensors", std::span(&codes, 1));
  write_json(model / "quant_model_description.json",
             {{"model_quant_type", "W8A8"}, {codes.name, "W8A8"}});
  const Json json = run_program({"info", model.string(), "--json"}).json();
  ASSERT_EQ(json["problems"].size(), 1u);
  EXPECT_THAT(json["problems"][0].get<std::string>(), HasSubstr("as W8A8 by msModelSlim"));
  for (const auto& args : std::vector<std::vector<std::string>>{
           {"run", model.string(), "-p", "x"},
           {"quantize", model.string(), (scratch / "out").string(), "--format", "w8a16"},
           {"convert", model.string(), (scratch / "m.gguf").string()}}) {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 1);
    EXPECT_THAT(r.err, HasSubstr("msModelSlim")) << args[0];
  }
}

TEST_F(CliInfo, AHeadThatTheConfigDeniesIsAProblemAndARemark) {
  const ScratchDir scratch;
  const auto model = copy_model("pangu-embedded-tiny-untied", scratch);
  Json config = read_json(model / "config.json");
  config["tie_word_embeddings"] = true;
  std::filesystem::remove(model / "config.json");
  write_file(model / "config.json", config.dump());
  const Json json = run_program({"info", model.string(), "--json"}).json();
  ASSERT_EQ(json["problems"].size(), 1u);
  EXPECT_THAT(json["problems"][0].get<std::string>(), HasSubstr("lm_head.weight is stored"));
  EXPECT_EQ(json["config"]["tied_embeddings"], false);
  const auto logits = [&](const std::string& path, const std::string& out) {
    return run_program({"logits", path, "--ids", "1,2,3", "--out", (scratch / out).string()});
  };
  EXPECT_THAT(logits(model.string(), "a").err, HasSubstr("the stored head is used"));
  logits(shared_model("pangu-embedded-tiny-untied"), "b");
  EXPECT_EQ(read_file(scratch / "a"), read_file(scratch / "b"));
}

TEST_F(CliInfo, NothingThere) {
  const ScratchDir scratch;
  const auto empty = run_program({"info", scratch.path().string()});
  EXPECT_EQ(empty.status, 1);
  EXPECT_THAT(empty.err, HasSubstr("no config.json, no weights and no tokenizer"));
  const auto missing = run_program({"info", (scratch / "gone").string()});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("there is no"));
}

}  // namespace
}  // namespace pangu::test
