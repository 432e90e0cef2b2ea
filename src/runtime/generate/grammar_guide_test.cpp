// SPDX-License-Identifier: Apache-2.0
// What the grammar of a reply says ahead of its tokens; no model is behind it.
#include "runtime/generate/grammar_guide.h"

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pangu/error.h"
#include "tests/support/letters_tokenizer.h"
#include "tests/support/predicate_grammar.h"

namespace pangu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Why = TokenGuide::Expected::Why;

constexpr TokenId kNa = 256, kName = 257, kStop = 258;

/// Bytes, and two tokens of several.
class SpellingTokenizer : public test::LettersTokenizer {
 public:
  SpellingTokenizer() : LettersTokenizer({"na", "name", "<end>"}) {}
  using Tokenizer::encode;
  std::vector<TokenId> encode(std::span<const TextPiece> pieces,
                              const EncodeOptions&) const override {
    std::vector<TokenId> ids;
    std::string_view text = pieces[0].text;
    while (!text.empty()) {
      const TokenId id = text.starts_with("name") ? kName
                         : text.starts_with("na") ? kNa
                                                  : static_cast<unsigned char>(text[0]);
      ids.push_back(id);
      text.remove_prefix(bytes(id).size());
    }
    return ids;
  }
  bool is_special(TokenId id) const override { return id == kStop; }
};

class GrammarGuideTest : public testing::Test {
 protected:
  /// Behind some tokens of a reply.
  GrammarGuide& behind(std::vector<std::string> texts, std::vector<TokenId> tokens,
                       std::vector<TokenId> stops = {kStop}, const ThinkingFrame& frame = {}) {
    source_ =
        std::make_shared<test::PredicateGrammar>(tokenizer_, test::one_of_words(std::move(texts)));
    grammar_.emplace(*source_, stops, frame, false);
    guide_.emplace(*grammar_, tokenizer_);
    for (const TokenId id : tokens) {
      guide_->push(id);
      grammar_->push(id, false);
    }
    return *guide_;
  }
  static std::vector<std::pair<TokenId, Why>> pairs(GrammarGuide& guide, std::size_t most = 32,
                                                    bool guesses = true) {
    std::vector<std::pair<TokenId, Why>> out;
    for (const auto& [token, why] : guide.expected(most, guesses)) out.emplace_back(token, why);
    return out;
  }

  std::shared_ptr<const Tokenizer> tokenizer_ = std::make_shared<SpellingTokenizer>();
  std::shared_ptr<const OutputGrammar> source_;
  std::optional<AnswerGrammar> grammar_;
  std::optional<GrammarGuide> guide_;
};

TEST_F(GrammarGuideTest, TokensThatLeaveNoChoiceAreCertainUpToTheLast) {
  GrammarGuide& guide = behind({"abcd"}, {'a'});
  // Behind 'd' nothing is to be computed: the reply is over.
  EXPECT_THAT(pairs(guide), ElementsAre(std::pair('b', Why::kOnly), std::pair('c', Why::kOnly)));
  EXPECT_THAT(pairs(guide, 32, false), pairs(guide));
  EXPECT_EQ(pairs(guide, 1).size(), 1u);
  EXPECT_EQ(grammar_->only_token(), 'b');  // looking ahead has moved nothing
  EXPECT_THAT(pairs(behind({"abcd", "acbd"}, {'a'})), IsEmpty());
  // Where the reply may end, that is another choice, unless nothing ends it.
  EXPECT_THAT(pairs(behind({"a", "abcd"}, {'a'})), IsEmpty());
  EXPECT_EQ(pairs(behind({"a", "abcd"}, {'a'}, {})).size(), 2u);
  // A stop token cannot come there, though the grammar could read it.
  EXPECT_THAT(pairs(behind({"abxx", "acxx"}, {'a'}, {'b'})),
              ElementsAre(std::pair('c', Why::kOnly), std::pair('x', Why::kOnly)));
}

TEST_F(GrammarGuideTest, TextThatMustComeIsSpeltAsUsual) {
  GrammarGuide& guide = behind({"{name: 1", "{name: 2"}, {});
  EXPECT_THAT(pairs(guide), ElementsAre(std::pair('{', Why::kOnly), std::pair(kName, Why::kSpelt),
                                        std::pair(':', Why::kSpelt), std::pair(' ', Why::kLast)));
  EXPECT_THAT(pairs(guide, 32, false), ElementsAre(std::pair('{', Why::kOnly)));
}

TEST_F(GrammarGuideTest, WhatCameLastTimeBehindATokenIsExpectedAgain) {
  // Behind ',' there may be a blank; last time there was one.
  const std::vector<std::string> texts = {"a,b,c!", "a, b,c!", "a,b, c!", "a, b, c!"};
  EXPECT_THAT(pairs(behind(texts, {'a', ',', ' '})),
              ElementsAre(std::pair('b', Why::kOnly), std::pair(',', Why::kOnly),
                          std::pair(' ', Why::kHabit), std::pair('c', Why::kOnly)));
  EXPECT_THAT(pairs(behind(texts, {'a', ',', 'b'})), ElementsAre(std::pair(',', Why::kOnly)));
}

TEST_F(GrammarGuideTest, WhereTheReplyIsFreeNothingIsExpected) {
  const ThinkingFrame frame{.opening = {'<', 't'}, .line_breaks = {'\n'}};
  GrammarGuide& guide = behind({"abcd"}, {}, {kStop}, frame);
  EXPECT_THAT(pairs(guide), IsEmpty());  // it may begin to think
  guide.push('<');
  grammar_->push('<', false);
  grammar_->push('t', true);
  EXPECT_THAT(pairs(guide), IsEmpty());  // it thinks
  grammar_->push('>', false);
  EXPECT_THAT(pairs(guide), IsEmpty());  // the line may break
  grammar_->push('\n', false);
  EXPECT_EQ(pairs(guide).size(), 3u);
}

TEST_F(GrammarGuideTest, DraftsAreCutWhereTokensMayNotCome) {
  GrammarGuide& guide = behind({"abc", "abd", "xy"}, {});
  Draft draft;
  const auto a = draft.add(Draft::kRoot, 'a', 0, 1);
  draft.add(Draft::kRoot, 'b', 0, 1);                              // never
  const auto end = draft.add(draft.add(a, 'b', 0, 1), 'c', 0, 1);  // ends the reply
  draft.add(end, 'c', 0, 1);
  draft.add(draft.add(draft.add(Draft::kRoot, 'x', 0, 1), 'x', 0, 1), 'y', 0, 1);
  guide.prune(draft);
  ASSERT_EQ(draft.size(), 3u);
  EXPECT_TRUE(draft.child(a, 'b'));
  EXPECT_TRUE(draft.child(Draft::kRoot, 'x'));
  // What may be thinking is not known.
  GrammarGuide& thinks = behind({"abc"}, {}, {kStop}, {.opening = {'<'}, .line_breaks = {}});
  Draft free;
  free.add(free.add(Draft::kRoot, '<', 0, 1), 'q', 0, 1);
  free.add(Draft::kRoot, 'q', 0, 1);
  thinks.prune(free);
  EXPECT_EQ(free.size(), 2u);
}

TEST_F(GrammarGuideTest, PlacesThatAreTooAmbiguousAreLeftAlone) {
  source_ = std::make_shared<test::PredicateGrammar>(tokenizer_, [](std::string_view text) {
    if (text.size() > 2) throw InputError("too ambiguous");
    return test::TextState{.may_go_on = std::string_view("aab").starts_with(text)};
  });
  grammar_.emplace(*source_, std::vector{kStop}, ThinkingFrame{}, false);
  GrammarGuide guide(*grammar_, tokenizer_);
  EXPECT_NO_THROW(guide.expected(8, true));
  Draft draft;
  draft.add(draft.add(draft.add(Draft::kRoot, 'a', 0, 1), 'a', 0, 1), 'a', 0, 1);
  guide.prune(draft);
  EXPECT_EQ(draft.size(), 2u);
}

TEST(SpellWithinText, LeavesOutTheBlankInFrontAndHalfCharacters) {
  /// As SentencePiece does.
  class Prefixing : public SpellingTokenizer {
   public:
    using Tokenizer::encode;
    std::vector<TokenId> encode(std::span<const TextPiece> pieces,
                                const EncodeOptions& options) const override {
      auto ids = SpellingTokenizer::encode(pieces, options);
      ids.insert(ids.begin(), ' ');
      return ids;
    }
  };
  EXPECT_THAT(spell_within_text(SpellingTokenizer(), "xname"), ElementsAre('x', kName));
  EXPECT_THAT(spell_within_text(Prefixing(), "xname"), ElementsAre('x', kName));
  EXPECT_THAT(spell_within_text(Prefixing(), "x\xe5\xa4"), ElementsAre('x'));
  EXPECT_THAT(spell_within_text(Prefixing(), "\xa4x"), IsEmpty());
}

}  // namespace
}  // namespace pangu
