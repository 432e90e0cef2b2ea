// SPDX-License-Identifier: Apache-2.0
// Walks through a grammar at random, and compares the mask of every place with what NaiveMatcher
// says of every token.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>

#include "grammar/compiled_grammar.h"
#include "grammar/testing/naive_matcher.h"
#include "grammar/testing/words_tokenizer.h"

namespace pangu::grammar {

inline bool has_token(std::span<const std::uint64_t> mask, TokenId id) {
  return (mask[static_cast<std::size_t>(id) / 64] >> (id % 64) & 1) != 0;
}

/// Rules with all that is made of them.
struct TestGrammar {
  template <class Build>
  TestGrammar(const std::shared_ptr<const Tokenizer>& words, Build build,
              const GrammarLimits& limits = {})
      : tokenizer(words), budget(limits), rules(budget), root(build(rules)) {
    grammar = std::make_shared<CompiledGrammar>(compile_rules(rules, root),
                                                std::make_shared<TokenTrie>(tokenizer), limits);
  }

  std::shared_ptr<const Tokenizer> tokenizer;
  CompileBudget budget;
  RuleSet rules;
  RuleId root;
  std::shared_ptr<CompiledGrammar> grammar;
};

/// Whether a text is one of the language, byte by byte.
inline bool accepts(const OutputGrammar& grammar, std::string_view text) {
  const auto constraint = grammar.begin();
  for (const char c : text) {
    if (!constraint->push(static_cast<unsigned char>(c))) return false;
  }
  return constraint->may_end();
}

/// What any text that begins so goes on with, at most `most` bytes.
inline std::string forced_text_of(NaiveMatcher& naive, std::string text, std::size_t most) {
  const std::size_t begin = text.size();
  while (text.size() < begin + most && !naive.judge(text).is_whole) {
    std::string next;
    for (int byte = 0; byte < 256 && next.size() < 2; ++byte) {
      if (naive.judge(text + static_cast<char>(byte)).may_go_on) next += static_cast<char>(byte);
    }
    if (next.size() != 1) break;
    text += next;
  }
  return text.substr(begin);
}

/// One walk of up to `steps` tokens.
inline void check_masks_on_a_walk(TestGrammar& test, std::mt19937_64& rng, int steps) {
  NaiveMatcher naive(test.rules, test.root);
  std::unique_ptr<TokenConstraint> constraint = test.grammar->begin();
  std::string text;
  for (int step = 0; step <= steps; ++step) {
    ASSERT_EQ(constraint->may_end(), naive.judge(text).is_whole) << "'" << text << "'";
    const std::span<const std::uint64_t> mask = constraint->allowed();
    std::vector<TokenId> allowed;
    for (TokenId id = 0; id < test.tokenizer->vocab_size(); ++id) {
      const bool is_text = !test.tokenizer->is_special(id) && id != test.tokenizer->unk_id() &&
                           !test.tokenizer->bytes(id).empty();
      const bool may_come = is_text && naive.judge(text + test.tokenizer->bytes(id)).may_go_on;
      ASSERT_EQ(has_token(mask, id), may_come)
          << "token '" << test.tokenizer->bytes(id) << "' (" << id << ") after '" << text << "'";
      if (may_come) allowed.push_back(id);
    }
    ASSERT_EQ(constraint->forced_text(3), forced_text_of(naive, text, 3)) << "'" << text << "'";
    if (allowed.empty()) return;
    const TokenId id = allowed[rng() % allowed.size()];
    auto ahead = constraint->copy();
    ASSERT_TRUE(ahead->push(id));
    ASSERT_TRUE(std::ranges::equal(constraint->allowed(), mask)) << "'" << text << "'";
    if (step % 2 == 0) {
      constraint = std::move(ahead);
    } else {
      ASSERT_TRUE(constraint->push(id));
    }
    text += test.tokenizer->bytes(id);
  }
}

}  // namespace pangu::grammar
