// SPDX-License-Identifier: Apache-2.0
// Holds the answer of a reply to a grammar, and leaves its thinking free: which tokens may be drawn
// next, and when nothing is left to say. It depends on the tokens of the reply alone, so that a
// reply stays the same however it is computed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
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
  /// A copy looks ahead while this one stays.
  AnswerGrammar(const AnswerGrammar& other);
  AnswerGrammar(AnswerGrammar&&) noexcept = default;
  AnswerGrammar& operator=(AnswerGrammar&&) = delete;

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

  /// The one token that mask() leaves, if it leaves one and that does not end the reply. Throws as
  /// TokenConstraint::allowed.
  std::optional<TokenId> only_token();

  /// What the answer goes on with in any case: TokenConstraint::forced_text.
  std::string forced_text(std::size_t most);

  enum class Next {
    kNever,   ///< mask() leaves it out
    kGoesOn,  ///< it came; nothing has changed otherwise
    kEnds,    ///< it would end the reply
    kFree     ///< it may come, and what follows is not known: it may be thinking
  };
  /// Takes a token of a guess. Throws as TokenConstraint::push.
  Next try_push(TokenId id);

 private:
  struct Around {
    std::vector<TokenId> stops;
    ThinkingFrame thinking;
  };

  bool is_stop(TokenId id) const;
  bool is_line_break(TokenId id) const;
  std::span<const float> without_stops(std::span<const float> logits,
                                       std::vector<float>& work) const;
  bool may_open() const { return !has_begun_ && opened_ < around_->thinking.opening.size(); }
  bool opens(TokenId id) const { return may_open() && id == around_->thinking.opening[opened_]; }
  /// Whether the answer's own grammar, and nothing else, says what comes.
  bool is_within_answer() const { return !thinks_ && fits_ && !may_open() && !is_behind_thinking_; }

  const OutputGrammar& grammar_;
  std::shared_ptr<const Around> around_;
  bool has_begun_;                   ///< the answer, or thinking before it
  bool is_behind_thinking_ = false;  ///< whether the last token closed it
  std::size_t opened_ = 0;           ///< tokens of the opening that the reply begins with
  bool thinks_;
  std::unique_ptr<TokenConstraint> answer_;
  bool fits_ = true;  ///< whether the reply so far may be an answer, rather than an opening alone
};

}  // namespace pangu
