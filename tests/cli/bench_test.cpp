// SPDX-License-Identifier: Apache-2.0
// pangu bench: the contract of its JSON, shapes by name and from a file, and its errors.
#include <gmock/gmock.h>

#include "io/json.h"
#include "tests/cli/program.h"
#include "tests/support/support.h"

namespace pangu::test {
namespace {

using ::testing::HasSubstr;

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
  for (const char* key : {"prefill_tokens_per_s", "decode_tokens_per_s",
                          "read_bandwidth_bytes_per_s", "peak_ops_per_s", "decode_bytes_per_token",
                          "decode_bandwidth_share", "prefill_peak_share", "peak_rss_bytes"}) {
    ASSERT_TRUE(json.contains(key)) << key;
    EXPECT_GT(json[key].get<double>(), 0.0) << key;
  }
  EXPECT_EQ(json["format"], "bf16");
  EXPECT_EQ(json["threads"], 2);
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

TEST(CliBench, UnknownShapesAreRefusedWithTheKnownOnes) {
  const auto r = run_program({"bench", "--shape", "gpt-9"});
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, HasSubstr("no shape 'gpt-9'"));
  EXPECT_THAT(r.err, HasSubstr("openpangu-embedded-7b"));
}

TEST(CliBench, NothingToMeasureIsRefused) {
  const auto r =
      run_program({"bench", "--shape", "openpangu-embedded-1b", "--pp", "0", "--tg", "0"});
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, HasSubstr("0 prompt tokens"));
}

}  // namespace
}  // namespace pangu::test
