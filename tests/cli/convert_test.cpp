// SPDX-License-Identifier: Apache-2.0
// pangu convert: what it writes works with the other commands, what it reports, what it refuses.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <iterator>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class CliConvert : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }

  ScratchDir scratch_;
  const std::string model_ = shared_model("stories260K");
  const std::string file_ = (scratch_ / "m.gguf").string();
  const std::string folder_ = (scratch_ / "hf").string();
};

TEST_F(CliConvert, EveryCommandTakesTheFile) {
  const auto r = run_program({"convert", model_, file_});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.out, "");
  EXPECT_THAT(r.err, HasSubstr("f32      1016 KiB in 47 tensors"));
  const std::vector<std::string> prompt{"-p", "Once upon a time", "--max-tokens", "20", "-q"};
  const auto run = [&](const std::string& model) {
    std::vector<std::string> args{"run", model};
    args.insert(args.end(), prompt.begin(), prompt.end());
    return run_program(args);
  };
  EXPECT_EQ(run(file_).out, run(model_).out);
  EXPECT_THAT(run(file_).out, HasSubstr("there was"));
  EXPECT_EQ(run(scratch_.path().string()).out, run(model_).out);  // the only file of a folder
  EXPECT_EQ(run_program({"tokenize", file_, "Once upon"}).out,
            run_program({"tokenize", model_, "Once upon"}).out);
  EXPECT_EQ(run_program({"bench", file_, "--pp", "8", "--tg", "2", "-q"}).status, 0);
  const auto chat = run_program({"run", file_, "--chat", "-p", "Hi"});
  EXPECT_EQ(chat.status, 1);
  EXPECT_THAT(chat.err, HasSubstr("no chat template"));
}

TEST_F(CliConvert, JsonAndInfoAgree) {
  const auto r = run_program({"convert", model_, file_, "--format", "q8_0", "--json", "-q"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.err, "");
  const Json json = r.json();
  const Json info = run_program({"info", file_, "--json"}).json();
  EXPECT_EQ(info["problems"], Json::array());
  EXPECT_EQ(info["architecture"], "LlamaForCausalLM");
  EXPECT_EQ(info["gguf"]["tensors"], json["tensors"].size());
  EXPECT_EQ(info["gguf"]["metadata"]["general.name"], "\"stories260K\"");
  EXPECT_EQ(info["weights"]["bytes"], json["bytes_out"]);
  EXPECT_EQ(info["weights"]["parameters"], 260032);
  EXPECT_EQ(json["parameters_in"], 260032);
  EXPECT_EQ(json["parameters_out"], 260032);
  EXPECT_EQ(json["bytes_in"], 4 * 260032);
  EXPECT_GT(json["seconds"].get<double>(), 0);
  EXPECT_GT(json["peak_rss_bytes"].get<std::int64_t>(), 0);
  // Rows of 172 do not divide into blocks of 32.
  ASSERT_EQ(json["notes"].size(), 1u);
  EXPECT_THAT(json["notes"][0].get<std::string>(), HasSubstr("5 matrices with rows of 172"));
  EXPECT_EQ(info["weights"]["formats"]["f16"]["tensors"], 5);
  EXPECT_EQ(info["weights"]["formats"]["f32"]["tensors"], 11);
  EXPECT_EQ(info["weights"]["formats"]["q8_0"]["tensors"], 31);
  EXPECT_EQ(info["weights"]["bytes_by_part"]["embedding"], 512 * 64 / 32 * 34);
  EXPECT_EQ(json["tensors"][0]["name"], "token_embd.weight");
  EXPECT_EQ(json["tensors"][0]["shape"], Json({512, 64}));
  EXPECT_EQ(json["tensors"][0]["format_in"], "f32");
  EXPECT_EQ(json["tensors"][0]["format"], "q8_0");
  EXPECT_LT(json["tensors"][0]["relative_error"].get<double>(), 0.01);
}

TEST_F(CliConvert, BackToAFolderThatSaysHowItWasMade) {
  ASSERT_EQ(run_program({"convert", model_, file_, "-q"}).status, 0);
  const auto r = run_program({"convert", file_, folder_, "--to", "hf", "-v"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.err, HasSubstr("model.layers.4.mlp.down_proj.weight"));
  EXPECT_THAT(read_file(folder_ + "/README.md"), HasSubstr("pangu convert m.gguf hf --to hf\n"));
  const Json info = run_program({"info", folder_, "--json"}).json();
  EXPECT_EQ(info["problems"], Json::array());
  EXPECT_EQ(info["weights"]["formats"]["f32"]["parameters"], 260032);
  EXPECT_EQ(info["tokenizer"], run_program({"info", model_, "--json"}).json()["tokenizer"]);
}

TEST_F(CliConvert, LeavesNothingWhenItFails) {
  const auto expect_failure = [&](const std::vector<std::string>& args, const std::string& reason) {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 1);
    EXPECT_THAT(r.err, HasSubstr(reason));
    EXPECT_THAT(r.err, EndsWith(".\n"));
    EXPECT_TRUE(std::filesystem::is_empty(scratch_.path())) << reason;
  };
  expect_failure({"convert", model_, folder_}, "pangu quantize");
  expect_failure({"convert", model_, file_, "--format", "w8a16"}, "no type for w8a16");
  expect_failure({"convert", (scratch_ / "none").string(), file_}, "there is no");
  expect_failure({"convert", shared_model("gpt2-bpe/vocab.gguf"), folder_}, "'gpt2'");
  expect_failure({"convert", shared_model("openpangu-embedded-7b"), file_}, "9 of 9 shards");
  expect_failure({"convert", model_, (scratch_ / "no/m.gguf").string()}, "there is no folder");
}

TEST_F(CliConvert, ReplacesAFileOnlyWhenAsked) {
  write_file(file_, "precious");
  const auto refused = run_program({"convert", model_, file_});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("m.gguf exists already"));
  EXPECT_THAT(refused.err, HasSubstr("--force"));
  EXPECT_EQ(read_file(file_), "precious");
  EXPECT_EQ(run_program({"convert", model_, file_, "--force", "-q"}).status, 0);
  EXPECT_EQ(read_file(file_).substr(0, 4), "GGUF");
  EXPECT_EQ(run_program({"convert", model_, "/dev/null", "--to", "gguf", "-q"}).status, 0);
  const auto folder = run_program({"convert", file_, folder_, "--force"});
  EXPECT_EQ(folder.status, 2);
  EXPECT_THAT(folder.err, HasSubstr("a folder must be new or empty"));
}

TEST_F(CliConvert, LeavesLinksToNowhereAndPipesAlone) {
  const auto link = scratch_ / "link.gguf", pipe = scratch_ / "pipe.gguf";
  std::filesystem::create_symlink("unmounted.gguf", link);
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  expect_refusals("convert", {{{model_, link.string()}, 1, "link.gguf exists already"},
                              {{model_, pipe.string()}, 1, "pipe.gguf is a pipe"}});
  EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST_F(CliConvert, OtherCommandsMakeNoFolderThatIsNamedAsAFile) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"quantize", model_, file_, "--format", "w8a16"},
        {"quantize", model_, file_ + "/", "--format", "w8a16"},
        {"prune", model_, file_ + "//", "--method", "magnitude"},
        {"distill", "--teacher", model_, "--student", model_, "--data", "x", "--out", file_}}) {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 2) << args[0];
    EXPECT_THAT(r.err, HasSubstr("is a name for a GGUF file, but a folder is written"));
    EXPECT_THAT(r.err, HasSubstr("pangu convert"));
    EXPECT_FALSE(std::filesystem::exists(file_));
  }
}

TEST_F(CliConvert, DamagedFilesAreRefusedByName) {
  ASSERT_EQ(run_program({"convert", model_, file_, "-q"}).status, 0);
  const std::string whole = read_file(file_);
  write_file(file_, whole.substr(0, whole.size() / 2));
  for (const auto& args :
       {std::vector<std::string>{"run", file_, "-p", "x"}, {"convert", file_, folder_}}) {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 1);
    EXPECT_THAT(r.err, HasSubstr("m.gguf: the tensor 'blk."));
    EXPECT_THAT(r.err, HasSubstr("partial download"));
  }
  // The header is whole, and tells what there should be.
  const Json info = run_program({"info", file_, "--json"}).json();
  ASSERT_EQ(info["problems"].size(), 1u);
  EXPECT_EQ(info["tokenizer"]["size"], 512);
}

}  // namespace
}  // namespace pangu::test
