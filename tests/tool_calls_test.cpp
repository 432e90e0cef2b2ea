// SPDX-License-Identifier: Apache-2.0
// Calls of tools in replies of an engine and of a batch, through the public headers alone. What the
// model writes is replayed, for it was never taught to call anything.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pangu/pangu.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr std::string_view kTools =
    R"([{"type":"function","function":{"name":"price","parameters":{"type":"object"}}}])";

/// What came token by token, and in the end.
struct SeenReply {
  std::string text, reasoning;
  std::vector<ToolCall> calls;
  std::size_t deltas = 0;
  Generation generation;

  TokenCallback on_token() {
    return [this](const GeneratedToken& token) {
      text += token.text;
      reasoning += token.reasoning;
      for (const ToolCallDelta& d : token.tool_calls) {
        ++deltas;
        if (!d.id.empty()) calls.push_back({.id = d.id, .name = d.name, .arguments = {}});
        calls.back().arguments += d.arguments;
        calls.back().is_complete = d.is_complete;
      }
    };
  }
};

class ToolCallsOfAModel : public testing::Test {
 protected:
  static Engine loaded(SpeculationMode mode) {
    return Engine::load(std::filesystem::path(PANGU_MODELS_DIR) / "pangu-nano",
                        {.threads = 2, .context = 1024, .speculation = {.mode = mode}});
  }

  static std::vector<TokenId> prompt(const Engine& engine) {
    const std::vector<Message> messages = {{"user", "What does a flower cost?"}};
    return engine.chat_prompt(messages, {.tools = std::string(kTools)});
  }

  /// A reply that the model is made to write.
  static GenerateOptions replaying(const Engine& engine, std::string_view reply) {
    GenerateOptions options{.split_reasoning = true, .split_tool_calls = true};
    options.replay = engine.tokenizer()->encode(reply, {.add_bos = false});
    options.max_tokens = static_cast<std::int64_t>(options.replay.size());
    options.ignore_eos = true;
    return options;
  }

  static void expect_two_calls(const SeenReply& seen) {
    EXPECT_EQ(seen.reasoning, "a flower [x]");
    EXPECT_EQ(seen.text, "Let me see.");
    ASSERT_EQ(seen.calls.size(), 2u);
    EXPECT_EQ(seen.calls[0].name, "price");
    EXPECT_EQ(seen.calls[0].arguments, R"({"of": "花 [unused]", "n": [1, 2]})");
    EXPECT_EQ(seen.calls[1].arguments, "{}");
    EXPECT_GT(seen.deltas, 8u);  // arguments come as they are written
    EXPECT_EQ(seen.generation.text, seen.text);
    EXPECT_EQ(seen.generation.reasoning, seen.reasoning);
    EXPECT_EQ(seen.generation.tool_calls, seen.calls);
    EXPECT_TRUE(seen.calls[0].is_complete && seen.calls[1].is_complete);
    EXPECT_NE(seen.calls[0].id, seen.calls[1].id);
  }

  static constexpr std::string_view kTwoCalls =
      R"([unused16]a flower [x][unused17]Let me see.
[unused11][{"name": "price", "arguments": {"of": "花 [unused]", "n": [1, 2]}}, )"
      R"({"name": "price", "arguments": {}}][unused12])";
};

TEST_F(ToolCallsOfAModel, AreTheSameAloneInABatchAndGuessed) {
  for (const SpeculationMode mode : {SpeculationMode::kOff, SpeculationMode::kLookup}) {
    Engine engine = loaded(mode);
    SeenReply alone;
    alone.generation =
        engine.generate(prompt(engine), replaying(engine, kTwoCalls), alone.on_token());
    expect_two_calls(alone);
    BatchEngine batch(engine, {.max_replies = 2});
    std::map<std::int64_t, SeenReply> seen;
    for (std::int64_t i = 0; i < 3; ++i) {
      batch.submit(prompt(engine), replaying(engine, kTwoCalls), seen[i].on_token());
    }
    while (batch.step()) {
    }
    for (auto& [request, generation] : batch.take_finished()) {
      seen[request].generation = std::move(generation);
    }
    for (const auto& [request, reply] : seen) {
      expect_two_calls(reply);
      EXPECT_EQ(reply.calls, alone.calls) << request;
    }
  }
}

TEST_F(ToolCallsOfAModel, OfItsOwnAreTextWhereTheyAreNone) {
  Engine engine = loaded(SpeculationMode::kOff);
  const std::string_view broken = R"([unused11][{"nme": 1}][unused12] so)";
  SeenReply seen;
  seen.generation = engine.generate(prompt(engine), replaying(engine, broken), seen.on_token());
  EXPECT_EQ(seen.text, broken);
  EXPECT_EQ(seen.generation.text, broken);
  EXPECT_TRUE(seen.generation.tool_calls.empty());
}

}  // namespace
}  // namespace pangu
