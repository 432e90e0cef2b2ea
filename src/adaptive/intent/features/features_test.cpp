// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/features/features.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "adaptive/intent/features/cue_words.h"
#include "adaptive/intent/features/text_features.h"
#include "adaptive/intent/features/text_units.h"
#include "ops/host.h"
#include "ops/rms_norm.h"
#include "runtime/cache/kv_cache.h"
#include "runtime/model_fingerprint.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

class ModelFeatures : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ctx_ = std::make_unique<Context>(ContextOptions{.threads = 2});
    model_ = std::make_unique<Model>(load_model("pangu-nano", {}, *ctx_));
  }
  static void TearDownTestSuite() {
    model_.reset();
    ctx_.reset();
  }

  /// The stream behind `layers` layers in passes of `chunk` tokens; `whole` runs all layers and
  /// gives logits, as the prefill of a reply does.
  static StreamFeatures in_chunks(const RequestTokens& tokens, std::int64_t layers,
                                  std::size_t chunk, bool whole) {
    KvCache cache(model_->network->kv_shape(exact_kv_format(ctx_->dtype())), 1024,
                  ctx_->shared_device());
    const SequenceId id = cache.create();
    StreamSum sum(model_->config().hidden_size);
    for (std::size_t at = 0; at < tokens.ids.size(); at += chunk) {
      const std::size_t n = std::min(chunk, tokens.ids.size() - at);
      Batch batch;
      cache.append(id, std::span(tokens.ids).subspan(at, n), whole ? Logits::kLast : Logits::kNone,
                   batch);
      LayerStream stream{.layers = layers};
      const Tensor logits =
          model_->network->forward(batch, cache.storage(), *ctx_,
                                   {.streams = std::span(&stream, 1), .streams_only = !whole});
      EXPECT_EQ(logits.defined(), whole);
      sum.add(to_host(stream.states), std::span(tokens.weights).subspan(at, n));
    }
    return {sum.mean(), sum.last()};
  }

  static std::unique_ptr<Context> ctx_;
  static std::unique_ptr<Model> model_;
};

std::unique_ptr<Context> ModelFeatures::ctx_;
std::unique_ptr<Model> ModelFeatures::model_;

TEST_F(ModelFeatures, AreTheSameBitsHoweverThePromptIsCutAndInTheModelsOwnPrefill) {
  const Request request =
      request_of("Anna has 5 apples and buys 7 more. How many apples are there?");
  const RequestTokens tokens = request_tokens(*model_->tokenizer, request);
  FeatureReader reader(*model_, *ctx_, {2, 4});
  const Features read = reader.read(request);
  for (const std::int64_t layer : {2, 4}) {
    for (const std::size_t chunk : {1, 7, 512}) {
      for (const bool whole : {false, true}) {
        const StreamFeatures other = in_chunks(tokens, layer, chunk, whole);
        EXPECT_EQ(other.mean, read.streams.at(layer).mean) << layer << " " << chunk << " " << whole;
        EXPECT_EQ(other.last, read.streams.at(layer).last);
      }
    }
  }
}

TEST_F(ModelFeatures, DoNotDependOnWhatIsReadWithThem) {
  std::vector<Request> requests;
  for (int i = 0; i < 40; ++i) {
    std::string text = "Request number " + std::to_string(i);
    for (int k = 0; k < i * 9; ++k) text += " and so on";
    requests.push_back(request_of(text));
  }
  FeatureReader reader(*model_, *ctx_, {3});
  const std::vector<Features> together = reader.read(requests);
  for (const std::size_t i : {0u, 13u, 39u}) {
    const Features alone = reader.read(requests[i]);
    EXPECT_EQ(alone.streams.at(3).mean, together[i].streams.at(3).mean) << i;
    EXPECT_EQ(alone.grams, together[i].grams) << i;
  }
}

TEST_F(ModelFeatures, TheStreamBehindAllLayersIsWhatEntersTheHead) {
  const std::vector<TokenId> ids = {1, 20, 300, 41};
  KvCache cache(model_->network->kv_shape(exact_kv_format(ctx_->dtype())), 256,
                ctx_->shared_device());
  Batch batch, again;
  cache.append(cache.create(), ids, Logits::kAll, batch);
  cache.append(cache.create(), ids, Logits::kAll, again);
  LayerStream stream{.layers = model_->config().n_layers};
  model_->network->forward(batch, cache.storage(), *ctx_,
                           {.streams = std::span(&stream, 1), .streams_only = true});
  Tensor hidden;
  model_->network->forward(again, cache.storage(), *ctx_, {.hidden = &hidden});
  const auto weights = model_->network->weights();
  const auto norm = std::find_if(weights.begin(), weights.end(), [](const WeightUse& use) {
    return use.layer == kNoLayer && use.vector;
  });
  ASSERT_NE(norm, weights.end());
  const Tensor normed = to_host(ops::rms_norm(stream.states, *norm->vector,
                                              static_cast<float>(model_->config().rms_norm_eps),
                                              ctx_->dtype(), *ctx_));
  const Tensor entered = to_host(hidden);
  ASSERT_EQ(normed.count(), entered.count());
  EXPECT_EQ(std::memcmp(normed.raw(), entered.raw(), static_cast<std::size_t>(normed.count()) * 2),
            0);
}

TEST_F(ModelFeatures, PassesRefuseOptionsThatDoNotGoTogether) {
  KvCache cache(model_->network->kv_shape(exact_kv_format(ctx_->dtype())), 64,
                ctx_->shared_device());
  Batch batch;
  cache.append(cache.create(), std::vector<TokenId>{1, 2}, Logits::kLast, batch);
  const auto pass = [&](const PassOptions& options) {
    model_->network->forward(batch, cache.storage(), *ctx_, options);
  };
  LayerStream deep{.layers = 6}, none{.layers = 7};
  PANGU_EXPECT_ERROR(pass({.streams = std::span(&none, 1)}), ShapeError, "behind 7 layers",
                     "0 to 6");
  PANGU_EXPECT_ERROR(pass({.streams = std::span(&deep, 1)}), ShapeError, "in a pass of 6");
  PANGU_EXPECT_ERROR(pass({.streams_only = true}), ShapeError, "without any");
  PANGU_EXPECT_ERROR(pass({.layers = 3, .streams = std::span(&deep, 1), .streams_only = true}),
                     ShapeError, "with other layers or states");
}

TEST_F(ModelFeatures, OfLongRequestsTheFirstAndLastTokensAreRead) {
  std::string text;
  for (int i = 0; i < 4000; ++i) text += "word" + std::to_string(i) + " ";
  const RequestTokens tokens = request_tokens(*model_->tokenizer, request_of(text));
  EXPECT_EQ(static_cast<std::int64_t>(tokens.ids.size()), 1 + kHeadTokens + kTailTokens);
  EXPECT_EQ(tokens.weights.front(), 0);
  const auto whole =
      model_->tokenizer->encode(text, {.add_bos = false, .add_eos = false, .parse_special = false});
  EXPECT_EQ(tokens.ids[1], whole[0]);
  EXPECT_EQ(tokens.ids[kHeadTokens], whole[kHeadTokens - 1]);
  EXPECT_EQ(tokens.ids.back(), whole.back());
}

TEST_F(ModelFeatures, ContextCountsAQuarter) {
  const std::vector<Message> messages = {{.role = "system", .content = "Be brief."},
                                         {.role = "user", .content = "Write a poem."},
                                         {.role = "assistant", .content = "Roses are red."},
                                         {.role = "user", .content = "Longer."}};
  const Request request = request_of(messages);
  EXPECT_EQ(request.text, "Longer.");
  EXPECT_EQ(request.context, "Write a poem.\nRoses are red.\n");
  const RequestTokens tokens = request_tokens(*model_->tokenizer, request);
  EXPECT_EQ(tokens.weights[1], kContextWeight);
  EXPECT_EQ(tokens.weights.back(), 1);
  PANGU_EXPECT_ERROR(request_of(std::span(messages).first(1)), InputError, "none of 1 messages");
}

TEST_F(ModelFeatures, RefuseDepthsThatTheModelLacksAndRequestsWithoutText) {
  PANGU_EXPECT_ERROR(FeatureReader(*model_, *ctx_, {7}), ConfigError, "layer 7", "6 layers");
  FeatureReader reader(*model_, *ctx_, {2});
  PANGU_EXPECT_ERROR(reader.read(request_of("")), InputError, "no text");
}

TEST_F(ModelFeatures, TheFingerprintIsThatOfTheFilesAlone) {
  const std::string found = model_fingerprint(*model_);
  EXPECT_EQ(found.size(), 16u);
  Context other(ContextOptions{.threads = 1, .dtype = DType::kF32});
  EXPECT_EQ(model_fingerprint(load_model(model_->path, {}, other)), found);
  EXPECT_NE(model_fingerprint(load_model("pangu-pico", {}, other)), found);
}

TEST(StreamSum, WeighsRowsAndKeepsTheLastThatCounts) {
  Context ctx(ContextOptions{.threads = 1});
  const Tensor rows = ctx.host_empty({3, 2}, DType::kF32);
  const float values[] = {1, 2, 3, 4, 50, 60};
  std::memcpy(rows.data<float>(), values, sizeof(values));
  StreamSum sum(2);
  PANGU_EXPECT_ERROR(sum.mean(), NumericError, "no token counted");
  sum.add(rows, std::vector<float>{1, 3, 0});
  EXPECT_EQ(sum.mean(), (std::vector<float>{2.5f, 3.5f}));
  EXPECT_EQ(sum.last(), (std::vector<float>{3, 4}));
  PANGU_EXPECT_ERROR(sum.add(rows, std::vector<float>{1}), ShapeError, "1 weights");
  rows.data<float>()[0] = std::numeric_limits<float>::infinity();
  sum.add(rows, std::vector<float>{1, 0, 0});
  PANGU_EXPECT_ERROR(sum.mean(), NumericError, "not finite");
}

TEST(TextFeatures, UnitsAreWordsNumbersCharactersAndSigns) {
  std::string joined;
  for (const TextUnit& unit : text_units("Don't add 12.5 到列表x！")) joined += unit.text + "|";
  EXPECT_EQ(joined, "don|'|t|add|12|.|5|到|列|表|x|！|");
}

TEST(TextFeatures, HaveTheSizesTheySayAndGramsHaveLengthOne) {
  for (const char* text : {"x", "写一个函数", "def f(x):\n  return x\n", "What is 2+2?"}) {
    const Request request = request_of(text);
    EXPECT_EQ(surface_features(request).size(), kSurfaceFeatures);
    double squares = 0;
    for (const float g : gram_features(request)) squares += double(g) * g;
    EXPECT_NEAR(squares, 1, 1e-5) << text;
  }
}

TEST(TextFeatures, CuesAreCountedAsOftenAsTheyStandThere) {
  const std::string text = "Fix fix this bug: $5, $6 and $7. 求方程";
  const auto counts = cue_counts(text, text_units(text));
  EXPECT_EQ(counts[1], 3);  // fix, fix, bug
  EXPECT_EQ(counts[3], 5);  // three dollars, two words
  EXPECT_EQ(cue_counts("", {})[0], 0);
}

TEST(TextFeatures, NumbersAreOneWord) {
  EXPECT_EQ(gram_features(request_of("add 3 to 4")), gram_features(request_of("add 71 to 9000")));
  EXPECT_NE(gram_features(request_of("add 3 to 4")), gram_features(request_of("add x to y")));
}

TEST(TextFeatures, BlocksHaveNamesAndWidths) {
  EXPECT_EQ(block_names(kAllBlocks), "mean,last,surface,grams");
  EXPECT_EQ(parse_blocks("grams,mean", "test"), kMeanBlock | kGramBlock);
  EXPECT_EQ(feature_width(kMeanBlock | kSurfaceBlock, 10), 10 + 36);
  PANGU_EXPECT_ERROR(parse_blocks("mean,words", "test"), ConfigError, "[test]", "mean,words");
  PANGU_EXPECT_ERROR(parse_blocks("mean,mean", "test"), ConfigError, "named twice");
  PANGU_EXPECT_ERROR(parse_blocks("", "test"), ConfigError, "no features");
}

TEST(Request, IsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 4000; ++i) text += "字";
  const Request request = request_of(text);
  EXPECT_LE(request.text.size(), kRequestHeadBytes + kRequestTailBytes);
  EXPECT_EQ(request.text.find("\xEF\xBF\xBD"), std::string::npos);
}

}  // namespace
}  // namespace pangu::adaptive
