// SPDX-License-Identifier: Apache-2.0
// Who knows of a reply's next tokens that some may not come, and that others must: its grammar.
#pragma once

#include <cstddef>
#include <vector>

#include "pangu/token.h"
#include "runtime/speculation/draft.h"

namespace pangu {

class TokenGuide {
 public:
  /// A token that is to be expected, and why.
  struct Expected {
    enum class Why {
      kOnly,   ///< it must come if those before it do
      kSpelt,  ///< it is the usual spelling of text that must come
      kLast,   ///< so is it, but what follows the text may be part of the same token
      kHabit,  ///< it is what came last time behind the same token, as a blank behind a colon
    };
    TokenId token;
    Why why;
  };

  virtual ~TokenGuide() = default;

  /// Tokens that follow one another from here, at most `most`, without one that ends the reply:
  /// nothing is to be computed behind that. Those that must come are certain; behind them are
  /// guesses, unless those are not wanted. Empty where the reply is free.
  virtual std::vector<Expected> expected(std::size_t most, bool guesses) = 0;

  /// Leaves out of a draft what may not come, with all behind it, and what ends the reply.
  virtual void prune(Draft& draft) = 0;
};

}  // namespace pangu
