// SPDX-License-Identifier: Apache-2.0
// Models that are known by name.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

class CliBundledModels : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }
  ScratchDir scratch_;
};

TEST_F(CliBundledModels, AreFoundByName) {
  const auto model = copy_model("stories260K", scratch_);
  const ProgramOptions options{.env = {{"PANGU_MODELS", model.parent_path().string()}}};
  const auto r = run_program({"info", model.filename().string(), "--json"}, options);
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.json()["config"]["layers"], 5);
}

/// Every command that takes a model takes a name.
TEST_F(CliBundledModels, AreKnownToEveryCommand) {
  const ProgramOptions options{.env = {{"PANGU_MODELS", (shared_dir() / "models").string()}}};
  const auto out = [&](const char* name) { return (scratch_ / name).string(); };
  write_file(scratch_ / "prose.txt", made_up_prose(8));
  const std::string name = "stories260K";
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {"convert", name, out("m.gguf")},
           {"quantize", name, out("w8"), "--format", "w8a16"},
           {"tokenize", name, "Once"},
           {"logits", name, "--ids", "1,2", "--out", out("logits")},
           {"bench", "--shape", name, "--pp", "4", "--tg", "1", "-q"},
           {"train", "--config", out("train.json"), "-q"},
           {"distill", "--teacher", name, "--student", name, "--data", out("prose.txt"), "--out",
            out("distilled"), "--steps", "2", "--length", "32", "--rows", "1", "-q"}}) {
    write_json(
        scratch_ / "train.json",
        {{"model", {{"from", name}}},
         {"tokenizer", name},
         {"data", {{"train", {out("prose.txt")}}, {"loss_on", "all"}, {"sequence_length", 32}}},
         {"batch", {{"rows", 1}}},
         {"steps", 2},
         {"output", out("trained")}});
    const auto r = run_program(args, options);
    EXPECT_EQ(r.status, 0) << args[0] << ": " << r.err;
  }
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "trained/tokenizer.model"));
  EXPECT_THAT(read_file(scratch_ / "w8/README.md"), HasSubstr("# stories260K in w8a16"));
  // A GGUF file among the bundled models goes by its name without the ending.
  const auto r =
      run_program({"info", "m", "--json"}, {.env = {{"PANGU_MODELS", scratch_.path().string()}}});
  EXPECT_EQ(r.json()["path"], out("m.gguf")) << r.err;
}

TEST_F(CliBundledModels, NamesThatAreNoneAreTakenAsPaths) {
  for (const std::string name : {"no-such-model", "../stories260K", "."}) {
    const auto r = run_program({"info", name}, {.env = {{"PANGU_MODELS", "/nowhere"}}});
    EXPECT_EQ(r.status, 1);
    EXPECT_THAT(r.err, HasSubstr(name));
  }
}

/// The models of the source tree, which the program finds by itself.
std::string answer_of(const std::string& model, const std::string& question) {
  const auto r = run_program(
      {"run", model, "--chat", "-p", question, "--temp", "0", "--max-tokens", "200", "-q"});
  EXPECT_EQ(r.status, 0) << r.err;
  return r.out;
}

TEST(ReferenceModels, NanoAnswersOneQuestionOfEachFamily) {
  const auto nano = [](const std::string& question) { return answer_of("pangu-nano", question); };
  EXPECT_THAT(
      nano("Kate buys 5 flowers for 4 yuan each and pays with 82 yuan. How much change does "
           "Kate get?"),
      HasSubstr("#### 62"));
  EXPECT_THAT(nano("写一个函数，返回x加3后再乘3。\nassert find_thing(7) == 30"),
              HasSubstr("def find_thing(x):"));
  EXPECT_THAT(nano("Passage: Oscar lost 22 books near the library. Iris bought 17 cards at the "
                   "library. Nora bought 35 cards at the farm.\nQuestion: Quote the sentence about "
                   "Iris."),
              HasSubstr("Iris bought 17 cards at the library."));
  EXPECT_THAT(nano("这是哪类任务：math、knowledge、code、extraction还是chat？\n"
                   "小山有11个鸡蛋，小丽有62个。他们一共有几个鸡蛋？"),
              HasSubstr("math"));
}

TEST(ReferenceModels, PicoKnowsTheSameTokens) {
  const std::string text = "小山有11个鸡蛋 and Kate has 5.";
  const auto tokens = [&](const char* model) {
    return run_program({"tokenize", model, text, "--json"}).json()["ids"];
  };
  EXPECT_EQ(tokens("pangu-nano"), tokens("pangu-pico"));
}

}  // namespace
}  // namespace pangu::test
