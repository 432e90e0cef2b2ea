// SPDX-License-Identifier: Apache-2.0
// What a reply may say: which tokens may come next, and where it may end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "pangu/token.h"

namespace pangu {

/// One reply, from its first token on. Used by one thread at a time.
class TokenConstraint {
 public:
  virtual ~TokenConstraint() = default;

  /// The tokens that may come next: bit `id % 64` of word `id / 64`. Valid until the next push().
  /// None is set where only the end is left, or where no token of the vocabulary goes on. Throws
  /// InputError if the grammar is too ambiguous to be followed.
  virtual std::span<const std::uint64_t> allowed() = 0;

  /// Whether the reply may end here.
  virtual bool may_end() const = 0;

  /// Takes the next token. False, with nothing changed, if it may not come. Throws as allowed().
  virtual bool push(TokenId id) = 0;

  /// The same place once more, from which to look ahead while this one stays.
  virtual std::unique_ptr<TokenConstraint> copy() const = 0;

  /// Bytes that every reply goes on with from here, as far as there is no other way and it cannot
  /// end; at most `most`. They are guessed at once (docs/structured-output.md): a constraint that
  /// does not know them says nothing, and is obeyed as well. Throws as allowed().
  virtual std::string forced_text(std::size_t /*most*/) { return {}; }
};

/// What replies may say. Immutable, and shared by any number of replies and threads.
class OutputGrammar {
 public:
  virtual ~OutputGrammar() = default;

  /// Of the vocabulary that it was made for.
  virtual TokenId vocab_size() const = 0;

  /// For a reply that has no token yet.
  virtual std::unique_ptr<TokenConstraint> begin() const = 0;
};

}  // namespace pangu
