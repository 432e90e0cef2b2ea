// SPDX-License-Identifier: Apache-2.0
// pangu logits: values against the goldens, chunks, and files that cannot be written.
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <cmath>
#include <cstring>

#include "io/safetensors.h"
#include "tests/cli/program.h"
#include "tests/support/random_checkpoint.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

class CliLogits : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }
  ScratchDir scratch_;
};

std::vector<float> floats(const TensorView& view) {
  std::vector<float> out(view.data.size() / sizeof(float));
  std::memcpy(out.data(), view.data.data(), view.data.size());
  return out;
}

double relative_error(const std::vector<float>& a, const std::vector<float>& b) {
  double diff = 0, norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    diff += std::pow(double(a[i]) - b[i], 2);
    norm += double(b[i]) * b[i];
  }
  return std::sqrt(diff / norm);
}

TEST_F(CliLogits, MatchTheGoldens) {
  for (const char* model : {"stories260K", "pangu-embedded-tiny", "pangu-embedded-tiny-untied"}) {
    const SafetensorsFile golden(shared_dir() / "golden" / (std::string(model) + ".safetensors"));
    const TensorView& ids = *golden.find("ids_0");
    std::vector<std::int64_t> numbers(ids.data.size() / sizeof(std::int64_t));
    std::memcpy(numbers.data(), ids.data.data(), ids.data.size());
    const std::string out = (scratch_ / "logits.safetensors").string();
    const auto r = run_program({"logits", shared_model(model), "--ids",
                                fmt::format("{}", fmt::join(numbers, ",")), "--out", out, "--dtype",
                                "f32", "--json", "-q"});
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.err, "");
    const SafetensorsFile file(out);
    const TensorView* logits = file.find("logits");
    ASSERT_NE(logits, nullptr);
    EXPECT_EQ(logits->shape, golden.find("logits_0")->shape);
    EXPECT_EQ(logits->dtype, DType::kF32);
    EXPECT_LE(relative_error(floats(*logits), floats(*golden.find("logits_0"))), 1e-5) << model;
    const Json json = r.json();
    EXPECT_EQ(json["tokens"], numbers.size());
    EXPECT_EQ(json["vocab"], logits->shape[1]);
    EXPECT_EQ(json["out"], out);
    EXPECT_GT(json["seconds"].get<double>(), 0);
  }
}

TEST_F(CliLogits, ChunksAndThreadsChangeNoBit) {
  std::vector<std::string> files;
  for (const char* chunk : {"1", "3", "7", "128"}) {
    for (const char* threads : {"1", "2"}) {
      const auto out = scratch_ / (std::string(chunk) + "-" + threads);
      const auto r = run_program({"logits", shared_model("stories260K"), "-p",
                                  "Lily and Tom went to the park.", "--out", out.string(),
                                  "--chunk", chunk, "--threads", threads});
      ASSERT_EQ(r.status, 0) << r.err;
      EXPECT_EQ(r.out, "");
      EXPECT_THAT(r.err, HasSubstr("logits  ["));
      files.push_back(read_file(out));
    }
  }
  for (const std::string& file : files) EXPECT_EQ(file, files.front());
}

TEST_F(CliLogits, PromptAndIdsGiveTheSame) {
  const std::string model = shared_model("stories260K");
  run_program({"logits", model, "-p", "Once upon", "--out", (scratch_ / "p").string()});
  run_program({"logits", model, "--ids", "1,403,407", "--out", (scratch_ / "i").string()});
  EXPECT_EQ(read_file(scratch_ / "p"), read_file(scratch_ / "i"));
  EXPECT_GT(read_file(scratch_ / "p").size(), 3u * 512 * 4);
}

TEST_F(CliLogits, NeedNoTokenizerForIds) {
  const auto model = copy_model("stories260K", scratch_);
  std::filesystem::remove(model / "tokenizer.model");
  const std::string out = (scratch_ / "out").string();
  EXPECT_EQ(run_program({"logits", model.string(), "--ids", "1", "--out", out}).status, 0);
  EXPECT_EQ(run_program({"logits", model.string(), "-p", "x", "--out", out}).status, 1);
}

TEST_F(CliLogits, MustBeNumbers) {
  const auto model = copy_model("stories260K", scratch_);
  spoil_f32(model, "model.layers.2.mlp.up_proj.weight", 1000);
  const auto logits = [&] {
    return run_program(
        {"logits", model.string(), "--ids", "1,403", "--out", (scratch_ / "out").string()});
  };
  const auto matrix = logits();
  EXPECT_EQ(matrix.status, 1);
  EXPECT_THAT(matrix.err, HasSubstr("logits of token number 0 are not all finite"));
  spoil_f32(model, "model.layers.2.input_layernorm.weight", 3);
  const auto norm = logits();
  EXPECT_EQ(norm.status, 1);
  EXPECT_THAT(norm.err, HasSubstr("model.layers.2.input_layernorm.weight: element 3 is nan"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
}

TEST_F(CliLogits, FailuresLeaveNothingBehind) {
  const std::string model = shared_model("stories260K");
  const auto entries = [&] {
    return std::distance(std::filesystem::directory_iterator(scratch_.path()), {});
  };
  const std::string out = (scratch_ / "out").string();
  const auto outside = run_program({"logits", model, "--ids", "1,512", "--out", out});
  EXPECT_EQ(outside.status, 1);
  EXPECT_THAT(outside.err, HasSubstr("512"));
  EXPECT_EQ(run_program({"logits", model, "--ids", "", "--out", out}).status, 1);
  EXPECT_EQ(entries(), 0);

  const auto nowhere = run_program({"logits", model, "--ids", "1", "--out", out + "/x/y"});
  EXPECT_EQ(nowhere.status, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("there is no folder"));
  const auto folder =
      run_program({"logits", model, "--ids", "1", "--out", scratch_.path().string()});
  EXPECT_EQ(folder.status, 1);
  EXPECT_THAT(folder.err, HasSubstr("is a folder"));
  EXPECT_EQ(entries(), 0);
  EXPECT_EQ(run_program({"logits", model, "--ids", "1", "--out", "/dev/full"}).status, 1);
}

TEST_F(CliLogits, NeedEitherIdsOrPrompt) {
  const std::string model = shared_model("stories260K");
  const std::string out = (scratch_ / "out").string();
  EXPECT_EQ(run_program({"logits", model, "--out", out}).status, 2);
  EXPECT_EQ(run_program({"logits", model, "--ids", "1", "-p", "x", "--out", out}).status, 2);
  EXPECT_EQ(run_program({"logits", model, "--ids", "1"}).status, 2);
}

/// A copy of a model with more in its folder.
class CliLogitsOfEditedFolder : public CliLogits {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    std::filesystem::create_directory(model_);  // or the copy would have the original's mode
    std::filesystem::copy(shared_model("stories260K"), model_);
  }
  ProgramResult logits(const std::string& flag, const std::string& tokens) {
    return run_program({"logits", model_, flag, tokens, "--out", (scratch_ / "out").string()});
  }
  std::string model_ = (scratch_ / "model").string();
};

TEST_F(CliLogitsOfEditedFolder, ATokenWithoutARowStopsNobodyWhoDoesNotUseIt) {
  write_file(model_ + "/added_tokens.json", R"({"[PAD]": 512})");
  for (const auto& [flag, tokens] :
       {std::pair("--ids", "1,403,407"), std::pair("-p", "Once upon")}) {
    const auto r = logits(flag, tokens);
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_THAT(r.err, HasSubstr("no rows for the last 1 added tokens, such as '[PAD]'"));
  }
  const auto used = logits("-p", "Once [PAD]");
  EXPECT_EQ(used.status, 1);
  EXPECT_THAT(used.err, HasSubstr("has id 512, but the model knows ids 0 to 511"));
}

TEST_F(CliLogitsOfEditedFolder, ATokenizerThatIsNotNeededMayBeDamaged) {
  write_file(model_ + "/tokenizer.json", "{");
  const auto r = logits("--ids", "1,403,407");
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.err, HasSubstr("tokenizer.json"));
  EXPECT_THAT(r.err, HasSubstr("It is left out, since it is not needed here."));
  EXPECT_EQ(logits("-p", "Once upon").status, 1);
}

}  // namespace
}  // namespace pangu::test
