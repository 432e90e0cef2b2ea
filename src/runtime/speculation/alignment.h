// SPDX-License-Identifier: Apache-2.0
// Follows a text along an earlier part of itself across tokens that differ, as a line of code is
// followed by one with another name in it: behind the name, the old line goes on.
#pragma once

#include <cstddef>
#include <optional>

#include "runtime/speculation/ngram_matcher.h"

namespace pangu {

class Alignment {
 public:
  /// Where the text is thought to go on, and why.
  struct Place {
    std::size_t position;  ///< of the token that is expected next
    int gaps;              ///< tokens in a row that differed before the agreeing ones
    int run;               ///< tokens that agree since
  };

  /// Nothing, unless a token differed since the text last matched.
  const std::optional<Place>& place() const { return place_; }

  /// The text is about to grow by `token`.
  void advance(const NGramMatcher& text, TokenId token);

 private:
  std::optional<Place> place_;
};

}  // namespace pangu
