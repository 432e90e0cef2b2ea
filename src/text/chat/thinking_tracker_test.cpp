// SPDX-License-Identifier: Apache-2.0
// Where a reply thinks, against the splitter of texts and against counts by hand.
#include "text/chat/thinking_tracker.h"

#include <random>

#include "tests/support/letters_tokenizer.h"
#include "tests/support/support.h"
#include "text/chat/reasoning.h"

namespace pangu {
namespace {

using test::LettersTokenizer;

struct Counts {
  std::int64_t thinking, answer;
  bool is_thinking;
  bool operator==(const Counts&) const = default;
};
void PrintTo(const Counts& c, std::ostream* out) {
  *out << c.thinking << " thinking, " << c.answer << " answer" << (c.is_thinking ? ", thinks" : "");
}

Counts counts(const std::shared_ptr<const Tokenizer>& tokenizer, const std::vector<TokenId>& ids,
              std::string_view prompt = "q") {
  ThinkingTracker tracker(tokenizer, tokenizer->encode(prompt));
  for (const TokenId id : ids) tracker.push(id);
  return {tracker.thinking_tokens(), tracker.answer_tokens(), tracker.is_thinking()};
}

TEST(ThinkingTracker, TokensOfMarkersCountWhereverTheyCome) {
  const auto pangu =
      std::make_shared<LettersTokenizer>(std::vector<std::string>{"[unused16]", "[unused17]"});
  EXPECT_EQ(counts(pangu, {}), (Counts{0, 0, false}));
  EXPECT_EQ(counts(pangu, {256, 'a', 'b'}), (Counts{2, 0, true}));
  EXPECT_EQ(counts(pangu, {256, 'a', 'b', 257, 'c'}), (Counts{2, 1, false}));
  EXPECT_EQ(counts(pangu, {'x', 256, 'a', 257, 'c', 256, 'd'}), (Counts{2, 2, true}));
  EXPECT_EQ(counts(pangu, {'a', 257}, "q[unused16]\n"), (Counts{1, 0, false}));
  EXPECT_EQ(counts(pangu, pangu->encode("<think>a</think>")), (Counts{0, 16, false}));
}

TEST(ThinkingTracker, MarkersThatAreSpelledCountOnceTheyAreWhole) {
  const auto letters = std::make_shared<LettersTokenizer>();
  const auto of = [&](std::string_view text, std::string_view prompt = "q") {
    return counts(letters, letters->encode(text), prompt);
  };
  EXPECT_EQ(of("\n<think"), (Counts{0, 7, false}));
  EXPECT_EQ(of("\n<think>"), (Counts{0, 0, true}));
  EXPECT_EQ(of("<think>ab</thin"), (Counts{8, 0, true}));
  EXPECT_EQ(of("<think>ab</think>"), (Counts{2, 0, false}));
  EXPECT_EQ(of("<think>a<</<</think>yes"), (Counts{5, 3, false}));
  EXPECT_EQ(of("a <think>b</think>"), (Counts{0, 18, false}));
  EXPECT_EQ(of("b</think>c", "q<think>\n"), (Counts{1, 1, false}));
}

/// Tokens of several letters: those of a marker may have text in front and behind.
TEST(ThinkingTracker, SpelledMarkersMayBeCutAnywhere) {
  const std::vector<std::string> pieces = {"<th",  "ink>ab", "c</", "</th",
                                           "ink>", "think>", "d<",  "/"};
  class Words : public LettersTokenizer {
   public:
    using LettersTokenizer::LettersTokenizer;
    bool is_special(TokenId) const override { return false; }
  };
  const auto words = std::make_shared<Words>(pieces);
  EXPECT_EQ(counts(words, {256, 257, 259, 260, 'y'}), (Counts{0, 1, false}));
  EXPECT_EQ(counts(words, {256, 257, 'x', 258, 261, 'y'}), (Counts{1, 1, false}));
  EXPECT_EQ(counts(words, {256, 257, 258, 262, 263, 261}), (Counts{1, 0, false}));
}

TEST(ThinkingTracker, SeesWhatTheSplitterSees) {
  const auto letters = std::make_shared<LettersTokenizer>();
  std::mt19937_64 random(test::seed());
  const std::vector<std::string> parts = {"<think>", "</think>", "<think", "<",
                                          "</",      "a",        "\n",     ">"};
  int thought = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string text = random() % 2 == 0 ? "<think>" : "";
    for (int n = 0; n < 8; ++n) text += parts[random() % parts.size()];
    const std::string prompt = random() % 4 == 0 ? "q<think>" : "q";
    ThinkingTracker tracker(letters, letters->encode(prompt));
    ReasoningSplitter splitter(*letters, letters->encode(prompt));
    for (const char c : text) {
      tracker.push(static_cast<unsigned char>(c));
      splitter.take(std::string(1, c));
      ASSERT_EQ(tracker.is_thinking(), splitter.is_reasoning()) << prompt << text;
      thought += tracker.is_thinking() ? 1 : 0;
    }
  }
  EXPECT_GT(thought, 1000);
}

TEST(ThinkingTracker, KnowsACharacterThatIsUnfinished) {
  const auto pangu =
      std::make_shared<LettersTokenizer>(std::vector<std::string>{"[unused16]", "[unused17]"});
  ThinkingTracker tracker(pangu, pangu->encode("q[unused16]"));
  for (const auto& [id, within] : std::vector<std::pair<TokenId, bool>>{
           {'a', false}, {0xe6, true}, {0x80, true}, {0x9d, false}, {0xe6, true}, {257, false}}) {
    tracker.push(id);
    EXPECT_EQ(tracker.within_character(), within) << id;
  }
}

TEST(ThinkingMarkers, SayWhetherAModelCanThink) {
  EXPECT_TRUE(can_think(LettersTokenizer({"[unused16]", "[unused17]"})));
  EXPECT_TRUE(can_think(LettersTokenizer({"<think>", "</think>"})));
  EXPECT_TRUE(can_think(LettersTokenizer({}, "{{ x.split('</think>') }}")));
  EXPECT_FALSE(can_think(LettersTokenizer({"[unused16]"})));
  EXPECT_FALSE(can_think(LettersTokenizer({}, "{{ messages }}")));
}

TEST(ThinkingMarkers, AreClosedByATokenOrBySpelling) {
  const LettersTokenizer token({"[THINK]", "[/THINK]"}), spelled;
  EXPECT_EQ(closing_tokens(token, thinking_markers(token)), std::vector<TokenId>{257});
  EXPECT_EQ(closing_tokens(spelled, thinking_markers(spelled)), spelled.encode("</think>"));
  /// Begins every text with a blank, as SentencePiece does.
  class Blank : public LettersTokenizer {
   public:
    using LettersTokenizer::encode;
    std::vector<TokenId> encode(std::span<const TextPiece> pieces,
                                const EncodeOptions& options) const override {
      auto ids = LettersTokenizer::encode(pieces, options);
      ids.insert(ids.begin(), ' ');
      return ids;
    }
  };
  const Blank blank;
  EXPECT_EQ(closing_tokens(blank, thinking_markers(blank)), spelled.encode("</think>"));
}

}  // namespace
}  // namespace pangu
