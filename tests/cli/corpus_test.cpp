// SPDX-License-Identifier: Apache-2.0
// pangu corpus: what it writes, what it refuses, and that a tokenizer trained on it loses nothing.
#include <gmock/gmock.h>

#include "pangu/tokenizer.h"
#include "tests/cli/program.h"
#include "text/training/tokenizer_texts.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

class CliCorpus : public testing::Test {
 protected:
  ScratchDir scratch_;
  const std::string out_ = (scratch_ / "corpus").string();
};

TEST_F(CliCorpus, ATokenizerTrainedOnItGivesBackEveryText) {
  ASSERT_EQ(run_program({"corpus", out_, "--size", "1500", "--test-size", "10", "-q"}).status, 0);
  const std::string data = out_ + "/train.jsonl", tokenizer = (scratch_ / "tokenizer").string();
  const auto trained = run_program({"train-tokenizer", "--data", data, "--out", tokenizer,
                                    "--vocab-size", "1500", "--split-han", "--json", "-q"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  const Json json = trained.json();
  EXPECT_EQ(json["records"], 1500);
  EXPECT_EQ(json["families"].size(), 6u);
  // What training can afford: see docs/corpus.md.
  EXPECT_LT(json["tokens_per_record"], 100);
  const auto loaded = load_tokenizer(tokenizer);
  std::size_t texts = 0;
  text::read_tokenizer_texts(data, [&](const text::TokenizerText& record, std::int64_t) {
    for (const std::string& text : record.stretches) {
      ASSERT_EQ(loaded->decode(loaded->encode(text, {.parse_special = false})), text);
      ++texts;
    }
  });
  EXPECT_GT(texts, 1500u);
}

TEST_F(CliCorpus, TheSummaryAndTheJsonSayWhatWasWritten) {
  const auto r = run_program({"corpus", out_, "--size", "200", "--test-size", "5", "--families",
                              "code,chat", "--languages", "en", "--seed", "3", "--json"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.err, HasSubstr("train.jsonl"));
  EXPECT_THAT(r.err, HasSubstr("200 records"));
  const Json json = r.json();
  EXPECT_EQ(json["seed"], 3);
  EXPECT_EQ(json["files"].size(), 4u);
  EXPECT_EQ(json["files"]["test/chat.jsonl"]["records"], 5);
  EXPECT_EQ(json["train"]["code"].size(), 1u);
  EXPECT_TRUE(std::filesystem::exists(out_ + "/README.md"));
}

TEST_F(CliCorpus, ALevelChangesTheTestsAndNothingElse) {
  const std::string harder = (scratch_ / "harder").string();
  const auto make = [](const std::string& out, const std::string& level) {
    return run_program(
        {"corpus", out, "--size", "200", "--test-size", "5", "--level", level, "--json", "-q"});
  };
  const auto easy = make(out_, "1"), hard = make(harder, "3");
  ASSERT_EQ(easy.status, 0) << easy.err;
  ASSERT_EQ(hard.status, 0) << hard.err;
  EXPECT_EQ(easy.json()["level"], 1);
  EXPECT_EQ(hard.json()["level"], 3);
  for (const char* name : {"/train.jsonl", "/validation.jsonl"}) {
    EXPECT_EQ(read_file(out_ + name), read_file(harder + name)) << name;
  }
  for (const char* name :
       {"word_problems", "knowledge", "code", "extraction", "chat", "task_kind"}) {
    const std::string file = std::string("/test/") + name + ".jsonl";
    EXPECT_NE(read_file(out_ + file), read_file(harder + file)) << name;
  }
  EXPECT_THAT(read_file(harder + "/README.md"), HasSubstr("The tests are of level 3"));
}

TEST_F(CliCorpus, WrongUseIsRefusedAndLeavesNothing) {
  expect_refusals("corpus", {
                                {{}, 2, "OUT is required"},
                                {{out_, "--size", "0"}, 2, "--size"},
                                {{out_, "--size", "many"}, 2, "many"},
                                {{out_, "--level", "0"}, 2, "--level"},
                                {{out_, "--level", "5"}, 2, "--level"},
                                {{out_, "--languages", "fr"}, 2, "'fr'"},
                                {{out_, "--families", "poetry"}, 2, "'poetry'"},
                                {{out_, "--families", ""}, 2, "--families: ''"},
                                {{out_, "--families", "code,,chat"}, 2, "--families: ''"},
                                {{out_, "--families", "code,code"}, 2, "twice"},
                                {{out_, "--languages", "en,,zh"}, 2, "--languages: ''"},
                                {{out_ + "/x/y"}, 1, "there is no folder"},
                                {{"/"}, 1, "not empty"},
                            });
  EXPECT_FALSE(std::filesystem::exists(out_));
}

}  // namespace
}  // namespace pangu::test
