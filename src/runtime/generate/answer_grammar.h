// SPDX-License-Identifier: Apache-2.0
// Holds the answer of a reply to a grammar, and leaves its thinking free: which tokens may be drawn
// next, and when nothing is left to say. It depends on the tokens of the reply alone, so that a
// reply stays the same however it is computed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "pangu/constraint.h"

namespace pangu {

/// What a reply may have around its thinking.
struct ThinkingFrame {
  std::vector<TokenId> opening = {};      ///< how it may begin to think; empty if it cannot
  std::vector<TokenId> line_breaks = {};  ///< one of these may stand between thinking and answer
};

class AnswerGrammar {
 public:
  /// The grammar must outlive it. `stops` end the reply; `thinks` if the prompt has opened the
  /// thinking already.
  AnswerGrammar(const OutputGrammar& grammar, std::span<const TokenId> stops, ThinkingFrame frame,
                bool thinks);

  /// The logits with those of tokens that may not come next at -infinity, in `work`; within
  /// thinking those are the ends of the reply alone. Throws InputError where no token can come and
  /// the answer may not end.
  std::span<const float> mask(std::span<const float> logits, std::vector<float>& work);

  /// Whether the next token is held to the grammar.
  bool governs() const { return !thinks_; }

  /// Takes the next token, which ended nothing; `thinks` if the reply is within its thinking now.
  void push(TokenId id, bool thinks);

  /// Whether the answer is complete and can have no further token.
  bool is_over();

 private:
  bool is_line_break(TokenId id) const;
  std::span<const float> without_stops(std::span<const float> logits,
                                       std::vector<float>& work) const;
  bool may_open() const { return opened_ < opening_.size(); }

  const OutputGrammar& grammar_;
  std::vector<TokenId> stops_;
  std::vector<TokenId> opening_;  ///< empty once the answer has begun or thinking was opened
  std::vector<TokenId> line_breaks_;
  bool is_behind_thinking_ = false;  ///< whether the last token closed it
  std::size_t opened_ = 0;           ///< tokens of it that the reply begins with
  bool thinks_;
  std::unique_ptr<TokenConstraint> answer_;
  bool fits_ = true;  ///< whether the reply so far may be an answer, rather than an opening alone
};

}  // namespace pangu
