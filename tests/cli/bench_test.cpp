// SPDX-License-Identifier: Apache-2.0
// pangu bench: the contract of its JSON, shapes by name and from a file, and its errors.
#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "io/json.h"
#include "tests/cli/program.h"
#include "tests/support/support.h"

namespace pangu::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A shape small enough for a test.
constexpr const char* kConfig = R"({
  "architectures": ["Qwen3ForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
  "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32, "intermediate_size": 96,
  "vocab_size": 300, "max_position_embeddings": 512, "rms_norm_eps": 1e-6, "rope_theta": 1e6,
  "tie_word_embeddings": true, "hidden_act": "silu"})";

TEST(CliBench, GivesEveryKeyOfItsContract) {
  const ScratchDir scratch;
  write_file(scratch / "config.json", kConfig);
  const auto r =
      run_program({"bench", "--shape", (scratch / "config.json").string(), "--pp", "20", "--tg",
                   "4", "--reps", "2", "--batch", "2", "--threads", "2", "--json"});
  ASSERT_EQ(r.status, 0) << r.err;
  const Json json = Json::parse(r.out);
  for (const char* key :
       {"prefill_tokens_per_s", "decode_tokens_per_s", "read_bandwidth_bytes_per_s",
        "peak_ops_per_s", "decode_bytes_per_token", "decode_bandwidth_share", "prefill_peak_share",
        "peak_rss_bytes", "model_rss_bytes", "prefill_ops_per_token", "decode_ops_per_token",
        "prefill_bytes_per_token"}) {
    ASSERT_TRUE(json.contains(key)) << key;
    EXPECT_GT(json[key].get<double>(), 0.0) << key;
  }
  EXPECT_EQ(json["format"], "bf16");
  EXPECT_EQ(json["threads"], 2);
  for (const char* key : {"isa", "head_format", "embedding_format", "kv_format", "dtype"}) {
    EXPECT_TRUE(json[key].is_string()) << key;
  }
  EXPECT_THAT(json["peak_arithmetic"], AnyOf("bf16", "f32"));
  // The block of half a gigabyte that bandwidth is measured on is not the model's. An instrumented
  // program alone, doing nothing, has 240 MB.
  EXPECT_LT(json["peak_rss_bytes"].get<double>(), kSanitized ? 400e6 : 200e6);
  EXPECT_TRUE(json["remarks"].is_array());
  EXPECT_TRUE(json.contains("other_load")) << "null where too little time has passed";
  EXPECT_GE(json["memory_nodes"], 1);
  ASSERT_EQ(json["verify_cost"].size(), 8u);
  EXPECT_EQ(json["verify_cost"][0], 1.0);
}

TEST(CliBench, MeasuresAModelAndSaysSoInWords) {
  PANGU_NEEDS_SHARED_DATA();
  const auto r = run_program({"bench", (shared_dir() / "models/stories260K").string(), "--pp", "16",
                              "--tg", "4", "--reps", "1", "--format", "f16", "--no-verify"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("f16 weights"));
  EXPECT_THAT(r.out, HasSubstr("prefill"));
  EXPECT_THAT(r.out, HasSubstr("GB/s"));
  EXPECT_THAT(r.err, HasSubstr("peak memory"));
}

TEST(CliBench, AQuantizedCacheIsReadInFewerBytes) {
  const ScratchDir scratch;
  write_file(scratch / "config.json", kConfig);
  const auto cache_bytes = [&](const char* format) {
    const auto r =
        run_program({"bench", "--shape", (scratch / "config.json").string(), "--pp", "8", "--tg",
                     "2", "--reps", "1", "--no-verify", "--kv-format", format, "--json"});
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.json()["kv_format"], format);
    return r.json()["decode_cost"]["cache_bytes"].get<double>();
  };
  const double half = cache_bytes("bf16");
  EXPECT_LT(cache_bytes("int8"), 0.7 * half);
  EXPECT_LT(cache_bytes("int4"), 0.5 * half);
}

TEST(CliBench, SweepMeasuresEveryCombinationAndWritesThem) {
  const ScratchDir scratch;
  write_file(scratch / "config.json", kConfig);
  const auto out = scratch / "new" / "results";
  const auto r = run_program({"bench", "--shape", (scratch / "config.json").string(), "--sweep",
                              out.string(), "--formats", "bf16,w8a8", "--batches", "1,2", "--pp",
                              "5", "--tg", "2", "--reps", "1", "--threads", "1"});
  ASSERT_EQ(r.status, 0) << r.err;
  // On a busy machine there are remarks between them.
  int rows = 0;
  std::istringstream lines(r.out);
  for (std::string line; std::getline(lines, line);) {
    rows += int{line.starts_with("bf16 ") || line.starts_with("w8a8 ")};
  }
  EXPECT_EQ(rows, 4) << r.out;
  EXPECT_THAT(r.err, HasSubstr("bench.svg"));

  const std::string csv = read_file(out / "bench.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
  EXPECT_THAT(csv, StartsWith("model,format,"));
  EXPECT_THAT(csv, HasSubstr(",int8,"));

  const std::string markdown = read_file(out / "bench.md");
  EXPECT_THAT(markdown, HasSubstr("pangu bench --shape config.json --sweep results --formats "
                                  "bf16,w8a8"));
  EXPECT_THAT(markdown, HasSubstr(" --batches 1,2 --contexts 5"));
  // Repeated on another machine, it is to use the same instructions.
  const std::string isa = run_program({"info", "--json"}).json()["machine"]["isa"];
  EXPECT_THAT(markdown, HasSubstr(" --isa " + isa));
  EXPECT_THAT(markdown, Not(HasSubstr(scratch.path().string())));
  EXPECT_THAT(markdown, HasSubstr("| w8a8 | "));

  const std::string svg = read_file(out / "bench.svg");
  EXPECT_THAT(svg, StartsWith("<svg "));
  for (const char* text : {">config.json<", ">w8a8 ×2<", ">w8a8<", "int8 peak", "memory "}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(svg, Not(HasSubstr("bf16 ×3")));
}

TEST(CliBench, SweepAsJsonIsOneObject) {
  const ScratchDir scratch;
  write_file(scratch / "config.json", kConfig);
  const auto r = run_program({"bench", "--shape", (scratch / "config.json").string(), "--sweep",
                              scratch.path().string(), "--format", "w8a16", "--batch", "3",
                              "--contexts", "4", "--tg", "0", "--reps", "1", "--json"});
  ASSERT_EQ(r.status, 0) << r.err;
  const Json json = r.json();
  ASSERT_EQ(json["runs"].size(), 1u);
  EXPECT_EQ(json["runs"][0]["format"], "w8a16");
  EXPECT_EQ(json["runs"][0]["batch"], 3);
  EXPECT_GT(json["runs"][0]["prefill_tokens_per_s"], 0.0);
  EXPECT_EQ(json["runs"][0]["decode_tokens_per_s"], 0.0);
  EXPECT_GT(json["read_bandwidth_bytes_per_s"], 0.0);
  EXPECT_EQ(json["files"].size(), 3u);
}

TEST(CliBench, SweepIntoAFileIsRefusedBeforeAnythingIsMeasured) {
  const ScratchDir scratch;
  write_file(scratch / "taken", "");
  const auto r = run_program(
      {"bench", "--shape", "openpangu-embedded-7b", "--sweep", (scratch / "taken").string()});
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, HasSubstr("taken: the folder cannot be made"));
  EXPECT_EQ(r.out, "");
}

TEST(CliBench, UnknownShapesAreRefusedWithTheKnownOnes) {
  const auto r = run_program({"bench", "--shape", "gpt-9"});
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, HasSubstr("no shape 'gpt-9'"));
  EXPECT_THAT(r.err, HasSubstr("openpangu-embedded-7b"));
}

TEST(CliBench, ShapesChangeTheirSizes) {
  const ScratchDir scratch;
  write_file(scratch / "config.json", kConfig);
  const std::vector<std::string> args{"bench",      "--shape",    scratch.path().string(),
                                      "--layers",   "3",          "--intermediate-size",
                                      "96,40,64",   "--kv-heads", "1",
                                      "--pp",       "4",          "--tg",
                                      "2",          "--reps",     "1",
                                      "--no-verify"};
  const auto text = run_program(args);
  ASSERT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr(" --layers 3 --intermediate-size 96,40,64 --kv-heads 1: bf16"));
  EXPECT_THAT(text.out, HasSubstr("3 layers, hidden size 64, feed-forward 40 to 96, by layer, "
                                  "2 heads (1 for keys and values) of size 32, vocabulary 300; "));
  std::vector<std::string> json_args = args;
  json_args.emplace_back("--json");
  const Json json = run_program(json_args).json();
  const Json& shape = json["shape"];
  EXPECT_EQ(shape["layers"], 3);
  EXPECT_EQ(shape["intermediate_size"], Json({96, 40, 64}));
  EXPECT_EQ(shape["heads"], 2);
  EXPECT_EQ(shape["kv_heads"], 1);
  EXPECT_EQ(shape["head_dim"], 32);
  // Two operations for each weight of the products: three layers and the head.
  EXPECT_EQ(json["decode_cost"]["product_ops"],
            2.0 * 64 * (3 * (2 * 64 + 2 * 32) + 3 * (96 + 40 + 64) + 300));
  EXPECT_EQ(shape["parameters"], 64 * (3 * (2 * 64 + 2 * 32) + 3 * (96 + 40 + 64) + 300) +
                                     64 * (2 * 3 + 1) + 3 * 2 * 32);

  const auto sweep =
      run_program({"bench", "--shape", (scratch / "config.json").string(), "--layers", "1",
                   "--sweep", (scratch / "out").string(), "--formats", "bf16", "--batches", "1",
                   "--contexts", "2", "--tg", "1", "--reps", "1"});
  ASSERT_EQ(sweep.status, 0) << sweep.err;
  EXPECT_THAT(read_file(scratch / "out" / "bench.md"),
              HasSubstr("pangu bench --shape config.json --layers 1 --sweep out"));
}

TEST(CliBench, SizesThatCannotBeAreRefused) {
  const std::string shape = "openpangu-embedded-1b";
  expect_refusals(
      "bench", {{{"--shape", shape, "--layers", "0"}, 2, "--layers: '0' is no whole number"},
                {{"--shape", shape, "--layers", "2.5"}, 2, "--layers: '2.5' is no whole number"},
                {{"--shape", shape, "--layers", "5000"},
                 2,
                 "--layers: '5000' is no whole number from 1 to 1000"},
                {{"--shape", shape, "--intermediate-size", "64,,32"}, 2, "--intermediate-size: ''"},
                {{"--shape", shape, "--intermediate-size", "64,0"}, 2, "--intermediate-size: '0'"},
                {{"--shape", shape, "--intermediate-size", "64,32"}, 1, "each of the 26 layers"},
                {{"--shape", shape, "--intermediate-size", "16000000"},
                 2,
                 "--intermediate-size: '16000000'"},
                {{"--shape", shape, "--kv-heads", "none"}, 2, "--kv-heads: 'none'"},
                {{"--shape", shape, "--kv-heads", "16000000"}, 2, "--kv-heads: '16000000'"},
                {{"--shape", shape, "--kv-heads", "90000"}, 1, "num_attention_heads"},
                {{"somewhere", "--layers", "2"}, 2, "--layers requires --shape"}});
}

TEST(CliBench, TwoTakeTurns) {
  PANGU_NEEDS_SHARED_DATA();
  const std::string model = shared_model("pangu-embedded-tiny");
  const std::vector<std::string> args{"bench", model,  "--against", model,    "--pp",
                                      "8",     "--tg", "2",         "--reps", "2"};
  const auto r = run_program(args);
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("| model | parameters |"));
  std::vector<std::string> json_args = args;
  json_args.emplace_back("--json");
  const Json json = run_program(json_args).json();
  ASSERT_EQ(json["models"].size(), 2);
  EXPECT_EQ(json["models"][0]["decode_ratio"]["median"], 1.0);
  EXPECT_EQ(json["models"][0]["parameters"], json["models"][1]["parameters"]);

  const std::string shape = (std::filesystem::path(model) / "config.json").string();
  const Json shapes =
      run_program({"bench", "--shape", shape, "--intermediate-size", "64", "--against", shape,
                   "--pp", "8", "--tg", "2", "--reps", "2", "--json"})
          .json();
  EXPECT_LT(shapes["models"][1]["parameters"], shapes["models"][0]["parameters"]);
  expect_refusals("bench", {{{model, "--against", "nowhere"}, 1, "nowhere"},
                            {{model, "--against", ""}, 2, "--against"},
                            {{model, "--against", model, "--spec", "pld"}, 2, "excludes"},
                            {{"--shape", shape, "--against", "no-shape"}, 1, "no-shape"}});
}

TEST(CliBench, NothingToMeasureIsRefused) {
  const auto r =
      run_program({"bench", "--shape", "openpangu-embedded-1b", "--pp", "0", "--tg", "0"});
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.err, HasSubstr("--pp and --tg are both 0"));
}

}  // namespace
}  // namespace pangu::test
