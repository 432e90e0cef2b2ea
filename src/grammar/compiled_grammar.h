// SPDX-License-Identifier: Apache-2.0
// A grammar with the vocabulary that it holds replies to.
#pragma once

#include <memory>
#include <mutex>

#include "grammar/machine/token_masks.h"
#include "pangu/constraint.h"

namespace pangu::grammar {

class CompiledGrammar : public OutputGrammar, public std::enable_shared_from_this<CompiledGrammar> {
 public:
  CompiledGrammar(Program program, std::shared_ptr<const TokenTrie> trie,
                  const GrammarLimits& limits)
      : program_(std::move(program)), trie_(std::move(trie)), limits_(limits) {}

  TokenId vocab_size() const override { return trie_->vocab_size(); }
  std::unique_ptr<TokenConstraint> begin() const override;

 private:
  class Constraint;

  /// What replies have found out together; another one once it has become too large.
  std::shared_ptr<TokenMasks> masks() const;

  Program program_;
  std::shared_ptr<const TokenTrie> trie_;
  GrammarLimits limits_;
  mutable std::mutex mutex_;  ///< of all that replies find out
  mutable std::shared_ptr<TokenMasks> masks_;
};

}  // namespace pangu::grammar
