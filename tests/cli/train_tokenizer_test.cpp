// SPDX-License-Identifier: Apache-2.0
// pangu train-tokenizer: what it writes is a tokenizer to the other commands, what it refuses.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

class CliTrainTokenizer : public testing::Test {
 protected:
  CliTrainTokenizer() {
    std::string lines;
    for (int i = 0; i < 200; ++i) {
      lines +=
          fmt::format("{{\"family\": \"sums\", \"text\": \"Ben adds {} to {}. 小明也算。\"}}\n", i,
                      i * 31 % 97);
    }
    write_file(scratch_ / "data.jsonl", lines);
  }

  ScratchDir scratch_;
  const std::string data_ = (scratch_ / "data.jsonl").string();
  const std::string out_ = (scratch_ / "out").string();
};

TEST_F(CliTrainTokenizer, TheFolderIsATokenizer) {
  const auto r =
      run_program({"train-tokenizer", "--data", data_, "--out", out_, "--vocab-size", "330"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.out, "");
  EXPECT_THAT(r.err, HasSubstr("vocabulary     330 pieces, bpe, from 200 lines\n"));
  EXPECT_THAT(r.err, HasSubstr("sums "));
  EXPECT_THAT(r.err, HasSubstr("characters per token"));
  const std::string text = "Ben adds 7.\n    小明 [unused10]";
  const Json encoded = run_program({"tokenize", out_, text, "--no-special", "--json"}).json();
  EXPECT_EQ(encoded["ids"][0], 1);
  std::string ids;
  for (const Json& id : encoded["ids"]) ids += (ids.empty() ? "" : ",") + id.dump();
  EXPECT_EQ(run_program({"tokenize", out_, "--ids", ids}).out, text + "\n");
}

TEST_F(CliTrainTokenizer, JsonCounts) {
  const auto r = run_program({"train-tokenizer", "--data", data_, data_, "--out", out_,
                              "--vocab-size", "320", "--model-type", "unigram", "--json", "-q"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.err, "");
  const Json json = r.json();
  EXPECT_EQ(json["vocab_size"], 320);
  EXPECT_EQ(json["records"], 400);
  EXPECT_EQ(json["families"]["sums"]["records"], 400);
  EXPECT_GT(json["tokens_per_record"], 10);
  EXPECT_GT(json["characters_per_token"], 0.5);
}

TEST_F(CliTrainTokenizer, AMessageOfAnUnknownRoleIsNotLost) {
  const std::string file = (scratch_ / "roles.jsonl").string();
  write_file(file,
             R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}
{"messages":[{"role":"usr","content":"a"},{"role":"assistant","content":"b"}]}
)");
  expect_refusals("train-tokenizer", {{{"--data", file, "--out", out_}, 1, "roles.jsonl, line 2"},
                                      {{"--data", file, "--out", out_}, 1, "Did you mean user?"}});
}

TEST_F(CliTrainTokenizer, WrongUseIsRefusedAndLeavesNothing) {
  expect_refusals(
      "train-tokenizer",
      {
          {{"--out", out_}, 2, "--data is required"},
          {{"--data", data_}, 2, "--out is required"},
          {{"--data", data_, "--out", out_, "--vocab-size", "0"}, 2, "--vocab-size"},
          {{"--data", data_, "--out", out_, "--model-type", "word"}, 2, "word"},
          {{"--data", data_, "--out", out_, "--character-coverage", "2"}, 2, "coverage"},
          {{"--data", data_ + "x", "--out", out_}, 1, "data.jsonlx"},
          {{"--data", data_, "--out", out_, "--vocab-size", "5000"}, 1, "Ask for at most"},
          {{"--data", data_, "--out", scratch_.path().string()}, 1, "not empty"},
      });
  EXPECT_FALSE(std::filesystem::exists(out_));
}

}  // namespace
}  // namespace pangu::test
