// SPDX-License-Identifier: Apache-2.0
#include "grammar/marked_grammar.h"

#include <gtest/gtest.h>

#include "pangu/error.h"
#include "tests/support/letters_tokenizer.h"
#include "tests/support/predicate_grammar.h"

namespace pangu::grammar {
namespace {

std::vector<TokenId> ids_of(std::span<const std::uint64_t> bits) {
  std::vector<TokenId> out;
  for (std::size_t id = 0; id < bits.size() * 64; ++id) {
    if (bits[id / 64] >> (id % 64) & 1) out.push_back(static_cast<TokenId>(id));
  }
  return out;
}

class MarkedGrammars : public testing::Test {
 protected:
  std::shared_ptr<const Tokenizer> tokenizer_ = std::make_shared<test::LettersTokenizer>();
  std::shared_ptr<const OutputGrammar> inner_ =
      std::make_shared<test::PredicateGrammar>(tokenizer_, test::one_of_words({"a", "ab"}));
  const TokenId a_ = 'a', b_ = 'b', begin_ = '<', end_ = '>';
};

TEST_F(MarkedGrammars, TheInnerOneComesBetweenTheMarkers) {
  const auto grammar = marked(inner_, begin_, end_);
  EXPECT_EQ(grammar->vocab_size(), inner_->vocab_size());
  const auto reply = grammar->begin();
  EXPECT_EQ(ids_of(reply->allowed()), std::vector<TokenId>{begin_});
  EXPECT_FALSE(reply->may_end());
  EXPECT_FALSE(reply->push(a_));
  EXPECT_TRUE(reply->push(begin_));
  EXPECT_EQ(ids_of(reply->allowed()), std::vector<TokenId>{a_});
  EXPECT_FALSE(reply->push(end_));
  EXPECT_TRUE(reply->push(a_));
  EXPECT_EQ(ids_of(reply->allowed()), (std::vector<TokenId>{end_, b_}));
  EXPECT_FALSE(reply->may_end());
  EXPECT_TRUE(reply->push(end_));
  EXPECT_TRUE(reply->may_end());
  EXPECT_TRUE(ids_of(reply->allowed()).empty());
  EXPECT_FALSE(reply->push(b_));
}

TEST_F(MarkedGrammars, WithoutAnEndTheInnerOneSaysWhereItIs) {
  const auto reply = marked(inner_, begin_, std::nullopt)->begin();
  EXPECT_TRUE(reply->push(begin_));
  EXPECT_FALSE(reply->may_end());
  EXPECT_TRUE(reply->push(a_));
  EXPECT_TRUE(reply->may_end());
  EXPECT_EQ(ids_of(reply->allowed()), std::vector<TokenId>{b_});
}

TEST_F(MarkedGrammars, ACopyLooksAheadAndTextIsForcedWithinThem) {
  const auto reply = marked(inner_, begin_, end_)->begin();
  EXPECT_EQ(reply->forced_text(9), "");  // a token that is no text
  const auto ahead = reply->copy();
  EXPECT_TRUE(ahead->push(begin_));
  EXPECT_EQ(ahead->forced_text(9), "a");
  const auto further = ahead->copy();
  EXPECT_TRUE(further->push(a_));
  EXPECT_EQ(further->forced_text(9), "");
  EXPECT_EQ(ids_of(further->allowed()), (std::vector<TokenId>{end_, b_}));
  EXPECT_EQ(ids_of(ahead->allowed()), std::vector<TokenId>{a_});
  EXPECT_EQ(ids_of(reply->allowed()), std::vector<TokenId>{begin_});
}

TEST_F(MarkedGrammars, FreeTextMayHaveItAnywhere) {
  for (const bool once : {false, true}) {
    const auto reply = marked_within(inner_, begin_, end_, once)->begin();
    EXPECT_EQ(std::ssize(ids_of(reply->allowed())), inner_->vocab_size());
    EXPECT_TRUE(reply->may_end());
    EXPECT_TRUE(reply->push(b_));
    EXPECT_TRUE(reply->push(end_));  // a marker that closes nothing is text
    EXPECT_TRUE(reply->push(begin_));
    EXPECT_FALSE(reply->may_end());
    EXPECT_EQ(ids_of(reply->allowed()), std::vector<TokenId>{a_});
    EXPECT_FALSE(reply->push(b_));
    EXPECT_TRUE(reply->push(a_));
    EXPECT_TRUE(reply->push(end_));
    EXPECT_TRUE(reply->may_end());
    EXPECT_EQ(reply->push(b_), !once);
    EXPECT_EQ(reply->push(begin_), !once);
    EXPECT_EQ(ids_of(reply->allowed()), once ? std::vector<TokenId>() : std::vector<TokenId>{a_});
  }
}

TEST_F(MarkedGrammars, MarkersOutsideTheVocabularyAreRefused) {
  EXPECT_THROW(marked(inner_, -1, end_), InputError);
  EXPECT_THROW(marked(inner_, begin_, inner_->vocab_size()), InputError);
  EXPECT_THROW(marked_within(inner_, begin_, -1, true), InputError);
}

}  // namespace
}  // namespace pangu::grammar
