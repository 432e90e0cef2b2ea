// SPDX-License-Identifier: Apache-2.0
// pangu quantize: what it writes is loaded by the other commands, what it reports, what it refuses.
#include <gmock/gmock.h>

#include <iterator>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class CliQuantize : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }

  std::ptrdiff_t entries() const {
    return std::distance(std::filesystem::directory_iterator(scratch_.path()), {});
  }
  /// Logits of a model as a file's bytes.
  std::string logits(const std::string& model, const std::vector<std::string>& options) {
    const std::string out = (scratch_ / "logits").string();
    std::vector<std::string> args{"logits", model, "--ids", "1,403,407,261", "--out", out, "-q"};
    args.insert(args.end(), options.begin(), options.end());
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 0) << r.err;
    const std::string bytes = read_file(out);
    std::filesystem::remove(out);
    return bytes;
  }

  ScratchDir scratch_;
  const std::string out_ = (scratch_ / "out").string();
};

TEST_F(CliQuantize, TheFolderGivesTheLogitsOfQuantizingInMemory) {
  const std::string model = shared_model("pangu-embedded-tiny");
  for (const std::vector<std::string>& formats :
       {std::vector<std::string>{"--format", "w8a16"},
        {"--format", "w8a8"},
        {"--format", "w4a16-g64-asym", "--head-format", "q8_0"},
        {"--format", "q4_k"},
        {"--format", "bf16", "--embedding-format", "f16"}}) {
    SCOPED_TRACE(testing::PrintToString(formats));
    std::vector<std::string> args{"quantize", model, out_, "-q"};
    args.insert(args.end(), formats.begin(), formats.end());
    const auto r = run_program(args);
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.out + r.err, "");
    EXPECT_TRUE(logits(out_, {}) == logits(model, formats));
    EXPECT_EQ(run_program({"run", out_, "-p", "Hi", "--max-tokens", "2"}).status, 0);
    std::filesystem::remove_all(out_);
  }
}

TEST_F(CliQuantize, JsonAndInfoAgree) {
  const std::string model = shared_model("pangu-embedded-tiny");
  const auto r = run_program({"quantize", model, out_, "--format", "w4a16-g32-asym", "--json"});
  ASSERT_EQ(r.status, 0) << r.err;
  const Json json = r.json();
  const Json info = run_program({"info", out_, "--json"}).json();
  EXPECT_EQ(json["bytes_out"], info["weights"]["bytes"]);
  EXPECT_EQ(json["parameters_out"], info["weights"]["parameters"]);
  EXPECT_EQ(json["parameters_in"], 657408);
  EXPECT_EQ(json["bytes_in"], 2 * 657408);
  EXPECT_GT(json["seconds"].get<double>(), 0);
  EXPECT_GT(json["peak_rss_bytes"].get<std::int64_t>(), 0);
  EXPECT_EQ(info["problems"], Json::array());
  // 512 rows of 128 codes and a bf16 scale.
  EXPECT_EQ(info["weights"]["formats"]["w8a16"],
            Json({{"tensors", 1}, {"parameters", 512 * 128}, {"bytes", 512 * 130}}));
  EXPECT_EQ(info["weights"]["bytes_by_part"]["embedding"], 512 * 130);
  EXPECT_EQ(info["weights"]["formats"]["w4a16-g32-asym"]["tensors"], 21);
  // A half byte a weight; a f16 scale and a byte for the zero point of 32.
  EXPECT_EQ(info["weights"]["bytes_by_part"]["mlp"], 3 * 3 * 128 * 384 / 32 * (16 + 3));
  const Json& tensor = json["tensors"][1];
  EXPECT_EQ(tensor["name"], "model.layers.0.self_attn.q_proj.weight");
  EXPECT_EQ(tensor["format"], "w4a16-g32-asym");
  EXPECT_EQ(tensor["bytes_in"], 128 * 128 * 2);
  EXPECT_EQ(tensor["bytes_out"], 128 * 128 / 32 * (16 + 3));
  for (const Json& t : json["tensors"]) {
    EXPECT_GT(t["relative_error"], 0.001);
    EXPECT_LT(t["relative_error"], 0.12);
    EXPECT_GE(t["worst_channel_error"], t["relative_error"]);
    EXPECT_LT(t["worst_channel"], t["rows"]);
  }
  const auto text = run_program({"info", out_});
  EXPECT_THAT(text.out, HasSubstr("w4a16-g32-asym"));
  EXPECT_THAT(text.out, Not(HasSubstr("problem")));
}

TEST_F(CliQuantize, TheSummaryNamesTheWorstAndVerboseAll) {
  const std::string model = shared_model("pangu-embedded-tiny");
  const auto brief = run_program({"quantize", model, out_, "--format", "q4_k"});
  EXPECT_EQ(brief.status, 0);
  EXPECT_EQ(brief.out, "");
  EXPECT_THAT(brief.err, HasSubstr("weights  1.25 MiB -> "));
  EXPECT_THAT(brief.err, HasSubstr("are q8_0 in place of q4_k, whose blocks have 256"));
  EXPECT_EQ(std::count(brief.err.begin(), brief.err.end(), '/'), 0);
  std::filesystem::remove_all(out_);
  const auto all = run_program({"quantize", model, out_, "--format", "w8a16", "-v"});
  EXPECT_EQ(std::count(all.err.begin(), all.err.end(), '\n'), 1 + 22 + 2) << all.err;
  EXPECT_THAT(all.err, HasSubstr("model.layers.2.mlp.down_proj.weight"));
  const std::string card = read_file(out_ + "/README.md");
  EXPECT_THAT(card, HasSubstr("$ pangu quantize pangu-embedded-tiny out --format w8a16\n"));
  EXPECT_THAT(card, Not(HasSubstr(scratch_.path().string())));
}

TEST_F(CliQuantize, WrongInputIsRefusedAndLeavesNothing) {
  const std::string model = shared_model("pangu-embedded-tiny");
  write_file(scratch_ / "full/file", "kept");
  const std::string full = (scratch_ / "full").string();
  expect_refusals(
      "quantize",
      {
          {{model, out_}, 2, "--format is required"},
          {{model, "--format", "w8a16"}, 2, "OUT is required"},
          {{model, out_, "--format", "int3"}, 2, "int3"},
          {{model, out_, "--format", "w8a16", "--head-format", "x"}, 2, "--head-format"},
          {{model, out_, "--format", "w8a16", "--method", "magic"}, 2, "magic"},
          {{(scratch_ / "gone").string(), out_, "--format", "w8a16"}, 1, "there is no folder"},
          {{full, out_, "--format", "w8a16"}, 1, "config.json"},
          {{model, full, "--format", "w8a16"}, 1, "not empty"},
          {{model, full + "/file", "--format", "w8a16"}, 1, "exists already"},
          {{model, out_ + "/x", "--format", "w8a16"}, 1, "there is no folder"},
      });
  EXPECT_EQ(entries(), 1);
  EXPECT_EQ(read_file(scratch_ / "full/file"), "kept");
}

TEST_F(CliQuantize, DamagedQuantizedFoldersAreRefusedByName) {
  ASSERT_EQ(run_program(
                {"quantize", shared_model("pangu-embedded-tiny"), out_, "--format", "w8a16", "-q"})
                .status,
            0);
  const auto config_path = scratch_ / "out/config.json";
  const Json config = read_json(config_path);
  const auto refused = [&](const char* key, const Json& value, const std::string& message) {
    Json changed = config;
    changed["quantization_config"][key] = value;
    write_file(config_path, changed.dump());
    const auto r = run_program({"run", out_, "-p", "x"});
    EXPECT_EQ(r.status, 1);
    EXPECT_THAT(r.err, HasSubstr(message));
  };
  refused("format", "w3", "quantization_config.format");
  refused("version", 7, "version 7");
  refused("quant_method", "gptq", "'gptq'");
  refused("format", "w4a16-g32", "model.");
}

}  // namespace
}  // namespace pangu::test
