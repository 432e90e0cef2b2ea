// SPDX-License-Identifier: Apache-2.0
// Looks ahead in the grammar of a reply: tokens that leave no choice, the usual spelling of text
// that leaves none, and what of a draft may not come. The tokens of such text are mostly not the
// only ones allowed, for it can be spelt in several ways ({"na | me, {" | name); models nearly
// always spell it as their tokenizer does.
// Source: Zheng et al. 2024, "SGLang" (arXiv:2312.07104), section 4, which writes such text without
// asking the model. Here its spelling is a guess, and checked as any other.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pangu/tokenizer.h"
#include "runtime/generate/answer_grammar.h"
#include "runtime/speculation/token_guide.h"

namespace pangu {

class GrammarGuide : public TokenGuide {
 public:
  /// The grammar must outlive it. Without a tokenizer nothing is spelt.
  GrammarGuide(AnswerGrammar& grammar, std::shared_ptr<const Tokenizer> tokenizer)
      : grammar_(grammar), tokenizer_(std::move(tokenizer)) {}

  /// The next token of the reply, which the grammar has taken.
  void push(TokenId id);

  std::vector<Expected> expected(std::size_t most, bool guesses) override;
  void prune(Draft& draft) override;

 private:
  class Walk;

  const std::vector<TokenId>& spelling(const std::string& text);

  AnswerGrammar& grammar_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::string spelt_text_;                          ///< that spelling() was last asked for,
  std::vector<TokenId> spelt_;                      ///< and what it said
  std::unordered_map<TokenId, TokenId> followers_;  ///< what came last behind each token
  TokenId last_ = -1;
};

/// The usual tokens of a text that stands behind another one; none where it cannot be told. Of a
/// character that the text ends within, what is there is left out.
std::vector<TokenId> spell_within_text(const Tokenizer& tokenizer, std::string_view text);

}  // namespace pangu
